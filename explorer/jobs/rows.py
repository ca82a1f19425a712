"""Records as rows, and rows as records."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Any

from sqlalchemy import Row, Select, exists, select

from explorer.jobs.schema import checkpoints, runs, weights
from explorer.records import TrainConfig, TrainingRun, TrainPoint

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
)


def select_runs() -> Select[Any]:
    """All that a `TrainingRun` needs. Of checkpoints and weights only their being there: no blob is read."""
    return select(
        *(runs.c[name] for name in _COPIED),
        runs.c.config,
        runs.c.layers,
        exists().where(checkpoints.c.run_id == runs.c.id).label("resumable"),
        exists().where(weights.c.run_id == runs.c.id).label("has_weights"),
    )


def to_run(row: Row[Any]) -> TrainingRun:
    """The run of a row of `select_runs`."""
    values = row._mapping
    return TrainingRun(
        **{name: values[name] for name in _COPIED},
        config=TrainConfig.from_json(values["config"]),
        layers=tuple(json.loads(values["layers"])),
        resumable=bool(values["resumable"]),
        has_weights=bool(values["has_weights"]),
    )


def point_row(run_id: str, point: TrainPoint) -> dict[str, Any]:
    """A point as a row. Not-a-number becomes NULL, as SQLite would make it anyway."""
    row = asdict(point) | {"run_id": run_id}
    for name, value in row.items():
        if isinstance(value, float) and math.isnan(value):
            row[name] = None
    pairs = point.activations
    row["gradient_norms"] = _pack(point.gradient_norms)
    row["activations"] = None if pairs is None else _pack(chain.from_iterable(pairs))
    return row


def to_point(row: Row[Any]) -> TrainPoint:
    """The point of a row of `points`, every float as it was, bit for bit."""
    values = row._mapping
    flat = _unpack(values["activations"])
    always = ("epoch", "seconds", "lr", "train_loss", "train_accuracy", "images_per_second")
    return TrainPoint(
        step=values["step"],
        **{name: math.nan if values[name] is None else values[name] for name in always},
        test_loss=values["test_loss"],
        test_accuracy=values["test_accuracy"],
        gradient_norms=_unpack(values["gradient_norms"]),
        activations=None if flat is None else tuple(zip(flat[::2], flat[1::2], strict=True)),
    )


def _pack(numbers: Iterable[float] | None) -> bytes | None:
    if numbers is None:
        return None
    flat = tuple(numbers)
    return struct.pack(f"<{len(flat)}d", *flat)


def _unpack(packed: bytes | None) -> tuple[float, ...] | None:
    return None if packed is None else struct.unpack(f"<{len(packed) // 8}d", packed)
