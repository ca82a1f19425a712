"""Convert rows to task records; close tasks, and delete old results."""

from __future__ import annotations

import json
import time
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from explorer.jobs.schema import artifacts, task_weights, tasks
from explorer.records import OPEN_TASK_STATES, TaskOrder, TaskStatus

KEPT_BYTES = 500_000_000
"""Results beyond this are deleted, the oldest first."""

_ORDER = ("key", "slug", "version", "request", "model", "weights")


def order_of(row: Row[Any]) -> TaskOrder:
    """The order of a row of `tasks`."""
    return TaskOrder(**{name: row._mapping[name] for name in _ORDER})


def status_of(row: Row[Any]) -> TaskStatus:
    """The status of a row of `tasks`."""
    return TaskStatus(row.state, row.done, row.total, tuple(json.loads(row.reported)), row.detail, row.owner)


def end_tasks(connection: Connection, which: ColumnElement[bool], state: str, detail: str = "") -> int:
    """Close tasks; returns how many. Deletes weights that no open task needs, and the oldest results."""
    closed = update(tasks).where(which).values(state=state, detail=detail, finished=time.time())
    count = connection.execute(closed).rowcount
    needed = select(tasks.c.weights).where(tasks.c.state.in_(OPEN_TASK_STATES))
    connection.execute(delete(task_weights).where(task_weights.c.digest.not_in(needed)))
    _delete_old_results(connection)
    return count


def _delete_old_results(connection: Connection) -> None:
    sizes = select(tasks.c.key, func.coalesce(func.sum(artifacts.c.size), 0).label("size")).outerjoin(artifacts)
    closed = sizes.where(tasks.c.state.not_in(OPEN_TASK_STATES)).group_by(tasks.c.key, tasks.c.finished)
    total, excess = 0, []
    for row in connection.execute(closed.order_by(tasks.c.finished.desc(), tasks.c.key)).all():
        total += int(row.size)
        if total > KEPT_BYTES:
            excess.append(row.key)
    if excess:
        connection.execute(delete(tasks).where(tasks.c.key.in_(excess)))
