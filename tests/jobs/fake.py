"""A trainer without torch: chaotic like the real one, so that a wrong checkpoint is seen in every later point.

Options of the configuration steer it: `pause` (seconds for each step), `fails` or `diverges` (at that step), `hangs`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from explorer.errors import TrainingDiverged
from explorer.records import TrainConfig, TrainPoint


@dataclass(frozen=True)
class Info:
    parameters: int = 7
    layers: tuple[str, ...] = ("conv", "fc")
    device: str = "cpu"


def config(seed: int = 0, steps: int = 100, checkpoint_every: int = 10, **options: float) -> TrainConfig:
    return TrainConfig(
        network="fake",
        dataset="none",
        steps=steps,
        lr=0.1,
        seed=seed,
        checkpoint_every=checkpoint_every,
        options=tuple(options.items()),
    )


def undisturbed(of: TrainConfig) -> tuple[TrainPoint, ...]:
    """The curve of an undisturbed run."""
    return tuple(train(replace(of, options=())))


def train(
    config: TrainConfig,
    *,
    device: str = "auto",
    resume: bytes | None = None,
    on_start: Callable[[Info], None] = lambda info: None,
    on_checkpoint: Callable[[int, bytes], None] = lambda step, blob: None,
    stop: Callable[[int], bool] = lambda step: False,
) -> Iterator[TrainPoint]:
    options = dict(config.options)
    on_start(Info())
    step, x = json.loads(resume) if resume else (0, 0.3 + config.seed / 1000)
    if resume is None:
        yield _point(0, x)
    while step < config.steps and not stop(step):
        step, x = step + 1, 3.9 * x * (1 - x)
        time.sleep(float(options.get("hangs" if step > 20 and "hangs" in options else "pause", 0)))
        if step == options.get("fails"):
            raise ValueError("no such\nthing")
        if step == options.get("diverges"):
            raise TrainingDiverged(step, "loss")
        yield _point(step, x)
        if step % config.checkpoint_every == 0 and step < config.steps:
            on_checkpoint(step, json.dumps((step, x)).encode())
    on_checkpoint(step, json.dumps((step, x)).encode())


def weights_of(blob: bytes) -> bytes:
    return b"weights " + blob


def warm_up() -> None:
    """Nothing to import."""


def _point(step: int, x: float) -> TrainPoint:
    probed = step % 3 == 0
    return TrainPoint(
        step=step,
        epoch=step / 7,
        seconds=step / 1000,
        lr=0.1,
        train_loss=x,
        train_accuracy=1 - x,
        images_per_second=1 / 3,
        test_loss=x / 2 if step % 5 == 0 else None,
        test_accuracy=x / 3 if step % 5 == 0 else None,
        gradient_norms=(x, float("inf")) if probed else None,
        activations=((x, -x), (0.0, 1e-300)) if probed else None,
    )
