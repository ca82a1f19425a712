"""A catalogue of tasks without torch, for the workers of tests."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from explorer.errors import ExplorerError, UnknownEntry
from explorer.records import TaskOrder
from explorer.tasks import Report, TaskSpec

WEIGHTS = b"weights that are some hundred bytes long" * 10


@dataclass(frozen=True)
class Request:
    """`steps` of `pause` seconds; `fails` is what goes wrong at the end."""

    steps: int = 5
    pause: float = 0.0
    fails: str = ""
    number: int = 0


def run(model: Any, request: Request, report: Report) -> None:
    """Files: the process, what it was given, and a frame that is replaced with every step."""
    report.put("pid", str(os.getpid()).encode())
    report.put("model", json.dumps(model).encode())
    for step in range(1, request.steps + 1):
        time.sleep(request.pause)
        report.put("frame", str(step).encode())
        report.value(step / 2)
        report.progress(step, request.steps)
    if request.fails == "sentence":
        raise ExplorerError("There is no channel 99: choose 0 to 15.")
    if request.fails:
        raise ValueError(request.fails)
    report.put("result", f"{request.number} of {request.steps}".encode())


def result(files: Mapping[str, bytes]) -> str:
    return files["result"].decode()


SPEC = TaskSpec("fake", 1, Request, run, result)


def task(slug: str) -> TaskSpec:
    if slug != SPEC.slug:
        raise UnknownEntry("task", slug, (SPEC.slug,))
    return SPEC


def load_model(header: str, weights: bytes) -> Any:
    return [header, len(weights)]


def warm_up() -> None:
    """There is nothing to load."""


def order(request: Request, *, slug: str = "fake", version: int = 1, weights: str = "w") -> TaskOrder:
    """An order under a key of its own for each number of steps, number and digest of weights."""
    key = f"{request.steps:08}{request.number:08}{version:08}{weights:0>8}"
    return TaskOrder(key, slug, version, json.dumps(asdict(request)), "a header", weights)
