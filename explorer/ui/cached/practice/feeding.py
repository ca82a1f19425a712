"""Cached calls of the page about feeding a device: what was recorded, and what is measured beside the page."""

from __future__ import annotations

from explorer import tasks
from explorer.records import FeedResult, TaskOrder
from explorer.tasks.entries.feeding import TIMELINES, FeedRequest, timelines
from explorer.ui.cached import models as cached_models, runs as cached_runs
from explorer.weights import recorded_feeds, shipped

_DATASET = "shapes"


def machines() -> tuple[str, ...]:
    """The devices that timelines were recorded on, the one with most of them first."""
    found = [result.device for result in recorded_feeds()]
    return tuple(sorted(dict.fromkeys(found), key=lambda device: -found.count(device)))


def recorded(device: str) -> tuple[FeedResult, ...]:
    """The timelines that were recorded on a device."""
    return tuple(result for result in recorded_feeds() if result.device == device)


def order(most: int, batch: int, batches: int, step_ms: float, attempt: int) -> TaskOrder:
    """The task that measures this machine. Every task has a model: this one needs none, and gets a small one."""
    model = cached_models.model(_model())
    request = FeedRequest(_DATASET, most, batch, batches, step_ms, 2, attempt)
    return tasks.order("feeding", request, model.meta, model.id)


def weights() -> bytes:
    """The weights that the order names."""
    from safetensors.torch import save

    state = cached_models.model(_model()).state
    return save({name: tensor.contiguous() for name, tensor in state.items()})


def measured(key: str) -> tuple[FeedResult, ...]:
    """What a task has measured so far; nothing before its first timeline."""
    content = cached_runs.service().artifact(key, TIMELINES)
    return timelines(content) if content else ()


def _model() -> str:
    return shipped()["lenet5"]
