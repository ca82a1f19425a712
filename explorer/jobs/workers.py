"""Workers as everybody else sees them: where one is wanted, which is alive, and what the dead leave behind."""

from __future__ import annotations

import time
from contextlib import suppress

from sqlalchemy import delete, func, select, update

from explorer.errors import RunStoreError
from explorer.jobs.database import Database
from explorer.jobs.reaping import Silence, is_alive, reap
from explorer.jobs.schema import runs, slots, tasks
from explorer.jobs.task_rows import end_tasks
from explorer.jobs.timing import GRACE_SECONDS, LOOK_SECONDS
from explorer.records import OPEN_TASK_STATES

TASK_SLOTS = ("task-1", "task-2")
"""So many tasks run at once on a machine, beside its runs, each in a worker of its own."""


class Workers:
    """The slots of all machines; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._silence, self._looked = Silence(), -LOOK_SECONDS

    def waiting_slots(self) -> tuple[str, ...]:
        """The slots that a worker is wanted for: the devices that runs wait for, and as many for tasks as are open."""
        with self._database.reading() as connection:
            devices = connection.execute(select(runs.c.wanted).where(runs.c.state == "queued").distinct()).scalars()
            counted = select(tasks.c.state, func.count()).where(tasks.c.state.in_(OPEN_TASK_STATES))
            counts = {row[0]: row[1] for row in connection.execute(counted.group_by(tasks.c.state))}
            return (*devices, *TASK_SLOTS[: sum(counts.values()) if "waiting" in counts else 0])

    def fail_waiting(self, device: str, detail: str) -> None:
        """Close all that waits for a slot as failed: nothing on this machine can do it."""
        with self._database.writing() as connection:
            if device in TASK_SLOTS:
                end_tasks(connection, tasks.c.state == "waiting", "failed", detail)
                return
            failed = {"state": "failed", "reason": "error", "detail": detail, "finished": time.time(), "open_key": None}
            waiting = (runs.c.state == "queued") & (runs.c.wanted == device)
            connection.execute(update(runs).where(waiting).values(**failed))

    def is_attended(self, host: str, device: str) -> bool:
        """Whether a worker that is alive holds the slot of `device` on `host`."""
        here = (slots.c.host == host) & (slots.c.device == device)
        with self._database.reading() as connection:
            return connection.execute(select(slots.c.worker).where(here, is_alive(time.time()))).first() is not None

    def free_slot(self, worker: str) -> bool:
        """Forget the lease of a worker that is known to be dead, rather than wait for it to run out.

        Returns whether it had claimed anything.
        """
        claimed = (
            select(runs.c.id).where(runs.c.worker == worker).union(select(tasks.c.key).where(tasks.c.worker == worker))
        )
        with self._database.writing() as connection:
            connection.execute(delete(slots).where(slots.c.worker == worker))
            return connection.execute(claimed).first() is not None

    def reap(self, now: float | None = None, grace: float = GRACE_SECONDS) -> None:
        """Close what dead workers were at: runs are interrupted, tasks lost. `now` is in seconds since 1970.

        A worker is dead if it is silent and was so when this was called at least `grace` seconds ago.
        """
        with self._database.writing() as connection:
            reap(connection, self._silence, time.time() if now is None else now, grace)

    def look(self) -> None:
        """The same, at most once a second and only where something runs without a worker; for everybody who reads."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        alive = select(slots.c.worker).where(is_alive(time.time()))
        orphans = [
            select(table.c.worker).where(table.c.state == "running", table.c.worker.not_in(alive)).limit(1)
            for table in (runs, tasks)
        ]
        with self._database.reading() as connection:
            some = any(connection.execute(orphan).first() for orphan in orphans)
        if some:  # only then is there anything to write
            with suppress(RunStoreError):  # a store that takes no writes, on a full disk perhaps, can still be read
                self.reap()
