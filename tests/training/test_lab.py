"""What controls stand for: every combination was recorded, and is found whatever way it is written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.networks import network
from explorer.records import TrainConfig
from explorer.training.lab import expected_seconds, recorded_for
from explorer.training.presets import DIGITS, EXPERIMENTS, LENET
from explorer.weights import lab_runs, recorded

LABS = ("digits-lab", "lenet-lab")


@pytest.mark.parametrize("lab", LABS)
def test_an_archive_has_every_configuration_of_its_experiment_once(lab: str) -> None:
    runs = lab_runs(lab)
    assert [run.config for run in runs] == list(EXPERIMENTS[lab].configs)
    assert len({run.name for run in runs}) == len(runs)
    assert {run.command.split()[3] for run in runs} == {lab}


@pytest.mark.parametrize("lab", LABS)
def test_a_recorded_run_of_an_archive_goes_to_its_end_or_says_that_it_diverged(lab: str) -> None:
    for run in lab_runs(lab):
        assert run.points[0].step == 0
        assert (run.points[-1].step < run.config.steps) == run.diverged
        assert bool(run.weights) == (lab == "lenet-lab")
        if run.weights:
            right = sum(row[i] for i, row in enumerate(run.confusion))
            assert right / 360 == pytest.approx(run.half_accuracy, abs=1e-6)
            assert abs((run.half_accuracy or 0) - (run.test_accuracy or 0)) < 0.006  # two of 360 images


def test_what_leaves_the_points_alone_finds_the_same_run() -> None:
    (plain,) = [run for run in recorded("digits") if dict(run.config.options) == {"depth": 56, "residual": False}]
    whole = tuple(network("thin-resnet").options(dict(plain.config.options)).items())
    for same in (
        plain.config,
        replace(plain.config, options=whole),
        replace(plain.config, options=(*plain.config.options, ("strength", 0.25))),  # of a skip that is not there
        replace(plain.config, eval_every=7, checkpoint_every=99),
    ):
        assert recorded_for(same) == plain
    for other in (
        replace(plain.config, seed=1),
        replace(plain.config, steps=100),
        replace(plain.config, dataset="shapes"),
        replace(plain.config, options=(("depth", 56), ("residual", True), ("strength", 0.1))),
    ):
        assert recorded_for(other) is None


def test_ones_own_copy_of_mnist_is_mnist() -> None:
    found = recorded_for(LENET)
    assert found is not None
    assert found.config.dataset == "own:mnist"
    assert recorded_for(replace(LENET, dataset="own:mnist")) == found


def test_the_time_that_is_told_is_that_of_the_run_most_like_it() -> None:
    def like(depth: int) -> TrainConfig:
        return replace(DIGITS, options=(("depth", depth), ("residual", False)), seed=5, steps=400)

    known = [run.seconds for run in (*lab_runs("digits-lab"), *recorded("digits"), *recorded("bare-digits"))]
    one = expected_seconds([like(56)])
    assert one is not None
    assert min(known) < one / 2 < max(known)
    four = expected_seconds([like(8), like(8), like(56), like(56)])
    assert four == pytest.approx((2 * (expected_seconds([like(8)]) or 0) + 2 * one) / 2)
    assert expected_seconds([replace(DIGITS, network="vgg16", options=())]) is None
