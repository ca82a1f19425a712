"""Summaries of training curves: epochs compared with the course's notebook; plain against residual networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, log

from explorer.networks import network, networks
from explorer.records import TrainConfig, TrainPoint
from explorer.training.presets import LENET

NOTEBOOK = {1: (0.8247, 0.8025), 2: (0.2817, 0.9295), 7: (0.1180, 0.9669), 30: (0.0502, 0.9856)}
"""Epoch -> training loss and accuracy printed by Keras in the course's notebook."""

STUCK = 0.955
"""A training loss above this share of that of guessing is hardly below it: 2.2 of ln 10 = 2.303 among ten classes."""

MARGIN, FAILING = 5.0, 2 / 9
"""The smallest difference of two training errors that counts, in percent; and the share of the error of guessing above
which a final error means that training failed: 20 of 90 % among ten classes.
"""


def guessing_loss(classes: int) -> float:
    """Cross-entropy of one who gives every class the same probability: ln(classes)."""
    return log(classes)


def guessing_error(classes: int) -> float:
    """Error of one who guesses, in percent."""
    return 100 * (1 - 1 / classes)


# --- one run by epoch -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of a run: means over its batches, and the test set after it. Accuracies are 0 to 1."""

    number: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float

    def stuck(self, classes: int) -> bool:
        """Whether the training loss is still that of guessing among so many classes."""
        return self.train_loss > STUCK * guessing_loss(classes)


def by_epoch(config: TrainConfig, points: Sequence[TrainPoint]) -> tuple[Epoch, ...]:
    """The complete epochs of a run that is evaluated once per epoch; means are weighted by the number of batches."""
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
    """Whether a run is comparable with the notebook's log: its recipe, on MNIST (fetched, or a visitor's own copy)."""
    ignored = ("dataset", "steps", "seed", "init", "log_every", "eval_every", "probe_every", "checkpoint_every")
    recipe = replace(config, **{name: getattr(LENET, name) for name in ignored})
    return config.dataset in ("mnist", "own:mnist") and recipe == LENET


# --- plain against residual -------------------------------------------------------------------------------------------


def is_compared(config: TrainConfig) -> bool:
    """Whether the network belongs to a family that is compared by depth, with and without skips."""
    spec = networks().get(config.network)
    return spec is not None and spec.depth > 0


def depth_and_skips(config: TrainConfig) -> tuple[int, bool]:
    """(number of weight layers, whether it has skips) of a compared network."""
    spec = network(config.network)
    options = spec.options(dict(config.options))
    return int(options.get("depth", spec.depth)), bool(options.get("residual", not spec.plain))


def final(points: Sequence[TrainPoint], measure: str) -> float | None:
    """The last measured value of a field or property of `TrainPoint` after step 0; None before the first."""
    values = [getattr(point, measure) for point in points if point.step]
    return next((float(value) for value in reversed(values) if value is not None), None)


def gradient_ratio(points: Sequence[TrainPoint]) -> float | None:
    """Gradient norm of the first weight layer over that of the last but one, at the first probe; None before it.

    The last layer is the classifier, whose gradient has passed through no other layer.
    """
    norms = next((point.gradient_norms for point in points if point.gradient_norms), None)
    return norms[0] / norms[-2] if norms and norms[-2] > 0 else None


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """The first weight layer at one probe: norms of its weights and of their gradient.

    `ratio` is that gradient over the one of the last layer but one.
    """

    step: int
    weight: float
    gradient: float
    ratio: float


def first_layer(points: Sequence[TrainPoint]) -> tuple[FirstLayer, FirstLayer] | None:
    """The first weight layer at the first probe and at the last; None where norms of weights were not probed."""
    probed = [point for point in points if point.weight_norms and point.gradient_norms]
    if len(probed) < 2:
        return None
    first, last = (_first_layer(point) for point in (probed[0], probed[-1]))
    return first, last


def _first_layer(point: TrainPoint) -> FirstLayer:
    weights, gradients = point.weight_norms or (), point.gradient_norms or ()
    ratio = gradients[0] / gradients[-2] if gradients[-2] > 0 else inf
    return FirstLayer(point.step, weights[0], gradients[0], ratio)


def gradient_range(points: Sequence[TrainPoint]) -> tuple[float, float] | None:
    """The smallest and the largest non-zero gradient norm of all layers and probes; None before the first."""
    norms = [norm for point in points for norm in point.gradient_norms or () if 0 < norm < inf]
    return (min(norms), max(norms)) if norms else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Final training errors in percent: of the deepest networks, `plain` and `residual`, and of the `shallow` plain.

    `kind` is "fails" where only the deep plain network fails to train, "skips" where both plain networks fail and the
    residual one does not, "both" where that fails as well, else "even". `deep` and `low` are the two depths. An error
    above `failing` is a failure: what it is depends on the number of classes.
    """

    deep: int
    low: int
    plain: float
    residual: float
    shallow: float
    failing: float

    @property
    def kind(self) -> str:
        """The outcome: "fails", "skips", "both" or "even"."""
        if self.residual < self.plain - MARGIN:
            if self.plain > self.shallow + MARGIN:
                return "fails"
            if min(self.plain, self.shallow) > self.failing >= self.residual:
                return "skips"
        return "both" if self.residual > self.failing else "even"


def verdict(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint]]], classes: int | None = None) -> Verdict | None:
    """The verdict of an experiment's runs; None until each of the three has a point.

    `classes` of the images, None where they are not known any more: then ten, as the published sets have.
    """
    errors = {depth_and_skips(config): final(points, "train_error") for config, points in runs}
    deep, low = max(depth for depth, _ in errors), min(depth for depth, _ in errors)
    plain, residual, shallow = errors.get((deep, False)), errors.get((deep, True)), errors.get((low, False))
    if plain is None or residual is None or shallow is None:
        return None
    return Verdict(deep, low, plain, residual, shallow, FAILING * guessing_error(classes or 10))
