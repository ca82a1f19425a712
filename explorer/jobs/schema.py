"""The tables of the run store. For their versions and migrations see `database.MIGRATIONS`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

version = Table("schema_version", metadata, Column("number", Integer, primary_key=True, autoincrement=False))

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("config", Text, nullable=False),
    Column("open_key", String(64), unique=True),  # configuration and device of an open run, NULL once it is closed
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
    Column("owner", String(64), nullable=False, default="", server_default=""),  # who may stop it: see `owning`
    Column("claimed", Double),  # when a worker took it last: see `queueing`
)


def _run_key(**options: Any) -> Column[str]:
    return Column("run_id", String(32), ForeignKey(runs.c.id, ondelete="CASCADE"), primary_key=True, **options)


def _checksum() -> Column[str]:
    """SHA-256 of `blob`, see `sealing`; empty for what was stored before there were any."""
    return Column("checksum", String(64), nullable=False, default="", server_default="")


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
    Column("gradient_norms", LargeBinary),  # an array of float64, little-endian
    Column("activations", LargeBinary),  # the same: mean, standard deviation, mean, ...
    Column("weight_norms", LargeBinary),
    sqlite_with_rowid=False,  # rows are stored in key order: a curve is read from neighbouring pages
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _run_key(),
    Column("step", Integer, nullable=False),
    Column("blob", LargeBinary, nullable=False),
    _checksum(),
)

weights = Table("weights", metadata, _run_key(), Column("blob", LargeBinary, nullable=False), _checksum())

slots = Table(
    "slots",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("device", String(16), primary_key=True),
    Column("worker", String(32), nullable=False, unique=True),
    Column("pid", Integer, nullable=False),
    Column("expires", Double, nullable=False),  # renewed by every heartbeat
)

tasks = Table(
    "tasks",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("request", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("weights", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("queued", Double, nullable=False),
    Column("finished", Double),
    Column("worker", String(32), index=True),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("reported", Text, nullable=False, default="[]"),
    Column("detail", Text, nullable=False, default=""),
    Column("stop_requested", Boolean, nullable=False, default=False),
    Column("owner", String(64), nullable=False, default="", server_default=""),  # as of a run
    Column("claimed", Double),
)

task_weights = Table(
    "task_weights",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("blob", LargeBinary, nullable=False),
    _checksum(),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("key", String(32), ForeignKey(tasks.c.key, ondelete="CASCADE"), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("size", Integer, nullable=False),  # in bytes, so that it is known without reading the blobs
    Column("blob", LargeBinary, nullable=False),
)

Index("runs_by_worker", runs.c.worker, runs.c.state)
