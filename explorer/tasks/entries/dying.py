"""One small network trained with several non-linearities at one rate: how many of its units fall silent."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records.nonlinear import DyingConfig, DyingRun
from explorer.tasks.contract import Files, Report, TaskSpec
from explorer.tasks.model import LoadedModel

RUNS = "runs.jsonl"
"""The file of what has been trained so far, replaced every few points."""

_OFTEN = 5  # points between two writings


@dataclass(frozen=True, slots=True)
class DyingRequest:
    """The rate and the seed that all arms share."""

    rate: float
    seed: int


def run(model: LoadedModel, request: DyingRequest, report: Report) -> None:
    """Train the arms one after the other; shares of silent units are the values. The model is not used."""
    from explorer.blocks.dying import ARMS, EVERY, train

    configs = [DyingConfig(arm, request.rate, request.seed) for arm in ARMS]
    total = sum(config.steps // EVERY + 1 for config in configs)
    done = 0
    finished: list[DyingRun] = []
    for config in configs:
        points = []
        for point in train(config):
            points.append(point)
            done += 1
            report.progress(done, total)
            report.value(float(f"{point.silent:.4g}"))
            if len(points) % _OFTEN == 0:
                report.put(RUNS, _written([*finished, DyingRun(config, tuple(points))]))
        finished.append(DyingRun(config, tuple(points)))
        report.put(RUNS, _written(finished))


def _written(runs: list[DyingRun]) -> bytes:
    return "\n".join(run.to_json() for run in runs).encode()


def result(files: Files) -> tuple[DyingRun, ...]:
    """Parse the runs."""
    return parsed(files[RUNS])


def parsed(content: bytes) -> tuple[DyingRun, ...]:
    """What has been trained so far."""
    return tuple(map(DyingRun.from_json, content.decode().splitlines()))


SPECS = (TaskSpec("dying", 1, DyingRequest, run, result),)
