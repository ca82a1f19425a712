"""The pulse of a worker: beside the work, four times a second, whatever the work does."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs.lease import Lease
from explorer.jobs.running import RunningRun, Unwritten
from explorer.jobs.timing import PULSE_SECONDS, STOP_SECONDS


class Pulse(threading.Thread):
    """Stays alive, writes points, hears of Stop; ends the process where a run does not end by itself."""

    def __init__(self, lease: Lease, terminating: threading.Event) -> None:
        super().__init__(name="pulse", daemon=True)
        self._lease, self._terminating, self._done = lease, terminating, threading.Event()
        self._group: tuple[RunningRun, ...] = ()
        self._unwritten = Unwritten(())
        self._all_stopping_since: float | None = None

    def watch(self, group: Sequence[RunningRun], unwritten: Unwritten) -> None:
        """Look after these runs, and what they report, from now on."""
        self._group, self._unwritten, self._all_stopping_since = tuple(group), unwritten, None

    def end(self) -> None:
        """Beat no more; returns when the last beat is over."""
        self._done.set()
        self.join()

    def run(self) -> None:
        """Beat until `end`."""
        while not self._done.wait(PULSE_SECONDS):
            try:
                self._beat()
                self._end_what_does_not_end()
            except RunStoreAway as problem:  # points wait for the next beat
                print(problem, file=sys.stderr, flush=True)
            except RunStoreError as problem:  # the lease has run out: the runs are no longer ours
                if self._active():
                    _exit_at_once(1, str(problem))
                return  # or was given back a moment ago; whoever claims by it hears so

    def _active(self) -> list[RunningRun]:
        return [run for run in self._group if not run.ended.is_set()]

    def _beat(self) -> None:
        with self._unwritten.all() as new:
            asked = self._lease.beat(new)
        for run in self._active():
            if run.id in asked or self._terminating.is_set():
                run.stop()

    def _end_what_does_not_end(self) -> None:
        active = self._active()
        if not active or not all(run.stopping.is_set() for run in active):
            self._all_stopping_since = None
        elif self._all_stopping_since is None:
            self._all_stopping_since = time.monotonic()
        elif time.monotonic() - self._all_stopping_since > STOP_SECONDS - PULSE_SECONDS:
            self._lease.close()
            _exit_at_once(0, "A step took too long to wait for its end; its run was stopped where it was.")


def _exit_at_once(status: int, why: str) -> None:
    """Leave without waiting for threads: one of them may sit in a step for seconds."""
    print(why, file=sys.stderr, flush=True)
    os._exit(status)
