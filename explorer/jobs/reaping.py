"""Workers that have died: found by their silence, and what they leave behind is closed."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, delete, select, tuple_, update

from explorer.jobs.schema import checkpoints, runs, slots, tasks
from explorer.jobs.task_rows import end_tasks
from explorer.jobs.timing import LEASE_SECONDS, STARTUP_SECONDS
from explorer.records import OPEN_STATES, STATES

KEPT_CHECKPOINTS = 50
CLOSED_STATES = tuple(state for state in STATES if state not in OPEN_STATES)


def is_alive(now: float) -> ColumnElement[bool]:
    """Of `slots`: the lease has not run out.

    One that ends later than any that is given, and than clocks of several machines differ, was written before the clock
    was set back: it says nothing any more.
    """
    return (slots.c.expires >= now) & (slots.c.expires <= now + STARTUP_SECONDS + LEASE_SECONDS)


class Silence:
    """Which workers are silent, and since when by this process's own clock.

    All leases run out at once when the store is away for a while, when the machine sleeps, or when its clock is set.
    Whoever lives beats again as soon as that is over; so nobody is dead who was only once seen silent.
    """

    def __init__(self) -> None:
        self._since: dict[tuple[str, float], float] = {}

    def longer_than(self, grace: float, silent: Mapping[str, float]) -> list[tuple[str, float]]:
        """Those of `silent` (worker: end of its lease) that were silent, with that same lease, `grace` seconds ago.

        To be asked within a transaction that writes: then the silent could have written as well.
        """
        now = time.monotonic()
        self._since = {lease: self._since.get(lease, now) for lease in silent.items()}
        return [lease for lease, since in self._since.items() if now - since >= grace]


def reap(connection: Connection, silence: Silence, now: float, grace: float) -> None:
    """Free the slots of dead workers: their runs are interrupted, their tasks lost. `now` is in seconds since 1970."""
    silent = select(slots.c.worker, slots.c.expires).where(~is_alive(now))
    dead = silence.longer_than(grace, {row.worker: row.expires for row in connection.execute(silent)})
    connection.execute(delete(slots).where(tuple_(slots.c.worker, slots.c.expires).in_(dead)))
    alive = select(slots.c.worker)
    orphaned = update(runs).where(runs.c.state == "running", runs.c.worker.not_in(alive))
    connection.execute(orphaned.values(state="interrupted", reason="worker-lost", finished=now, open_key=None))
    prune(connection)
    end_tasks(connection, (tasks.c.state == "running") & tasks.c.worker.not_in(alive), "lost")


def prune(connection: Connection) -> None:
    """Remove the checkpoints that the rule of `RunStore` does not keep."""
    closed = select(runs.c.id).join(checkpoints).where(runs.c.state.in_(CLOSED_STATES))
    old = closed.order_by(runs.c.finished.desc()).offset(KEPT_CHECKPOINTS)
    connection.execute(delete(checkpoints).where(checkpoints.c.run_id.in_(old)))
