"""What the points of a run say: its epochs, beside the course's notebook; and who wins, plain or residual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from explorer.networks import network, networks
from explorer.records import TrainConfig, TrainPoint
from explorer.training.presets import LENET

NOTEBOOK = {1: (0.8247, 0.8025), 2: (0.2817, 0.9295), 7: (0.1180, 0.9669), 30: (0.0502, 0.9856)}
"""Training loss and accuracy that Keras printed in the course's notebook, by epoch."""

STUCK_LOSS = 2.2
"""A training loss above this is hardly below that of guessing among ten classes, ln 10 = 2.303."""

APART, STILL_FAILS = 5.0, 20.0
"""Percent: how far two training errors must lie apart to count as different; a final error that is no success."""


# --- one run by epoch -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of a run: means over its batches, and the test set behind it. Accuracies are 0 to 1."""

    number: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float

    @property
    def stuck(self) -> bool:
        """Whether nothing was learned so far."""
        return self.train_loss > STUCK_LOSS


def by_epoch(config: TrainConfig, points: Sequence[TrainPoint]) -> tuple[Epoch, ...]:
    """The whole epochs of a run that was evaluated once in each; means are weighted by the batches they are over."""
    epochs, loss, accuracy, before = [], 0.0, 0.0, 0
    for point in points:
        batches, before = point.step - before, point.step
        loss, accuracy = loss + batches * point.train_loss, accuracy + batches * point.train_accuracy
        if point.step and point.step % config.eval_every == 0 and point.test_loss is not None:
            mean = loss / config.eval_every, accuracy / config.eval_every
            epochs.append(Epoch(point.step // config.eval_every, *mean, point.test_loss, point.test_accuracy or 0.0))
            loss = accuracy = 0.0
    return tuple(epochs)


def is_the_notebooks(config: TrainConfig) -> bool:
    """Whether the course's log can be laid beside it: its recipe, on MNIST (fetched, or a visitor's own copy)."""
    free = ("dataset", "steps", "seed", "init", "log_every", "eval_every", "probe_every", "checkpoint_every")
    same = replace(config, **{name: getattr(LENET, name) for name in free})
    return config.dataset in ("mnist", "own:mnist") and same == LENET


# --- plain against residual -------------------------------------------------------------------------------------------


def is_compared(config: TrainConfig) -> bool:
    """Whether a network is one of those that are compared by their depth, with and without skips."""
    spec = networks().get(config.network)
    return spec is not None and spec.depth > 0


def depth_and_skips(config: TrainConfig) -> tuple[int, bool]:
    """Weight layers of a compared network, and whether it has its skips."""
    spec = network(config.network)
    options = spec.options(dict(config.options))
    return int(options.get("depth", spec.depth)), bool(options.get("residual", not spec.plain))


def final(points: Sequence[TrainPoint], measure: str) -> float | None:
    """The last value of a field or property of `TrainPoint` that was measured after a step; None before the first."""
    values = [getattr(point, measure) for point in points if point.step]
    return next((float(value) for value in reversed(values) if value is not None), None)


def gradient_ratio(points: Sequence[TrainPoint]) -> float | None:
    """Gradient norm of the first weight layer over that of the last but one, at the first probe; None before it.

    The last layer is the classifier, whose gradient does not pass through the depth.
    """
    norms = next((point.gradient_norms for point in points if point.gradient_norms), None)
    return norms[0] / norms[-2] if norms and norms[-2] > 0 else None


def gradient_range(points: Sequence[TrainPoint]) -> tuple[float, float] | None:
    """The smallest and the largest gradient norm of all layers and probes, but for zeros; None before the first."""
    norms = [norm for point in points for norm in point.gradient_norms or () if 0 < norm < inf]
    return (min(norms), max(norms)) if norms else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Final training errors in percent: of the deepest networks, `plain` and `residual`, and of the `shallow` plain.

    `kind` is "fails" where only the deep plain network fails to train, "both" where the residual one fails as well,
    else "even". `deep` and `low` are their depths.
    """

    deep: int
    low: int
    plain: float
    residual: float
    shallow: float

    @property
    def kind(self) -> str:
        """Which sentence is true."""
        if self.plain > self.shallow + APART and self.residual < self.plain - APART:
            return "fails"
        return "both" if self.residual > STILL_FAILS else "even"


def verdict(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint]]]) -> Verdict | None:
    """What the runs of an experiment say; None until each of the three has a point."""
    errors = {depth_and_skips(config): final(points, "train_error") for config, points in runs}
    deep, low = max(depth for depth, _ in errors), min(depth for depth, _ in errors)
    plain, residual, shallow = errors.get((deep, False)), errors.get((deep, True)), errors.get((low, False))
    if plain is None or residual is None or shallow is None:
        return None
    return Verdict(deep, low, plain, residual, shallow)
