"""The heartbeat thread of a worker: renews the lease, writes progress and stops jobs, four times a second."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs.retrying import log
from explorer.jobs.timing import HEARTBEAT_SECONDS, STOP_SECONDS


class Job(Protocol):
    """A running run or task."""

    id: str
    stopping: threading.Event
    ended: threading.Event

    def stop(self) -> None:
        """Stop as soon as possible."""


class PendingUpdates(Protocol):
    """What jobs have reported and is not written yet."""

    def flush(self) -> AbstractContextManager[Mapping[str, Any]]:
        """Job id -> update to write; counts as written once the block has ended without an error."""


class JobLease(Protocol):
    """The worker's lease on its slot and jobs."""

    def heartbeat(self, updates: Mapping[str, Any], /) -> frozenset[str]:
        """Renew the lease and write `updates`; returns the ids of jobs with a stop request."""

    def close(self) -> None:
        """Mark the running jobs as stopped, and release the slot."""


class _NoUpdates:
    def flush(self) -> AbstractContextManager[Mapping[str, Any]]:
        return nullcontext({})


class Heartbeat(threading.Thread):
    """Renews the lease, writes updates and stops jobs; exits the process if a job does not stop in time."""

    def __init__(self, lease: JobLease, terminating: threading.Event) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._lease, self._terminating, self._done = lease, terminating, threading.Event()
        self._jobs: tuple[Job, ...] = ()
        self._updates: PendingUpdates = _NoUpdates()
        self._all_stopping_since: float | None = None

    def watch(self, jobs: Sequence[Job], updates: PendingUpdates) -> None:
        """Stop these jobs when requested, and write their updates, from now on."""
        self._jobs, self._updates, self._all_stopping_since = tuple(jobs), updates, None

    def stop(self) -> None:
        """Stop the thread; returns when its last heartbeat is done."""
        self._done.set()
        self.join()

    def run(self) -> None:
        """Send heartbeats until `stop`."""
        away = False
        while not self._done.wait(HEARTBEAT_SECONDS):
            try:
                self._beat()
                self._exit_if_stuck()
                away = False
            except RunStoreAway as problem:  # the updates are written with the next heartbeat
                if not away:  # said once, not four times a second
                    log(problem)
                away = True
            except RunStoreError as problem:  # the lease has expired: the jobs are no longer this worker's
                if self._active():
                    _exit_at_once(1, str(problem))
                return  # or was released a moment ago; the next claim raises

    def _active(self) -> list[Job]:
        return [job for job in self._jobs if not job.ended.is_set()]

    def _beat(self) -> None:
        with self._updates.flush() as updates:
            stop_requested = self._lease.heartbeat(updates)
        for job in self._active():
            if job.id in stop_requested or self._terminating.is_set():
                job.stop()

    def _exit_if_stuck(self) -> None:
        active = self._active()
        if not active or not all(job.stopping.is_set() for job in active):
            self._all_stopping_since = None
        elif self._all_stopping_since is None:
            self._all_stopping_since = time.monotonic()
        elif time.monotonic() - self._all_stopping_since > STOP_SECONDS - HEARTBEAT_SECONDS:
            self._lease.close()
            _exit_at_once(0, "A step took too long to wait for its end; its run was stopped where it was.")


def _exit_at_once(status: int, why: str) -> None:
    """Exit without waiting for threads: one of them may be in a step for seconds."""
    log(why)
    os._exit(status)
