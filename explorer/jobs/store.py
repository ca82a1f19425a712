"""The run store for pages: submit runs, read them, stop, resume, delete."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from explorer import rights
from explorer.errors import RunStoreError
from explorer.jobs.database import Database
from explorer.jobs.owning import check, digest
from explorer.jobs.queueing import check_room, queue
from explorer.jobs.reaping import prune
from explorer.jobs.rows import UNREADABLE, close_unreadable, select_runs, to_point, to_run
from explorer.jobs.schema import points, runs, weights
from explorer.jobs.sealing import opened
from explorer.jobs.workers import Workers
from explorer.records import OPEN_STATES, TrainConfig, TrainingRun, TrainPoint
from explorer.rights import MACHINE, Visitor

MOST_LISTED = 500
"""So many runs are read at once."""


class RunStore:
    """Training runs in a database at any SQLAlchemy `url`; safe to share between threads.

    The only channel between pages and workers: several servers and workers may use one store at once, on several
    machines if their clocks agree to a second or two. SQLite runs in WAL mode: readers and the writer do not block
    each other.

    What is kept: a run has at most one checkpoint, the newest. A finished run keeps its weights and no checkpoint.
    Of stopped, interrupted and failed runs the 50 closed last keep their checkpoints. Points and weights are only
    deleted with their run, by `delete`. Raises `RunStoreError` where the store cannot be opened or was written by a
    newer version.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        self.workers = Workers(self.database)

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- reading ------------------------------------------------------------------------------------------------------

    def run(self, run_id: str) -> TrainingRun:
        """One run. Raises `RunStoreError` if there is none of that id."""
        for run in self.runs(ids=(run_id,)):
            return run
        raise RunStoreError(f"There is no run {run_id!r}; it may have been deleted.", "no_run", run=run_id)

    def runs(
        self,
        ids: Collection[str] | None = None,
        states: Collection[str] | None = None,
        group: str | None = None,
        after: int = 0,
    ) -> tuple[TrainingRun, ...]:
        """Runs, the newest group first, those of a group as they were submitted. Unknown ids are left out.

        At most `MOST_LISTED` of them; those `after` so many others are the next ones.
        """
        self.workers.reap_orphans()
        query = select_runs().order_by(runs.c.created.desc(), runs.c.group, runs.c.position)
        query = query.limit(MOST_LISTED).offset(after)
        if ids is not None:
            query = query.where(runs.c.id.in_(ids))
        if states is not None:
            query = query.where(runs.c.state.in_(states))
        if group is not None:
            query = query.where(runs.c.group == group)
        with self.database.reading() as connection:
            result = tuple(to_run(row) for row in connection.execute(query))
        open_ = [run for run in result if run.reason == UNREADABLE and run.state == "failed" and run.finished is None]
        if open_:
            with suppress(RunStoreError), self.database.writing() as connection:
                close_unreadable(connection, open_)
        return result

    def count(self) -> int:
        """Number of all runs."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(runs)).scalar_one()

    def points(self, run_id: str, after: int = -1) -> tuple[TrainPoint, ...]:
        """The points of a run whose step is larger than `after`, by step."""
        query = select(points).where(points.c.run_id == run_id, points.c.step > after).order_by(points.c.step)
        with self.database.reading() as connection:
            return tuple(to_point(row) for row in connection.execute(query))

    def latest(self, run_ids: Collection[str]) -> dict[str, TrainPoint]:
        """The newest point of each run that has one."""
        last = select(points.c.run_id, func.max(points.c.step).label("step")).where(points.c.run_id.in_(run_ids))
        newest = last.group_by(points.c.run_id).subquery()
        joined = (points.c.run_id == newest.c.run_id) & (points.c.step == newest.c.step)
        with self.database.reading() as connection:
            return {row.run_id: to_point(row) for row in connection.execute(select(points).join(newest, joined))}

    def weights(self, run_id: str) -> bytes | None:
        """The weights of a finished run as a safetensors blob; None where there are none. Raises `RunDamaged`."""
        query = select(weights.c.blob, weights.c.checksum).where(weights.c.run_id == run_id)
        with self.database.reading() as connection:
            row = connection.execute(query).first()
        return opened(row)

    def place_in_queue(self, run_id: str) -> int:
        """Number of groups that come before the run's own for the same device; 0 for the next and if not queued."""
        query = select(runs.c.group, runs.c.wanted).where(runs.c.id == run_id, runs.c.state == "queued")
        with self.database.reading() as connection:
            row = connection.execute(query).first()
            if row is None:
                return 0
            waiting = (runs.c.state == "queued") & (runs.c.wanted == row.wanted)
            groups = queue(connection, runs, runs.c.group, waiting)
            return groups.index(row.group) if row.group in groups else 0  # taken in between

    # --- into the queue -----------------------------------------------------------------------------------------------

    def submit(
        self, configs: Sequence[TrainConfig], device: str = "auto", visitor: Visitor = MACHINE
    ) -> tuple[TrainingRun, ...]:
        """Queue one run for each configuration, all in one group; returns them in that order.

        A configuration that is already queued or running for `device` is joined: its run is returned, in its group.
        Concurrent submissions get the same runs: an open configuration is unique in the database. New ones belong to
        the visitor. Raises `NotAllowed` where visitors may train none, or have queued enough.
        """
        rights.check(visitor, "train")
        while True:
            try:
                with self.database.writing() as connection:
                    ids = _open_runs(connection, configs, device, visitor)
                break
            except IntegrityError:  # somebody else opened one of them in between: join it in the next round
                continue
        submitted = {run.id: run for run in self.runs(ids=set(ids))}
        return tuple(submitted[run_id] for run_id in ids)

    def resume(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Queue closed runs again, to be resumed from their checkpoints; points are kept.

        A run that ended before its first checkpoint starts over and repeats its points. Raises `RunStoreError`, and
        changes nothing, if one of them is open or finished, failed before a checkpoint, or if its configuration is open
        in another run; `NotYours` as `request_stop`, `NotAllowed` as `submit`.
        """
        rights.check(visitor, "train")
        try:
            with self.database.writing() as connection:
                check(connection, runs, ids, visitor)
                _check_room(connection, len(set(ids)), visitor)
                for run_id in ids:
                    _requeue(connection, run_id)
        except IntegrityError as problem:
            raise RunStoreError("The same configuration already waits or runs in another run.") from problem

    # --- closing ------------------------------------------------------------------------------------------------------

    def request_stop(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Stop runs: queued ones at once, running ones with their worker's next heartbeat.

        Raises `NotYours`, and changes nothing, where one is somebody else's.
        """
        self.database.with_room(lambda: self._request_stop(ids, visitor))

    def _request_stop(self, ids: Collection[str], visitor: Visitor) -> None:
        selected = runs.c.id.in_(ids)
        with self.database.writing() as connection:
            check(connection, runs, ids, visitor)
            queued = update(runs).where(selected, runs.c.state == "queued")
            connection.execute(queued.values(state="stopped", finished=time.time(), open_key=None))
            running = update(runs).where(selected, runs.c.state == "running")
            connection.execute(running.values(stop_requested=True, open_key=None))  # no longer joined by `submit`
            prune(connection)

    def delete(self, ids: Collection[str], visitor: Visitor = MACHINE) -> None:
        """Delete closed runs with all their data. Raises `RunStoreError`, and deletes none, if one is open.

        Raises `NotYours` as `request_stop`. On a full disk this works on the room that was kept for it.
        """
        self.database.with_room(lambda: self._delete(ids, visitor))

    def _delete(self, ids: Collection[str], visitor: Visitor) -> None:
        with self.database.writing() as connection:
            check(connection, runs, ids, visitor)
            query = select(runs.c.id).where(runs.c.id.in_(ids), runs.c.state.in_(OPEN_STATES))
            if open_ids := connection.execute(query).scalars().all():
                raise RunStoreError(f"Open runs cannot be deleted: {', '.join(open_ids)}. Stop them first.")
            connection.execute(delete(runs).where(runs.c.id.in_(ids)))


def open_key(config: TrainConfig, device: str) -> str:
    """Key that is unique among open runs."""
    return f"{config.key}@{device}"


def _check_room(connection: Connection, new: int, visitor: Visitor) -> None:
    most = rights.limits()
    check_room(connection, runs, OPEN_STATES, visitor, new, most.runs, most.all_runs)


def _open_runs(connection: Connection, configs: Sequence[TrainConfig], device: str, visitor: Visitor) -> list[str]:
    """Ids of the open runs of `configs`; missing ones are inserted."""
    keys = [open_key(config, device) for config in configs]
    known = select(runs.c.open_key, runs.c.id).where(runs.c.open_key.in_(keys))
    ids: dict[str, str] = {row.open_key: row.id for row in connection.execute(known)}
    group, now, owner = uuid.uuid4().hex, time.time(), digest(visitor)
    new: list[dict[str, Any]] = []
    for position, (key, config) in enumerate(zip(keys, configs, strict=True)):
        if key in ids:
            continue
        ids[key] = uuid.uuid4().hex
        row = {"id": ids[key], "config": config.to_json(), "open_key": key, "position": position, "owner": owner}
        new.append(row | {"state": "queued", "group": group, "wanted": device, "created": now, "queued": now})
    if new:
        _check_room(connection, len(new), visitor)
        connection.execute(insert(runs), sorted(new, key=lambda row: str(row["open_key"])))  # one order: no deadlock
    return [ids[key] for key in keys]


def _requeue(connection: Connection, run_id: str) -> None:
    row = connection.execute(select_runs().add_columns(runs.c.wanted).where(runs.c.id == run_id)).first()
    run = row and to_run(row)
    if row is None or run is None or not run.can_resume:
        state = (run.reason if run.reason == UNREADABLE else run.state) if run else "gone"
        raise RunStoreError(f"Run {run_id!r} cannot be resumed: it is {state}.")
    reset = {"finished": None, "worker": None, "stop_requested": False, "reason": "", "detail": ""}
    requeued = update(runs).where(runs.c.id == run_id, runs.c.state == run.state)
    key = open_key(run.config, row.wanted)
    connection.execute(requeued.values(state="queued", queued=time.time(), open_key=key, **reset))
