"""`Stopwatch`: seconds spent on steps, without evaluation, a `stop` that blocks, and a slow reader of points."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the time inside `running` blocks, on a CPU.

    A GPU is `asynchronous`: it works on when a block is left. Its watch starts with the first block, and is stopped by
    `pause` or `lap`, which must be called when the device is known to be done: after something was read from it.
    """

    def __init__(self, *, asynchronous: bool) -> None:
        self._asynchronous = asynchronous
        self._since: float | None = None
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """The work inside the block is timed."""
        if self._since is None:
            self._since = time.perf_counter()
        yield
        if not self._asynchronous:
            self.pause()

    def pause(self) -> None:
        """Stop the watch until the next block."""
        if self._since is not None:
            self.seconds += time.perf_counter() - self._since
            self._since = None

    def lap(self) -> float:
        """Stop the watch; seconds since the last lap."""
        self.pause()
        seconds, self.seconds = self.seconds, 0.0
        return seconds
