"""`TaskSpec`, `Report` and the catalogue of tasks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Protocol

from explorer.catalog import collect, lookup
from explorer.records import ModelMeta, TaskOrder
from explorer.tasks.model import LoadedModel

Files = Mapping[str, bytes]
"""The files of a task's result, by name."""


class Report(Protocol):
    """Where a task reports to. Every call may raise, to stop the task: do not catch that."""

    def progress(self, done: int, total: int) -> None:
        """Report that `done` of `total` steps are done."""

    def value(self, value: float) -> None:
        """Append a value to the curve that is shown while the task runs."""

    def put(self, name: str, content: bytes) -> None:
        """Add a file to the result; one of the same name is replaced."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """Declaration of a task: `run(model, request, report)` computes it, `result(files)` parses its files.

    `request` is a frozen dataclass of plain values. `version` is that of the algorithm.
    """

    slug: str
    version: int
    request: type[Any]
    run: Callable[[LoadedModel, Any, Report], None]
    result: Callable[[Files], Any]


@cache
def tasks() -> Mapping[str, TaskSpec]:
    """All tasks, by slug, in file order."""
    return collect("explorer.tasks.entries", TaskSpec)


def task(slug: str) -> TaskSpec:
    """A task by its slug. Raises `UnknownEntry`."""
    return lookup(tasks(), slug, "task")


def order(slug: str, request: Any, model: ModelMeta, weights: str) -> TaskOrder:
    """An order for a task; `weights` is a digest of the model's weights. Raises `UnknownEntry`."""
    spec = task(slug)
    request_json, model_json = json.dumps(asdict(request), sort_keys=True), model.to_json()
    text = json.dumps([spec.slug, spec.version, request_json, model_json, weights])
    key = hashlib.sha256(text.encode()).hexdigest()[:32]
    return TaskOrder(key, spec.slug, spec.version, request_json, model_json, weights)
