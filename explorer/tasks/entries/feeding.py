"""Loader workers and a trainer, measured on this machine, with one worker more each time; see `explorer.feeding`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from explorer.records import FeedConfig, FeedResult
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel

TIMELINES = "timelines.jsonl"
"""The file of what has been measured so far, replaced with every timeline."""


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """From no worker to `most`, then images in memory; `batches` batches of `batch` each, of a data set's images.

    A step is simulated and takes `step_ms`: the processors that load are not those that train.
    `attempt` tells one measurement from the next: what is measured is time, and the same request may have another
    result.
    """

    dataset: str
    most: int
    batch: int
    batches: int
    step_ms: float
    prefetch: int
    attempt: int


def configurations(request: FeedRequest) -> Iterator[FeedConfig]:
    """What is measured, one after the other."""
    usual = FeedConfig(
        dataset=request.dataset,
        batch=request.batch,
        batches=request.batches,
        step_ms=request.step_ms,
        prefetch=request.prefetch,
        pinned=False,
    )
    for workers in range(request.most + 1):
        yield replace(usual, workers=workers)
    yield replace(usual, source="memory")


def run(model: LoadedModel, request: FeedRequest, report: Report) -> None:
    """Measure; the images per second are the reported values. The model is not used: every task has one."""
    from explorer.feeding import measure

    measured: list[FeedResult] = []
    planned = tuple(configurations(request))
    steps = sum(config.batches + max(config.workers, 3) for config in planned)
    so_far = 0

    def done() -> None:
        nonlocal so_far
        so_far += 1
        report.progress(min(so_far, steps), steps)

    for config in planned:
        measured.append(measure(config, device="cpu", command="measured beside the page", done=done))
        report.put(TIMELINES, "\n".join(each.to_json() for each in measured).encode())
        report.value(float(f"{measured[-1].images_per_second:.5g}"))
    report.progress(steps, steps)


def result(files: Files) -> tuple[FeedResult, ...]:
    """Parse the timelines."""
    return timelines(files[TIMELINES])


def timelines(content: bytes) -> tuple[FeedResult, ...]:
    """What has been measured so far."""
    return tuple(map(FeedResult.from_json, content.decode().splitlines()))


SPECS = (TaskSpec("feeding", 1, FeedRequest, run, result),)
