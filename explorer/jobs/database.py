"""The database of the run store: connections, translation of its errors, migrations.

Any SQLAlchemy URL. SQLite runs in WAL mode: readers and the writer do not block each other.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError as PoolTimeout,
)

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs.reserve import Reserve
from explorer.jobs.schema import artifacts, checkpoints, metadata, points, runs, task_weights, tasks, version, weights
from explorer.jobs.timing import BUSY_SECONDS

T = TypeVar("T")


def _drop_recorded(connection: Connection) -> None:
    """Version 1 had an unused column `recorded`; a new store has none to drop."""
    if "recorded" in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(text("ALTER TABLE runs DROP COLUMN recorded"))


def _add_tasks(connection: Connection) -> None:
    """Version 2 had only runs: tasks were in separate files."""
    metadata.create_all(connection, [tasks, task_weights, artifacts])


def _add_weight_norms(connection: Connection) -> None:
    """In version 3 points had no norms of weights; those of before keep none."""
    _add_column(connection, points.c.weight_norms)


def _add_owners(connection: Connection) -> None:
    """In version 4 anybody could stop any run; those of before are still everybody's."""
    _add_column(connection, runs.c.owner)


def _add_checksums(connection: Connection) -> None:
    """In version 6 nobody saw whether the disk had damaged what was stored; what is from before stays unchecked."""
    for table in (weights, checkpoints, task_weights):
        _add_column(connection, table.c.checksum)


def _add_column(connection: Connection, column: Column[Any]) -> None:
    table = column.table.name
    if column.name not in {known["name"] for known in inspect(connection).get_columns(table)}:
        usual = "" if column.nullable else " NOT NULL DEFAULT ''"
        kind = column.type.compile(connection.dialect)
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column.name} {kind}{usual}"))


def _add_turns(connection: Connection) -> None:
    """In version 5 the queue knew no turns, and tasks no owner."""
    for table in (runs, tasks):
        for column in (table.c.owner, table.c.claimed):
            _add_column(connection, column)


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    metadata.create_all,
    _drop_recorded,
    _add_tasks,
    _add_weight_norms,
    _add_owners,
    _add_turns,
    _add_checksums,
)
"""Step i migrates a store from version i to i + 1. The first creates the current tables: the later ones have nothing to
do in a new store, and check before they change anything."""


FULL = "full"
"""The reason of `RunStoreAway` where there is no room left on the store's disk."""

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
        except (SQLAlchemyError, ImportError) as problem:
            raise _not_opened(url, problem) from problem
        if self.engine.dialect.name == "sqlite":
            _set_up_sqlite(self.engine)
        self._writer = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        try:
            self._migrate()
        except SQLAlchemyError as problem:
            self.close()
            raise _not_opened(url, problem) from problem
        except RunStoreError:
            self.close()
            raise
        self.reserve = Reserve(self.engine.url.database if self.engine.dialect.name == "sqlite" else None)
        self.reserve.keep()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def with_room(self, work: Callable[[], T]) -> T:
        """The result of `work`, one transaction that makes room or is small: on a full disk it uses the reserve."""
        try:
            result = work()
        except RunStoreAway as problem:
            if problem.reason != FULL:
                raise
            self.reserve.release()
            result = work()
        self.reserve.keep()
        return result

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
                    f"{len(MIGRATIONS)}. Update the program, or name another store in CONVNET_ATLAS_STORE.",
                    "newer",
                    version=current,
                    known=len(MIGRATIONS),
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
            "try again in a moment.",
            FULL if _is_full(problem) else "away",
            cause=_cause(problem),
        ) from problem
    except SQLAlchemyError as problem:
        raise RunStoreError(
            f"The run store cannot do this ({_cause(problem)}).", "cannot", cause=_cause(problem)
        ) from problem


def _is_full(problem: SQLAlchemyError) -> bool:
    return any(words in str(problem) for words in ("disk is full", "No space left", "could not extend file"))


def _not_opened(url: str, problem: Exception) -> RunStoreError:
    store, cause = _without_password(url), _cause(problem)
    return RunStoreError(
        f"The run store {store} cannot be opened ({cause}). Check CONVNET_ATLAS_STORE.",
        "not_opened",
        store=store,
        cause=cause,
    )


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
        connection.execute("PRAGMA secure_delete = FAST")  # else deleting weights writes as many zeros into the log
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
