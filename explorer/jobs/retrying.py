"""Retry a transaction while the run store is temporarily unavailable."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from explorer.errors import RunStoreAway
from explorer.jobs.timing import AWAY_SECONDS, HEARTBEAT_SECONDS

T = TypeVar("T")


def retry_while_away(work: Callable[[], T], seconds: float = AWAY_SECONDS) -> T:
    """The result of `work`, one transaction; it is retried on `RunStoreAway` for `seconds`.

    Raises what `work` raises, `RunStoreAway` only after that time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return work()
        except RunStoreAway:  # the heartbeat logs it
            if time.monotonic() > deadline:
                raise
            time.sleep(HEARTBEAT_SECONDS)


def log(line: object) -> None:
    """Write a line to the log, if it takes one: it may lie on the disk that is full."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
