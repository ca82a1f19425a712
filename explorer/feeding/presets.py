"""Ready-made sweeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from explorer.records import FeedConfig

WORKERS = (16, 8, 4, 2, 1, 0, 12)
_ROUNDS = 6  # batches of each worker


def with_workers(config: FeedConfig, workers: int) -> FeedConfig:
    """The same with so many workers, and as many batches for each of them."""
    return replace(config, workers=workers, batches=_ROUNDS * max(workers, 1))


def recorded(dataset: str = "own:cifar10") -> Iterator[FeedConfig]:
    """By worth: in memory, images/s by workers, then each switch, and steps of a faster and a slower device."""
    real = FeedConfig(dataset=dataset, batch=128)
    yield replace(real, source="memory", batches=64)
    for workers in WORKERS:
        yield with_workers(real, workers)
    eight = with_workers(real, 8)
    yield replace(eight, pinned=False)
    yield replace(eight, prefetch=1)
    yield replace(eight, prefetch=8)
    for step_ms in (5.0, 80.0):
        yield replace(eight, step_ms=step_ms)


def here(dataset: str = "shapes") -> Iterator[FeedConfig]:
    """For two cores, with simulated steps: the processor that loads is not the one that trains."""
    usual = FeedConfig(dataset=dataset, batch=32, batches=12, step_ms=60.0)
    for workers in (0, 1, 2, 3):
        yield replace(usual, workers=workers)
    yield replace(usual, workers=2, step_ms=200.0)
    yield replace(usual, source="memory")


def tiny(dataset: str = "shapes") -> Iterator[FeedConfig]:
    """Each way once, in seconds: that it works."""
    usual = FeedConfig(dataset=dataset, batch=4, batches=4, side=32, step_ms=1.0)
    yield replace(usual, source="memory", step_ms=0.0, network="cifar-resnet20")
    for workers in (0, 2):
        yield replace(usual, workers=workers)


PLANS: Mapping[str, Callable[..., Iterator[FeedConfig]]] = {"recorded": recorded, "here": here, "tiny": tiny}
"""By name; each takes the slug of a data set."""
