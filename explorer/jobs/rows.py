"""Convert records to rows and rows to records."""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select, update

from explorer.errors import ExplorerError, RunStoreError
from explorer.jobs.schema import checkpoints, runs, weights
from explorer.records import OPEN_STATES, TrainConfig, TrainingRun, TrainPoint

_COPIED = (
    "id",
    "state",
    "group",
    "created",
    "device",
    "started",
    "finished",
    "step",
    "parameters",
    "reason",
    "detail",
    "stop_requested",
    "owner",
)


UNREADABLE = "unreadable"
"""The reason of a run whose configuration this version cannot read."""

_PLACEHOLDER = TrainConfig(network="?", dataset="?", steps=1, lr=0.0)
_SCALARS = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}


def select_runs() -> Select[Any]:
    """The query for `to_run`. Of checkpoints and weights only whether they exist: no blob is read."""
    return select(
        *(runs.c[name] for name in _COPIED),
        runs.c.config,
        runs.c.layers,
        exists().where(checkpoints.c.run_id == runs.c.id).label("resumable"),
        exists().where(weights.c.run_id == runs.c.id).label("has_weights"),
    )


def to_run(row: Row[Any]) -> TrainingRun:
    """The run of a row of `select_runs`; one that this version cannot read is "unreadable", and failed if queued."""
    values = row._mapping
    known = {name: values[name] for name in _COPIED} | {
        "resumable": bool(values["resumable"]),
        "has_weights": bool(values["has_weights"]),
    }
    try:
        config, layers = read_config(values["config"]), tuple(map(str, json.loads(values["layers"])))
    except (RunStoreError, ValueError, TypeError, RecursionError) as problem:
        state = "failed" if values["state"] == "queued" else values["state"]
        placeholder = replace(_PLACEHOLDER, steps=max(values["step"], 1))
        return TrainingRun(**known | {"state": state, "reason": UNREADABLE, "detail": str(problem)}, config=placeholder)
    return TrainingRun(**known, config=config, layers=layers)


def read_config(text: str) -> TrainConfig:
    """Parse a stored configuration. Raises `RunStoreError` where another version wrote it, or it is damaged."""
    try:
        config = TrainConfig.from_json(text)
        hash(config)
    except ExplorerError as problem:  # a value that this version does not know
        raise RunStoreError(str(problem)) from problem
    except (ValueError, TypeError, AttributeError, RecursionError) as problem:
        raise RunStoreError(f"{type(problem).__name__}: {' '.join(str(problem).split())}") from problem
    for field in fields(config):
        kinds = _SCALARS.get(str(field.type))
        value = getattr(config, field.name)
        if kinds and (not isinstance(value, kinds) or isinstance(value, bool) != (field.type == "bool")):
            raise RunStoreError(f"{field.name} cannot be {value!r}; it is of type {field.type}.")
    return config


def close_unreadable(connection: Connection, unreadable: Iterable[TrainingRun]) -> None:
    """Close queued or just claimed runs that cannot be read, so that they do not block the queue."""
    for run in unreadable:
        closed = {"state": "failed", "reason": UNREADABLE, "detail": run.detail, "finished": time.time()}
        is_open = runs.c.state.in_(OPEN_STATES)
        connection.execute(update(runs).where(runs.c.id == run.id, is_open).values(**closed, open_key=None))


def point_row(run_id: str, point: TrainPoint) -> dict[str, Any]:
    """A point as a row. Not-a-number becomes NULL, as SQLite would make it anyway."""
    row = asdict(point) | {"run_id": run_id}
    for name, value in row.items():
        if isinstance(value, float) and math.isnan(value):
            row[name] = None
    pairs = point.activations
    row["gradient_norms"], row["weight_norms"] = _pack(point.gradient_norms), _pack(point.weight_norms)
    row["activations"] = None if pairs is None else _pack(chain.from_iterable(pairs))
    return row


def to_point(row: Row[Any]) -> TrainPoint:
    """The point of a row of `points`; floats are restored bit for bit."""
    values = row._mapping
    flat = _unpack(values["activations"])
    required = ("epoch", "seconds", "lr", "train_loss", "train_accuracy", "images_per_second")
    return TrainPoint(
        step=values["step"],
        **{name: math.nan if values[name] is None else values[name] for name in required},
        test_loss=values["test_loss"],
        test_accuracy=values["test_accuracy"],
        gradient_norms=_unpack(values["gradient_norms"]),
        activations=None if flat is None else tuple(zip(flat[::2], flat[1::2], strict=True)),
        weight_norms=_unpack(values["weight_norms"]),
    )


def _pack(numbers: Iterable[float] | None) -> bytes | None:
    if numbers is None:
        return None
    flat = tuple(numbers)
    return struct.pack(f"<{len(flat)}d", *flat)


def _unpack(packed: bytes | None) -> tuple[float, ...] | None:
    return None if packed is None else struct.unpack(f"<{len(packed) // 8}d", packed)
