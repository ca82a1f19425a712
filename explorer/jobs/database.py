"""The database of the run store: connections, translation of its errors, migrations.

Any SQLAlchemy URL. SQLite runs in WAL mode: readers and the writer do not block each other.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError as PoolTimeout,
)

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs.schema import artifacts, metadata, points, runs, task_weights, tasks, version
from explorer.jobs.timing import BUSY_SECONDS


def _drop_recorded(connection: Connection) -> None:
    """Version 1 had an unused column `recorded`; a new store has none to drop."""
    if "recorded" in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(text("ALTER TABLE runs DROP COLUMN recorded"))


def _add_tasks(connection: Connection) -> None:
    """Version 2 had only runs: tasks were in separate files."""
    metadata.create_all(connection, [tasks, task_weights, artifacts])


def _add_weight_norms(connection: Connection) -> None:
    """In version 3 points had no norms of weights; those of before keep none."""
    if "weight_norms" not in {column["name"] for column in inspect(connection).get_columns(points.name)}:
        kind = points.c.weight_norms.type.compile(connection.dialect)
        connection.execute(text(f"ALTER TABLE {points.name} ADD COLUMN weight_norms {kind}"))


def _add_owners(connection: Connection) -> None:
    """In version 4 anybody could stop any run; those of before are still everybody's."""
    if "owner" not in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        kind = runs.c.owner.type.compile(connection.dialect)
        connection.execute(text(f"ALTER TABLE {runs.name} ADD COLUMN owner {kind} NOT NULL DEFAULT ''"))


def _add_turns(connection: Connection) -> None:
    """In version 5 the queue knew no turns, and tasks no owner."""
    for table in (runs, tasks):
        known = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in (table.c.owner, table.c.claimed):
            if column.name not in known:
                kind = column.type.compile(connection.dialect)
                rest = "" if column.nullable else " NOT NULL DEFAULT ''"
                connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}{rest}"))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    metadata.create_all,
    _drop_recorded,
    _add_tasks,
    _add_weight_norms,
    _add_owners,
    _add_turns,
)
"""Step i migrates a store from version i to i + 1. The first creates the current tables: the later ones have nothing to
do in a new store, and check before they change anything."""


_JOURNAL_BYTES = 64_000_000  # SQLite's log is truncated to this: weights of half a gigabyte pass through it


class Database:
    """The tables at `url`, migrated to the current version; safe to share between threads.

    Raises `RunStoreError` for a store that cannot be opened or was written by a newer version. Later errors of the
    database become one as well, `RunStoreAway` where they may be temporary. Only an `IntegrityError` is passed on, for
    inserts that another process may make at the same moment.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self.engine = create_engine(url, pool_pre_ping=True)
            if self.engine.dialect.name == "sqlite":
                _set_up_sqlite(self.engine)
            self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            self._migrate()
        except (SQLAlchemyError, ImportError) as problem:
            raise RunStoreError(
                f"The run store {_without_password(url)} cannot be opened ({_cause(problem)}). "
                "Check CONVNET_ATLAS_STORE."
            ) from problem

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that only reads."""
        with _translate_errors(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first statement: committed at the end, or rolled back.

        On SQLite a transaction that begins by reading and then writes can fail at once when another writer was faster;
        one that begins as a writer waits for the lock.
        """
        with _translate_errors(), self._writer.begin() as connection:
            yield connection

    def _migrate(self) -> None:
        try:
            self._run_migrations()
        except DBAPIError:  # two processes created the tables at once: the second try finds them
            self._run_migrations()

    def _run_migrations(self) -> None:
        with self.engine.connect() as connection:
            if _version(connection) == len(MIGRATIONS):
                return
        with self._writer.begin() as connection:
            current = _version(connection)
            if current > len(MIGRATIONS):
                raise RunStoreError(
                    f"The run store is of version {current}, written by a newer ConvNet Atlas; this one reads up to "
                    f"{len(MIGRATIONS)}. Update the program, or name another store in CONVNET_ATLAS_STORE."
                )
            for migrate in MIGRATIONS[current:]:
                migrate(connection)
            connection.execute(version.delete())
            connection.execute(version.insert().values(number=len(MIGRATIONS)))


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except (OperationalError, InterfaceError, PoolTimeout) as problem:
        raise RunStoreAway(
            f"The run store does not answer ({_cause(problem)}). It may be locked, restarting, or out of disk space; "
            "try again in a moment."
        ) from problem
    except SQLAlchemyError as problem:
        raise RunStoreError(f"The run store cannot do this ({_cause(problem)}).") from problem


def _cause(problem: BaseException) -> str:
    return str(getattr(problem, "orig", None) or problem).splitlines()[0]


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "named"


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(version.name):
        return 0
    return connection.execute(select(version.c.number)).scalar() or 0


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, only a power cut can lose the last commits
        connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_BYTES}")
        _enable_wal(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _enable_wal(connection: Any) -> None:
    """Switch to WAL. SQLite does not wait for other connections here, whatever its busy timeout."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
