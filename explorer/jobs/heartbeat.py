"""The pulse of a worker: beside the work, four times a second, whatever the work does."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs.timing import PULSE_SECONDS, STOP_SECONDS


class Job(Protocol):
    """A run or a task that is worked at."""

    id: str
    stopping: threading.Event
    ended: threading.Event

    def stop(self) -> None:
        """End as soon as may be."""


class News(Protocol):
    """What jobs have reported and is not written yet."""

    def all(self) -> AbstractContextManager[Mapping[str, Any]]:
        """By job; once the block has ended without an error, it is written."""


class Held(Protocol):
    """The lease that jobs are done under."""

    def heartbeat(self, new: Mapping[str, Any], /) -> frozenset[str]:
        """Stay alive and write; returns the ids of the jobs that were asked to stop."""

    def close(self) -> None:
        """Mark what still runs as stopped, and give the slot back."""


class _NoNews:
    def all(self) -> AbstractContextManager[Mapping[str, Any]]:
        return nullcontext({})


class Pulse(threading.Thread):
    """Stays alive, writes what is new, hears of Stop; ends the process where a job does not end by itself."""

    def __init__(self, lease: Held, terminating: threading.Event) -> None:
        super().__init__(name="pulse", daemon=True)
        self._lease, self._terminating, self._done = lease, terminating, threading.Event()
        self._jobs: tuple[Job, ...] = ()
        self._news: News = _NoNews()
        self._all_stopping_since: float | None = None

    def watch(self, jobs: Sequence[Job], news: News) -> None:
        """Look after these jobs, and what they report, from now on."""
        self._jobs, self._news, self._all_stopping_since = tuple(jobs), news, None

    def end(self) -> None:
        """Beat no more; returns when the last beat is over."""
        self._done.set()
        self.join()

    def run(self) -> None:
        """Beat until `end`."""
        while not self._done.wait(PULSE_SECONDS):
            try:
                self._heartbeat()
                self._end_what_does_not_end()
            except RunStoreAway as problem:  # news wait for the next beat
                print(problem, file=sys.stderr, flush=True)
            except RunStoreError as problem:  # the lease has run out: the jobs are no longer ours
                if self._active():
                    _exit_at_once(1, str(problem))
                return  # or was given back a moment ago; whoever claims by it hears so

    def _active(self) -> list[Job]:
        return [job for job in self._jobs if not job.ended.is_set()]

    def _heartbeat(self) -> None:
        with self._news.all() as new:
            asked = self._lease.heartbeat(new)
        for job in self._active():
            if job.id in asked or self._terminating.is_set():
                job.stop()

    def _end_what_does_not_end(self) -> None:
        active = self._active()
        if not active or not all(job.stopping.is_set() for job in active):
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
