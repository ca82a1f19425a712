"""The run store for a worker that does tasks: its lease on a task slot, and the task it has claimed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from explorer.errors import RunStoreError
from explorer.jobs.queueing import queue
from explorer.jobs.schema import artifacts, task_weights, tasks
from explorer.jobs.sealing import opened
from explorer.jobs.slot import Slot
from explorer.jobs.task_rows import end_tasks, order_of
from explorer.records import TaskOrder


@dataclass(frozen=True, slots=True)
class TaskUpdate:
    """Progress of a task, and the files it has added since the last write."""

    done: int = 0
    total: int = 0
    values: tuple[float, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


class TaskLease(Slot):
    """A worker's lease on a task slot, and on the task that it does."""

    def claim(self, *, keep_slot: bool = False) -> tuple[TaskOrder, ...]:
        """Claim the task whose turn it is: of each owner one, see `queueing`. If none waits, the slot is released
        unless `keep_slot`.
        """
        query = select(tasks).where(self._ours())
        with self.store.database.writing() as connection:
            self._renew(connection)
            while True:
                if row := connection.execute(query).first():  # also by a claim whose reply was lost
                    return (order_of(row),)
                keys = queue(connection, tasks, tasks.c.key, tasks.c.state == "waiting")
                if not keys:
                    if not keep_slot:
                        self._release(connection)
                    return ()
                waits = (tasks.c.key == keys[0]) & (tasks.c.state == "waiting")  # else another worker was faster
                taken = {"state": "running", "worker": self.worker, "claimed": time.time()}
                connection.execute(update(tasks).where(waits).values(**taken))

    def heartbeat(self, updates: Mapping[str, TaskUpdate]) -> frozenset[str]:
        """Renew the lease and write `updates` in one transaction; returns the keys of tasks with a stop request."""
        with self.store.database.writing() as connection:
            self._renew(connection)
            self._write(connection, updates)
            stop_requested = connection.execute(select(tasks.c.key).where(self._ours(), tasks.c.stop_requested))
            return frozenset(stop_requested.scalars())

    def close(self) -> None:
        """Mark the running task as stopped and release the slot. Does nothing once the lease has expired."""
        with self.store.database.writing() as connection:
            end_tasks(connection, self._ours(), "stopped")
            self._release(connection)

    def weights(self, order: TaskOrder) -> bytes:
        """The weights submitted with an order. Raises `RunStoreError`."""
        query = select(task_weights.c.blob, task_weights.c.checksum).where(task_weights.c.digest == order.weights)
        with self.store.database.reading() as connection:
            row = connection.execute(query).first()
        if (blob := opened(row)) is None:
            raise RunStoreError("The weights of this task are gone; start it again.")
        return blob

    def finish(self, key: str, state: str, detail: str, updates: Mapping[str, TaskUpdate]) -> None:
        """Write the last updates and close a task."""
        with self.store.database.writing() as connection:
            self._write(connection, updates)
            if not end_tasks(connection, self._ours() & (tasks.c.key == key), state, detail):
                raise RunStoreError(f"Task {key!r} does not run in worker {self.worker} any more.")

    def _write(self, connection: Connection, updates: Mapping[str, TaskUpdate]) -> None:
        for key, new in updates.items():
            progress = {"done": new.done, "total": new.total, "reported": json.dumps(new.values)}
            changed = update(tasks).where(self._ours(), tasks.c.key == key).values(**progress)
            if not connection.execute(changed).rowcount:
                raise RunStoreError(f"Task {key!r} does not run in worker {self.worker} any more.")
            if new.files:
                old = (artifacts.c.key == key) & artifacts.c.name.in_(new.files)
                connection.execute(delete(artifacts).where(old))
                rows = [{"key": key, "name": n, "size": len(blob), "blob": blob} for n, blob in new.files.items()]
                connection.execute(insert(artifacts), rows)

    def _ours(self) -> ColumnElement[bool]:
        return (tasks.c.worker == self.worker) & (tasks.c.state == "running")
