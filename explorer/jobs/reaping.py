"""Reap dead workers: find those whose leases have expired, and close their jobs."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from explorer.jobs.processes import host_name, is_process
from explorer.jobs.schema import checkpoints, runs, slots, tasks
from explorer.jobs.task_rows import end_tasks
from explorer.jobs.timing import LEASE_SECONDS, PATIENCE, STARTUP_SECONDS
from explorer.records import OPEN_STATES, STATES

KEPT_CHECKPOINTS = 50
CLOSED_STATES = tuple(state for state in STATES if state not in OPEN_STATES)


def is_alive(now: float) -> ColumnElement[bool]:
    """Condition on `slots`: the lease has not expired.

    One that expires later than any granted now, plus the clock skew of several machines, was written before the clock
    was set back: it is invalid.
    """
    return (slots.c.expires >= now) & (slots.c.expires <= now + STARTUP_SECONDS + LEASE_SECONDS)


class ExpiredLeases:
    """The expired leases, and when this process first saw each of them (monotonic clock).

    All leases expire at once when the store is unavailable for a while, when the machine sleeps, or when its clock is
    set. Live workers renew theirs as soon as that is over; so an expired lease must be seen twice.
    """

    def __init__(self) -> None:
        self._first_seen: dict[tuple[str, float], float] = {}

    def longer_than(self, graces: Mapping[tuple[str, float], float]) -> list[tuple[str, float]]:
        """Those of the expired leases (worker, end) that were so, with the same end, as long ago as their grace.

        Call it within a transaction that writes: then the workers could have written as well.
        """
        now = time.monotonic()
        self._first_seen = {lease: self._first_seen.get(lease, now) for lease in graces}
        return [lease for lease, first_seen in self._first_seen.items() if now - first_seen >= graces[lease]]


def reap(connection: Connection, leases: ExpiredLeases, now: float, grace: float) -> None:
    """Free the slots of dead workers: their runs are interrupted, their tasks lost. `now` is in seconds since 1970."""
    expired = connection.execute(
        select(slots.c.worker, slots.c.expires, slots.c.host, slots.c.pid).where(~is_alive(now))
    )
    graces = {
        (row.worker, row.expires): grace * (PATIENCE if row.host == host_name() and is_process(row.pid) else 1)
        for row in expired
    }
    dead = leases.longer_than(graces)
    connection.execute(delete(slots).where(tuple_(slots.c.worker, slots.c.expires).in_(dead)))
    alive = select(slots.c.worker)
    orphaned = update(runs).where(runs.c.state == "running", runs.c.worker.not_in(alive))
    connection.execute(orphaned.values(state="interrupted", reason="worker-lost", finished=now, open_key=None))
    prune(connection)
    end_tasks(connection, (tasks.c.state == "running") & tasks.c.worker.not_in(alive), "lost")


def prune(connection: Connection) -> None:
    """Delete the checkpoints that `RunStore` does not keep."""
    closed = select(runs.c.id).join(checkpoints).where(runs.c.state.in_(CLOSED_STATES))
    old = closed.order_by(runs.c.finished.desc()).offset(KEPT_CHECKPOINTS)
    connection.execute(delete(checkpoints).where(checkpoints.c.run_id.in_(old)))
