"""What a task is, and the catalogue of all of them."""

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
"""What a task has put, by name."""


class Report(Protocol):
    """What a task says on its way. Every call may raise, to end a task that is to stop: let it pass."""

    def at(self, done: int, total: int) -> None:
        """So much of it is done."""

    def value(self, value: float) -> None:
        """One number more that is watched while it goes on."""

    def put(self, name: str, content: bytes) -> None:
        """A file of the result; one of the same name is replaced."""


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """One task: `run(model, request, report)` does it, `result(files)` reads what it has put.

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
    asked, of = json.dumps(asdict(request), sort_keys=True), model.to_json()
    named = json.dumps([spec.slug, spec.version, asked, of, weights])
    return TaskOrder(hashlib.sha256(named.encode()).hexdigest()[:32], spec.slug, spec.version, asked, of, weights)
