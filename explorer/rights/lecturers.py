"""The lecturer's key: in which browsers it was typed, and how often it may be guessed at."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from threading import Lock

from explorer.errors import BadSetting, NotAllowed

SHORTEST = 8
_GUESSES, _ALL_GUESSES, _MINUTES = 5, 60, 10  # wrong keys of a visitor, and of all together, in ten minutes
_HOURS = 12  # a day's teaching; on the next day it is typed again


def lecturer_key() -> str:
    """The key as it is set, "" for none: then nobody leads but who sits at the machine. Raises `BadSetting`."""
    key = os.environ.get("CONVNET_ATLAS_LECTURER_KEY", "").strip()
    if file := os.environ.get("CONVNET_ATLAS_LECTURER_KEY_FILE"):
        try:
            key = (Path(file).expanduser().read_text(encoding="utf-8").splitlines() or [""])[0].strip()
        except (OSError, ValueError) as problem:
            raise BadSetting(f"CONVNET_ATLAS_LECTURER_KEY_FILE cannot be read ({problem}).") from problem
        if not key:
            raise BadSetting("The file that CONVNET_ATLAS_LECTURER_KEY_FILE names has no key in its first line.")
    if key and len(key) < SHORTEST:
        raise BadSetting(f"The lecturer's key is shorter than {SHORTEST} characters.")
    return key


class Lecturers:
    """The browsers in which the key was typed, for twelve hours; safe to share between threads.

    They are known by digests of their secrets, in this process alone: after a restart the key is typed again.
    """

    def __init__(self, key: Callable[[], str] = lecturer_key, clock: Callable[[], float] = time.monotonic) -> None:
        self._key, self._clock, self._lock = key, clock, Lock()
        self._until: dict[bytes, float] = {}
        self._wrong: deque[tuple[float, bytes]] = deque()

    def has_key(self) -> bool:
        """Whether there is a key to be typed."""
        return bool(self._key())

    def knows(self, secret: str) -> bool:
        """Whether the key was typed in the browser with this secret."""
        with self._lock:
            return bool(secret) and self._until.get(_digest(secret), 0.0) > self._clock()

    def enter(self, secret: str, typed: str) -> bool:
        """Whether the key is right: then this browser is the lecturer's from now on.

        Raises `NotAllowed` after too many wrong ones, for a right one as well.
        """
        key, who = self._key(), _digest(secret)
        with self._lock:
            now = self._clock()
            while self._wrong and self._wrong[0][0] <= now - 60 * _MINUTES:
                self._wrong.popleft()
            if len(self._wrong) >= _ALL_GUESSES or sum(one == who for _, one in self._wrong) >= _GUESSES:
                raise NotAllowed("Too many wrong keys were typed.", "guesses", minutes=_MINUTES)
            if key and secret and compare_digest(_digest(typed.strip()), _digest(key)):
                self._until = {one: until for one, until in self._until.items() if until > now}
                self._until[who] = now + 3600 * _HOURS
                return True
            self._wrong.append((now, who))
            return False

    def leave(self, secret: str) -> None:
        """Forget a browser: it is a visitor's again."""
        with self._lock:
            self._until.pop(_digest(secret), None)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


lecturers = Lecturers()
"""Those of this server."""
