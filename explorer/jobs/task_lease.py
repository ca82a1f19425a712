"""The run store as a worker sees it that does tasks, one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from explorer.errors import RunStoreError
from explorer.jobs.schema import artifacts, task_weights, tasks
from explorer.jobs.slot import Slot
from explorer.jobs.task_rows import end_tasks, order_of
from explorer.records import TaskOrder


@dataclass(frozen=True, slots=True)
class TaskNews:
    """How far a task is, and the files it has put since it was last written."""

    done: int = 0
    total: int = 0
    values: tuple[float, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)


class TaskLease(Slot):
    """A worker's hold on one of the slots for tasks, and on the task that it does."""

    def claim(self, *, keep: bool = False) -> tuple[TaskOrder, ...]:
        """The task that has waited longest, now running; if none waits, the slot is given back unless to `keep`."""
        query = select(tasks).where(self._ours())
        oldest = select(tasks.c.key).where(tasks.c.state == "waiting").order_by(tasks.c.queued, tasks.c.key).limit(1)
        with self.store.database.writing() as connection:
            self._renew(connection)
            while True:
                if row := connection.execute(query).first():  # also by a claim whose answer was lost on its way
                    return (order_of(row),)
                key = connection.execute(oldest).scalar()
                if key is None:
                    if not keep:
                        self._give_back(connection)
                    return ()
                waits = (tasks.c.key == key) & (tasks.c.state == "waiting")  # else another worker was faster
                connection.execute(update(tasks).where(waits).values(state="running", worker=self.worker))

    def heartbeat(self, new: Mapping[str, TaskNews]) -> frozenset[str]:
        """Stay alive and write what is `new`, all at once; returns the keys of the tasks that were asked to stop."""
        with self.store.database.writing() as connection:
            self._renew(connection)
            self._write(connection, new)
            asked = connection.execute(select(tasks.c.key).where(self._ours(), tasks.c.stop_requested))
            return frozenset(asked.scalars())

    def close(self) -> None:
        """Mark what still runs here as stopped and give the slot back. Does nothing once the lease has run out."""
        with self.store.database.writing() as connection:
            end_tasks(connection, self._ours(), "stopped")
            self._give_back(connection)

    def weights(self, order: TaskOrder) -> bytes:
        """The weights that came with an order. Raises `RunStoreError`."""
        weights_query = select(task_weights.c.blob).where(task_weights.c.digest == order.weights)
        with self.store.database.reading() as connection:
            blob: bytes | None = connection.execute(weights_query).scalar()
        if blob is None:
            raise RunStoreError("The weights of this task are gone; start it again.")
        return blob

    def finish(self, key: str, state: str, detail: str, new: Mapping[str, TaskNews]) -> None:
        """Write the last news and close a task."""
        with self.store.database.writing() as connection:
            self._write(connection, new)
            if not end_tasks(connection, self._ours() & (tasks.c.key == key), state, detail):
                raise RunStoreError(f"Task {key!r} does not run in worker {self.worker} any more.")

    def _write(self, connection: Connection, new: Mapping[str, TaskNews]) -> None:
        for key, news in new.items():
            known = {"done": news.done, "total": news.total, "reported": json.dumps(news.values)}
            changed = update(tasks).where(self._ours(), tasks.c.key == key).values(**known)
            if not connection.execute(changed).rowcount:
                raise RunStoreError(f"Task {key!r} does not run in worker {self.worker} any more.")
            if news.files:
                old = (artifacts.c.key == key) & artifacts.c.name.in_(news.files)
                connection.execute(delete(artifacts).where(old))
                rows = [{"key": key, "name": n, "size": len(blob), "blob": blob} for n, blob in news.files.items()]
                connection.execute(insert(artifacts), rows)

    def _ours(self) -> ColumnElement[bool]:
        return (tasks.c.worker == self.worker) & (tasks.c.state == "running")
