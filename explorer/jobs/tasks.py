"""The run store for pages that order tasks: submit, status, result files, stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from explorer import rights
from explorer.jobs.database import Database
from explorer.jobs.owning import check, digest
from explorer.jobs.queueing import check_room
from explorer.jobs.schema import artifacts, task_weights, tasks
from explorer.jobs.sealing import sealed
from explorer.jobs.task_rows import end_tasks, status_of
from explorer.jobs.workers import Workers
from explorer.records import OPEN_TASK_STATES, TaskOrder, TaskStatus
from explorer.rights import MACHINE, Visitor


class TaskStore:
    """Tasks by their keys, in the database of the runs; safe to share between threads.

    What is kept: the files of closed tasks, up to `KEPT_BYTES` together, the oldest deleted first. The weights of a
    model are stored once, however many tasks use them, and only while one of these is open.
    """

    def __init__(self, database: Database, workers: Workers) -> None:
        self._database, self._workers = database, workers

    def submit(self, order: TaskOrder, weights: Callable[[], bytes], visitor: Visitor = MACHINE) -> None:
        """Queue a task unless it is waiting, running or done already; equal orders share one task.

        `weights()` returns safetensors bytes; it is called only if the store does not have them. A new one is the
        visitor's. Raises `NotAllowed` where visitors may order none, or have ordered enough.
        """
        rights.check(visitor, "search")
        blob: bytes | None = None
        while True:
            try:
                with self._database.writing() as connection:
                    if self._ensure_task(connection, order, blob, visitor):
                        return
            except IntegrityError:  # somebody else submitted it in between: join it in the next round
                continue
            blob = weights()  # outside the transaction: it may take a second

    @staticmethod
    def _ensure_task(connection: Connection, order: TaskOrder, blob: bytes | None, visitor: Visitor) -> bool:
        """Insert the task if necessary; False if its weights are missing."""
        state = connection.execute(select(tasks.c.state).where(tasks.c.key == order.key)).scalar()
        if state in (*OPEN_TASK_STATES, "done"):
            return True
        most = rights.limits()
        check_room(connection, tasks, OPEN_TASK_STATES, visitor, 1, most.tasks, most.all_tasks)
        known = select(task_weights.c.digest).where(task_weights.c.digest == order.weights)
        if connection.execute(known).first() is None:
            if blob is None:
                return False
            connection.execute(insert(task_weights).values(digest=order.weights, **sealed(blob)))
        connection.execute(delete(tasks).where(tasks.c.key == order.key))  # an ended one, with its files
        row = {"key": order.key, "slug": order.slug, "version": order.version, "request": order.request}
        row |= {"model": order.model, "weights": order.weights, "state": "waiting", "owner": digest(visitor)}
        connection.execute(insert(tasks).values(**row, queued=time.time()))
        return True

    def status(self, key: str) -> TaskStatus:
        """Status of a task."""
        self._workers.reap_orphans()
        with self._database.reading() as connection:
            row = connection.execute(select(tasks).where(tasks.c.key == key)).first()
        return status_of(row) if row else TaskStatus()

    def artifact(self, key: str, name: str) -> bytes | None:
        """A file of a task's result, None where there is none of that name."""
        query = select(artifacts.c.blob).where(artifacts.c.key == key, artifacts.c.name == name)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def artifacts(self, key: str) -> dict[str, bytes]:
        """All files of a task's result, by name."""
        query = select(artifacts.c.name, artifacts.c.blob).where(artifacts.c.key == key).order_by(artifacts.c.name)
        with self._database.reading() as connection:
            return {row.name: row.blob for row in connection.execute(query)}

    def request_stop(self, keys: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Stop tasks: waiting ones at once, running ones with their worker's next heartbeat; files are kept.

        Raises `NotYours`, and changes nothing, where one is somebody else's.
        """
        named = tasks.c.key.in_(keys)
        with self._database.writing() as connection:
            check(connection, tasks, keys, visitor)
            end_tasks(connection, named & (tasks.c.state == "waiting"), "stopped")
            connection.execute(update(tasks).where(named, tasks.c.state == "running").values(stop_requested=True))
