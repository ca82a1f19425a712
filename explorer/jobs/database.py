"""The database behind the run store: connections, the wall that its errors stop at, and how old stores are brought up.

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
from explorer.jobs.schema import artifacts, metadata, runs, task_weights, tasks, version
from explorer.jobs.timing import BUSY_SECONDS


def _drop_recorded(connection: Connection) -> None:
    """Version 1 had a column for runs made elsewhere, which none ever was; a store that is new has none to drop."""
    if "recorded" in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(text("ALTER TABLE runs DROP COLUMN recorded"))


def _add_tasks(connection: Connection) -> None:
    """Version 2 knew runs only: tasks lay in files of their own."""
    metadata.create_all(connection, [tasks, task_weights, artifacts])


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (metadata.create_all, _drop_recorded, _add_tasks)
"""Step i brings a store from version i to i + 1. The first makes the present tables: each later one has nothing left to
do in a store that is new, and looks before it changes anything."""


_JOURNAL_BYTES = 64_000_000  # what SQLite's log is cut back to: weights of half a gigabyte pass through it


class Database:
    """The tables at `url`, of the present version; safe to share between threads.

    Raises `RunStoreError` for a store that cannot be opened or was written by a newer version. Later, whatever the
    database raises becomes one as well: `RunStoreAway` where it may be gone a moment later. Only an `IntegrityError`
    passes, to whoever inserts what somebody else may insert at the same moment.
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
        with _wall(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is a writer from its first statement: committed at the end, undone by an error.

        On SQLite a transaction that begins by reading and then writes can fail at once when another writer was faster;
        one that begins as a writer waits for its turn.
        """
        with _wall(), self._writer.begin() as connection:
            yield connection

    def _migrate(self) -> None:
        try:
            self._take_steps()
        except DBAPIError:  # two processes made the tables at once: the second look finds them
            self._take_steps()

    def _take_steps(self) -> None:
        with self.engine.connect() as connection:
            if _version(connection) == len(MIGRATIONS):
                return
        with self._writer.begin() as connection:
            found = _version(connection)
            if found > len(MIGRATIONS):
                raise RunStoreError(
                    f"The run store is of version {found}, written by a newer ConvNet Atlas; this one reads up to "
                    f"{len(MIGRATIONS)}. Update the program, or name another store in CONVNET_ATLAS_STORE."
                )
            for step in MIGRATIONS[found:]:
                step(connection)
            connection.execute(version.delete())
            connection.execute(version.insert().values(number=len(MIGRATIONS)))


@contextmanager
def _wall() -> Iterator[None]:
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
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _write_ahead(connection: Any) -> None:
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
