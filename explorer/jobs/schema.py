"""The tables of the run store, their version, and how a connection is set up."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from explorer.errors import RunStoreError

metadata = MetaData()

version = Table("schema_version", metadata, Column("number", Integer, primary_key=True, autoincrement=False))

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("config", Text, nullable=False),
    Column("open_key", String(64), unique=True),  # what is asked for while the run is open, NULL once it is closed
    Column("state", String(16), nullable=False, index=True),
    Column("group", String(32), nullable=False, index=True),
    Column("position", Integer, nullable=False),  # within the group, as submitted
    Column("wanted", String(16), nullable=False),  # the device slot it waits for
    Column("created", Double, nullable=False, index=True),
    Column("queued", Double, nullable=False),  # when it was last put into the queue
    Column("worker", String(32)),
    Column("device", String(32), nullable=False, default=""),
    Column("started", Double),
    Column("finished", Double),
    Column("step", Integer, nullable=False, default=0),
    Column("parameters", Integer, nullable=False, default=0),
    Column("layers", Text, nullable=False, default="[]"),
    Column("reason", String(32), nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("stop_requested", Boolean, nullable=False, default=False),
)


def _run_key(**options: Any) -> Column[str]:
    return Column("run_id", String(32), ForeignKey(runs.c.id, ondelete="CASCADE"), primary_key=True, **options)


points = Table(
    "points",
    metadata,
    _run_key(),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Double),
    Column("seconds", Double),
    Column("lr", Double),
    Column("train_loss", Double),
    Column("train_accuracy", Double),
    Column("images_per_second", Double),
    Column("test_loss", Double),
    Column("test_accuracy", Double),
    Column("gradient_norms", LargeBinary),  # float64, little-endian, one after the other
    Column("activations", LargeBinary),  # the same: mean, standard deviation, mean, ...
    sqlite_with_rowid=False,  # rows lie in the order of their key: a curve is read from neighbouring pages
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _run_key(),
    Column("step", Integer, nullable=False),
    Column("blob", LargeBinary, nullable=False),
)

weights = Table("weights", metadata, _run_key(), Column("blob", LargeBinary, nullable=False))

slots = Table(
    "slots",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("device", String(16), primary_key=True),
    Column("worker", String(32), nullable=False, unique=True),
    Column("pid", Integer, nullable=False),
    Column("expires", Double, nullable=False),  # moved on by every heartbeat
)

Index("runs_by_worker", runs.c.worker, runs.c.state)


def _drop_recorded(connection: Connection) -> None:
    """Version 1 had a column for runs made elsewhere, which none ever was; a store that is new has none to drop."""
    if "recorded" in {column["name"] for column in inspect(connection).get_columns(runs.name)}:
        connection.execute(text("ALTER TABLE runs DROP COLUMN recorded"))


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (metadata.create_all, _drop_recorded)
"""Step i brings a store from version i to i + 1. The first makes the present tables: each later one has nothing left to
do in a store that is new, and looks before it changes anything."""

_BUSY_SECONDS = 10


def open_engine(url: str) -> Engine:
    """An engine for the run store at `url`, whose tables are there and of the present version.

    Raises `RunStoreError` for a store that cannot be opened or was written by a newer version.
    """
    try:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            _set_up_sqlite(engine)
        _migrate(engine)
    except (SQLAlchemyError, ImportError) as problem:
        shown = _without_password(url)
        cause = str(getattr(problem, "orig", None) or problem).splitlines()[0]
        raise RunStoreError(
            f"The run store {shown} cannot be opened ({cause}). Check CONVNET_ATLAS_STORE."
        ) from problem
    return engine


def for_writing(engine: Engine) -> Engine:
    """The same connections, whose transactions are writers from their first statement.

    On SQLite a transaction that begins by reading and then writes can fail at once when another writer was faster;
    one that begins as a writer waits for its turn.
    """
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


def _without_password(url: str) -> str:
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "named"


def _set_up_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")  # with WAL, only a power cut can lose the last commits
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _write_ahead(connection: Any) -> None:
    """Switch to WAL. SQLite does not wait for other connections here, whatever its busy timeout."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _migrate(engine: Engine) -> None:
    try:
        _take_steps(engine)
    except DBAPIError:  # two processes made the tables at once: the second look finds them
        _take_steps(engine)


def _take_steps(engine: Engine) -> None:
    if _version(engine) == len(MIGRATIONS):
        return
    with for_writing(engine).begin() as connection:
        found = _found(connection)
        if found > len(MIGRATIONS):
            raise RunStoreError(
                f"The run store is of version {found}, written by a newer ConvNet Atlas; this one reads up to "
                f"{len(MIGRATIONS)}. Update the program, or name another store in CONVNET_ATLAS_STORE."
            )
        for step in MIGRATIONS[found:]:
            step(connection)
        connection.execute(version.delete())
        connection.execute(version.insert().values(number=len(MIGRATIONS)))


def _version(engine: Engine) -> int:
    with engine.connect() as connection:
        return _found(connection)


def _found(connection: Connection) -> int:
    if not inspect(connection).has_table(version.name):
        return 0
    return connection.execute(select(version.c.number)).scalar() or 0
