"""Waiting for a run store that is away for a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from explorer.errors import RunStoreAway
from explorer.jobs.timing import AWAY_SECONDS, PULSE_SECONDS

T = TypeVar("T")


def patiently(work: Callable[[], T], seconds: float = AWAY_SECONDS) -> T:
    """What `work` returns: one transaction, done again while the store does not answer, for so many seconds.

    Raises what `work` raises, `RunStoreAway` only after that time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return work()
        except RunStoreAway as problem:
            if time.monotonic() > deadline:
                raise
            print(problem, file=sys.stderr, flush=True)
            time.sleep(PULSE_SECONDS)
