"""The run store for a worker that trains: its lease on a device slot, and the runs it has claimed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, case, delete, insert, select, update

from explorer.errors import RunStoreError
from explorer.jobs.queueing import queue
from explorer.jobs.reaping import prune
from explorer.jobs.rows import UNREADABLE, close_unreadable, point_row, select_runs, to_run
from explorer.jobs.schema import checkpoints, points, runs, weights
from explorer.jobs.sealing import opened, sealed
from explorer.jobs.slot import Slot
from explorer.records import TrainConfig, TrainPoint

Points = Mapping[str, Sequence[TrainPoint]]
"""Run id -> points."""

NONE: Points = MappingProxyType({})

DAMAGED = "damaged"
"""The reason of a run that failed because its checkpoint was not what had been stored."""


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    """A run claimed by a worker."""

    id: str
    config: TrainConfig


class Lease(Slot):
    """A worker's lease on a device slot, and on the runs of the one group that it trains at a time."""

    def claim(self, *, keep_slot: bool = False) -> tuple[ClaimedRun, ...]:
        """Claim the group whose turn it is: of each owner one, see `queueing`. If none waits, the slot is released
        unless `keep_slot`.

        A run that was resumed alone is claimed alone: the rest of its group is closed, or running already. A run that
        cannot be read is closed as failed, and the others are claimed without it.
        """
        waiting = (runs.c.state == "queued") & (runs.c.wanted == self.device)
        with self.store.database.writing() as connection:
            self._renew(connection)
            while True:
                if claimed := self._claimed(connection):
                    return claimed
                groups = queue(connection, runs, runs.c.group, waiting)
                if not groups:
                    if not keep_slot:
                        self._release(connection)
                    return ()
                taken = update(runs).where(waiting, runs.c.group == groups[0])  # none, if another worker was faster
                connection.execute(taken.values(state="running", worker=self.worker, claimed=time.time()))

    def _claimed(self, connection: Connection) -> tuple[ClaimedRun, ...]:
        """This worker's running runs: also by a claim whose reply from the database was lost."""
        ours = (runs.c.worker == self.worker) & (runs.c.state == "running")
        running = [to_run(row) for row in connection.execute(select_runs().where(ours).order_by(runs.c.position))]
        close_unreadable(connection, [run for run in running if run.reason == UNREADABLE])
        return tuple(ClaimedRun(run.id, run.config) for run in running if run.reason != UNREADABLE)

    def heartbeat(self, new: Points = NONE) -> frozenset[str]:
        """Renew the lease and write `new` points in one transaction; returns the ids of runs with a stop request."""
        ours = (runs.c.worker == self.worker) & (runs.c.state == "running")
        with self.store.database.writing() as connection:
            self._renew(connection)
            self._append(connection, new)
            stop_requested = connection.execute(select(runs.c.id).where(ours, runs.c.stop_requested))
            return frozenset(stop_requested.scalars())

    def close(self) -> None:
        """Mark the running runs as stopped and release the slot. Does nothing once the lease has expired."""
        ours = (runs.c.worker == self.worker) & (runs.c.state == "running")
        with self.store.database.writing() as connection:
            connection.execute(update(runs).where(ours).values(state="stopped", finished=time.time(), open_key=None))
            self._release(connection)
            prune(connection)

    # --- one run ------------------------------------------------------------------------------------------------------

    def started(self, run_id: str, parameters: int, layers: Sequence[str], device: str) -> None:
        """Write the size, layers and device of a run, once its network is built."""
        known = {"parameters": parameters, "layers": json.dumps(list(layers)), "device": device}
        with self.store.database.writing() as connection:
            self._write(connection, run_id, **known, started=time.time())

    def checkpoint(self, run_id: str) -> bytes | None:
        """The checkpoint to resume from, None for a new run. Raises `RunDamaged`."""
        query = select(checkpoints.c.blob, checkpoints.c.checksum).where(checkpoints.c.run_id == run_id)
        with self.store.database.reading() as connection:
            row = connection.execute(query).first()
        return opened(row)

    def append(self, new: Points) -> None:
        """Write points; existing ones of the same step are overwritten."""
        with self.store.database.writing() as connection:
            self._append(connection, new)

    def save_checkpoint(self, run_id: str, step: int, blob: bytes, new: Points = NONE) -> None:
        """Replace the run's checkpoint; the points up to it are written in the same transaction.

        A checkpoint without them would leave a gap in the curve: a resumed run does not repeat those steps.
        """
        with self.store.database.writing() as connection:
            self._append(connection, {run_id: (), **new})
            connection.execute(delete(checkpoints).where(checkpoints.c.run_id == run_id))
            connection.execute(insert(checkpoints).values(run_id=run_id, step=step, **sealed(blob)))

    def finish(
        self, run_id: str, state: str, reason: str = "", detail: str = "", weights_blob: bytes | None = None
    ) -> None:
        """Close a run. With weights, or where it is `DAMAGED`, its checkpoint is deleted."""
        closed = {"state": state, "reason": reason, "detail": detail, "finished": time.time(), "open_key": None}
        with self.store.database.writing() as connection:
            self._write(connection, run_id, **closed)
            if weights_blob is not None or reason == DAMAGED:
                connection.execute(delete(checkpoints).where(checkpoints.c.run_id == run_id))
            if weights_blob is not None:
                connection.execute(insert(weights).values(run_id=run_id, **sealed(weights_blob)))
            prune(connection)

    def _append(self, connection: Connection, new: Points) -> None:
        for run_id, run_points in new.items():
            steps = [point.step for point in run_points]
            last = max(steps, default=0)
            self._write(connection, run_id, step=case((runs.c.step < last, last), else_=runs.c.step))
            if steps:
                connection.execute(delete(points).where(points.c.run_id == run_id, points.c.step.in_(steps)))
                connection.execute(insert(points), [point_row(run_id, point) for point in run_points])

    def _write(self, connection: Connection, run_id: str, **values: object) -> None:
        ours = (runs.c.id == run_id) & (runs.c.worker == self.worker) & (runs.c.state == "running")
        if not connection.execute(update(runs).where(ours).values(**values)).rowcount:
            raise RunStoreError(f"Run {run_id!r} does not run in worker {self.worker} any more.")
