"""The run store as pages see it that order tasks: ask for one, look how it stands, read what it has put, stop it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from explorer.jobs.database import Database
from explorer.jobs.schema import artifacts, task_weights, tasks
from explorer.jobs.task_rows import end_tasks, status_of
from explorer.jobs.workers import Workers
from explorer.records import OPEN_TASK_STATES, TaskOrder, TaskStatus


class TaskStore:
    """Tasks by their keys, in the database of the runs; safe to share between threads.

    What is kept: the files of tasks that are over, up to `KEPT_BYTES` together, the oldest dropped first. The weights
    of a model are there once, however many tasks work with them, and only while one of these is open.
    """

    def __init__(self, database: Database, workers: Workers) -> None:
        self._database, self._workers = database, workers

    def submit(self, order: TaskOrder, weights: Callable[[], bytes]) -> None:
        """Make sure that a task waits, runs or is done: whoever else has asked for the same, it is there once.

        `weights`, safetensors bytes, are called for only where the store does not have them.
        """
        blob: bytes | None = None
        while True:
            try:
                with self._database.writing() as connection:
                    if self._is_there(connection, order, blob):
                        return
            except IntegrityError:  # somebody else asked for it in between: join it in the next round
                continue
            blob = weights()  # outside the transaction: it may take a second

    @staticmethod
    def _is_there(connection: Connection, order: TaskOrder, blob: bytes | None) -> bool:
        """Whether the task is there now; only its weights can be missing."""
        state = connection.execute(select(tasks.c.state).where(tasks.c.key == order.key)).scalar()
        if state in (*OPEN_TASK_STATES, "done"):
            return True
        known = select(task_weights.c.digest).where(task_weights.c.digest == order.weights)
        if connection.execute(known).first() is None:
            if blob is None:
                return False
            connection.execute(insert(task_weights).values(digest=order.weights, blob=blob))
        connection.execute(delete(tasks).where(tasks.c.key == order.key))  # with what it had put before it ended
        row = {"key": order.key, "slug": order.slug, "version": order.version, "request": order.request}
        row |= {"model": order.model, "weights": order.weights, "state": "waiting", "queued": time.time()}
        connection.execute(insert(tasks).values(**row))
        return True

    def status(self, key: str) -> TaskStatus:
        """How a task stands now."""
        self._workers.look()
        with self._database.reading() as connection:
            row = connection.execute(select(tasks).where(tasks.c.key == key)).first()
        return status_of(row) if row else TaskStatus()

    def artifact(self, key: str, name: str) -> bytes | None:
        """A file that a task has put, None where there is none of that name."""
        query = select(artifacts.c.blob).where(artifacts.c.key == key, artifacts.c.name == name)
        with self._database.reading() as connection:
            return connection.execute(query).scalar()

    def artifacts(self, key: str) -> dict[str, bytes]:
        """All files that a task has put, by name."""
        query = select(artifacts.c.name, artifacts.c.blob).where(artifacts.c.key == key).order_by(artifacts.c.name)
        with self._database.reading() as connection:
            return {row.name: row.blob for row in connection.execute(query)}

    def request_stop(self, keys: Collection[str]) -> None:
        """Stop tasks: those that wait at once, those that run as soon as their worker hears of it; files stay."""
        named = tasks.c.key.in_(keys)
        with self._database.writing() as connection:
            end_tasks(connection, named & (tasks.c.state == "waiting"), "stopped")
            connection.execute(update(tasks).where(named, tasks.c.state == "running").values(stop_requested=True))
