"""All workers: slots that need one, slots that have one, and reaping of dead workers."""

from __future__ import annotations

import time
from contextlib import suppress

from sqlalchemy import delete, func, select, update

from explorer.errors import RunStoreError
from explorer.jobs.database import Database
from explorer.jobs.processes import host_name, is_process
from explorer.jobs.reaping import ExpiredLeases, is_alive, reap
from explorer.jobs.schema import runs, slots, tasks
from explorer.jobs.task_rows import end_tasks
from explorer.jobs.timing import CHECK_SECONDS, GRACE_SECONDS
from explorer.records import OPEN_TASK_STATES

TASK_SLOTS = ("task-1", "task-2")
"""The slots for tasks: so many run at once on a machine, beside its runs, each in its own worker."""


class Workers:
    """The slots of all machines; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._expired, self._checked = ExpiredLeases(), -CHECK_SECONDS

    def waiting_slots(self) -> tuple[str, ...]:
        """The slots that need a worker: the devices that runs wait for, and as many task slots as tasks are open."""
        with self._database.reading() as connection:
            devices = connection.execute(select(runs.c.wanted).where(runs.c.state == "queued").distinct()).scalars()
            counted = select(tasks.c.state, func.count()).where(tasks.c.state.in_(OPEN_TASK_STATES))
            counts = {row[0]: row[1] for row in connection.execute(counted.group_by(tasks.c.state))}
            return (*devices, *TASK_SLOTS[: sum(counts.values()) if "waiting" in counts else 0])

    def fail_waiting(self, device: str, detail: str) -> None:
        """Close all jobs that wait for a slot as failed: no worker can be started for it."""
        with self._database.writing() as connection:
            if device in TASK_SLOTS:
                end_tasks(connection, tasks.c.state == "waiting", "failed", detail)
                return
            failed = {"state": "failed", "reason": "error", "detail": detail, "finished": time.time(), "open_key": None}
            waiting = (runs.c.state == "queued") & (runs.c.wanted == device)
            connection.execute(update(runs).where(waiting).values(**failed))

    def has_worker(self, host: str, device: str) -> bool:
        """Whether a live worker holds the slot `device` of `host`, or one that is silent and may still come back."""
        slot = (slots.c.host == host) & (slots.c.device == device)
        alive = is_alive(time.time()).label("alive")
        with self._database.reading() as connection:
            row = connection.execute(select(alive, slots.c.pid).where(slot)).first()
        if row is None or row.alive or host != host_name() or not is_process(row.pid):
            return bool(row and row.alive)
        self.reap()
        with self._database.reading() as connection:
            return connection.execute(select(slots.c.worker).where(slot)).first() is not None

    def free_slot(self, worker: str) -> bool:
        """Delete the lease of a worker that is known to be dead, rather than wait until it expires.

        Returns whether the worker had claimed anything.
        """
        claimed = (
            select(runs.c.id).where(runs.c.worker == worker).union(select(tasks.c.key).where(tasks.c.worker == worker))
        )
        with self._database.writing() as connection:
            connection.execute(delete(slots).where(slots.c.worker == worker))
            return connection.execute(claimed).first() is not None

    def reap(self, now: float | None = None, grace: float = GRACE_SECONDS) -> None:
        """Close the jobs of dead workers: runs are interrupted, tasks lost. `now` is in seconds since 1970.

        A worker is dead if its lease has expired, and had when this was called at least `grace` seconds ago.
        """
        with self._database.writing() as connection:
            reap(connection, self._expired, time.time() if now is None else now, grace)

    def reap_orphans(self) -> None:
        """The same, at most once a second and only if a job runs without a live worker; called before reading."""
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        alive = select(slots.c.worker).where(is_alive(time.time()))
        orphans = [
            select(table.c.worker).where(table.c.state == "running", table.c.worker.not_in(alive)).limit(1)
            for table in (runs, tasks)
        ]
        with self._database.reading() as connection:
            has_orphans = any(connection.execute(orphan).first() for orphan in orphans)
        if has_orphans:
            with suppress(RunStoreError):  # a store that takes no writes, perhaps on a full disk, can still be read
                self.reap()
