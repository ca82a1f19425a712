"""Arms of an experiment: means, spreads and gaps against NumPy's, from the recorded runs themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.records import RecordedRun
from explorer.training.comparing import Arm, Spread, arms, last_epoch
from explorer.training.presets import AUGMENTATIONS, EXPERIMENTS, SEEDS
from explorer.weights import lab_runs

EXPERIMENTS_OF = ("augmentation-cifar", "augmentation-shapes")


def pairs(runs: tuple[RecordedRun, ...]) -> list[tuple[object, object]]:
    return [(run.config, run.points) for run in runs]


@pytest.mark.parametrize("name", EXPERIMENTS_OF)
def test_an_arm_is_the_mean_and_the_range_of_its_seeds(name: str) -> None:
    runs = lab_runs(name)
    found = arms(pairs(runs))  # type: ignore[arg-type]
    assert [arm.augment for arm in found] == list(AUGMENTATIONS)
    for arm in found:
        own = [run for run in runs if run.config.augment == arm.augment]
        tested = [[p for p in run.points if p.step and p.test_accuracy is not None] for run in own]
        train = 100 * np.array([[p.train_accuracy for p in points] for points in tested])  # (seeds, tests)
        test = 100 * np.array([[p.test_accuracy for p in points] for points in tested])
        assert arm.seeds == len(own) == SEEDS
        assert arm.epochs == tuple(p.epoch for p in tested[0])
        for spreads, table in ((arm.train, train), (arm.test, test)):
            np.testing.assert_allclose([s.mean for s in spreads], table.mean(0), rtol=1e-12)
            np.testing.assert_allclose([s.low for s in spreads], table.min(0), rtol=1e-12)
            np.testing.assert_allclose([s.high for s in spreads], table.max(0), rtol=1e-12)
        gaps = (train - test)[:, -1]
        assert arm.gap is not None
        assert (arm.gap.mean, arm.gap.low, arm.gap.high) == pytest.approx((gaps.mean(), gaps.min(), gaps.max()))


def test_up_to_an_epoch_nothing_later_is_known() -> None:
    trained = pairs(lab_runs("augmentation-cifar"))
    assert last_epoch(trained) == pytest.approx(75)  # type: ignore[arg-type]
    for arm in arms(trained, 20):  # type: ignore[arg-type]
        assert arm.epochs == (5, 10, 15, 20)
        assert arm.gap is not None
        assert arm.gap.mean == pytest.approx(arm.train[3].mean - arm.test[3].mean)
    assert {arm.epochs for arm in arms(trained, 3)} == {()}  # type: ignore[arg-type]


def test_while_runs_go_on_an_arm_ends_where_the_slowest_is() -> None:
    first, second, *_ = lab_runs("augmentation-cifar")
    (arm,) = arms([(first.config, first.points), (second.config, second.points[:20])])
    assert len(arm.test) == len([p for p in second.points[:20] if p.step and p.test_accuracy is not None]) > 0
    (arm,) = arms([(first.config, first.points), (second.config, ())])
    assert arm == Arm(first.config.augment, 2)
    assert last_epoch([(first.config, ())]) == 1
    assert last_epoch([(first.config, first.points[:5])]) == pytest.approx(75)


def test_spread_of_one_is_that_one() -> None:
    assert Spread.of([3.0]) == Spread(3.0, 3.0, 3.0)


@pytest.mark.parametrize("name", EXPERIMENTS_OF)
def test_the_archive_has_every_run_of_its_experiment(name: str) -> None:
    runs = lab_runs(name)
    configs = [replace(run.config, dataset=run.config.dataset.removeprefix("own:")) for run in runs]
    assert configs == list(EXPERIMENTS[name].configs)
    for run in runs:
        assert run.name == f"{name}-{run.config.key}"
        assert run.command.split()[:4] == ["python", "-m", "explorer.training", name]
        assert run.points[-1].step == run.config.steps
        assert not run.diverged
        assert not run.weights


@pytest.mark.parametrize("name", EXPERIMENTS_OF)
def test_what_the_section_says_of_augmentation_is_what_was_recorded(name: str) -> None:
    """The control: crops and mirrors close the gap, and raise the accuracy on new images in every seed; too much
    of it keeps even the training images from being learned."""
    without, with_it, much = arms(pairs(lab_runs(name)))  # type: ignore[arg-type]
    assert without.train[-1].low > 99
    assert with_it.test[-1].low > without.test[-1].high
    assert with_it.gap is not None
    assert without.gap is not None
    assert with_it.gap.high < without.gap.low
    assert much.train[-1].high < 30
    assert much.test[-1].high < without.test[-1].low
