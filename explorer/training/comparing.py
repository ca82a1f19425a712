"""Runs with and without augmentation beside each other: accuracies of several seeds, and the gap between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.records import TrainConfig, TrainPoint


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, smallest and largest of several runs, in percent."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """That of some numbers, at least one."""
        return cls(sum(values) / len(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class Arm:
    """The runs of one augmentation, which differ by their seed: accuracies wherever all of them were tested.

    `train` is the accuracy on the batches since the point before, as the network saw them, augmented and in training
    mode; `gap` is what is between training and test at the end of each run. All are one longer than nothing: an arm
    without a test has none of them.
    """

    augment: str
    seeds: int
    epochs: tuple[float, ...] = ()
    train: tuple[Spread, ...] = ()
    test: tuple[Spread, ...] = ()
    gap: Spread | None = None


def last_epoch(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint]]]) -> float:
    """The epoch at which the longest of these runs ends; 1 while none has begun."""
    begun = [(config, points[-1]) for config, points in runs if points and points[-1].step]
    return max((last.epoch / last.step * config.steps for config, last in begun), default=1.0)


def arms(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint]]], epochs: float = float("inf")) -> tuple[Arm, ...]:
    """The arms of an experiment in the order of its runs, up to so many epochs."""
    names = dict.fromkeys(config.augment for config, _ in runs)
    return tuple(_arm(name, [points for config, points in runs if config.augment == name], epochs) for name in names)


def _arm(augment: str, curves: Sequence[Sequence[TrainPoint]], epochs: float) -> Arm:
    tested = [
        {p.step: p for p in points if p.step and p.test_accuracy is not None and p.epoch <= epochs} for points in curves
    ]
    steps = sorted(set.intersection(*map(set, tested)))
    if not steps:
        return Arm(augment, len(curves))
    pairs = [
        [(100 * own[step].train_accuracy, 100 * (own[step].test_accuracy or 0)) for own in tested] for step in steps
    ]
    return Arm(
        augment,
        len(curves),
        tuple(tested[0][step].epoch for step in steps),
        tuple(Spread.of([train for train, _ in at]) for at in pairs),
        tuple(Spread.of([test for _, test in at]) for at in pairs),
        Spread.of([train - test for train, test in pairs[-1]]),
    )
