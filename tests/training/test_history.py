"""Summaries of curves: epochs by hand, the notebook's experiment, and verdicts from literal numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.networks import network, networks
from explorer.records import TrainConfig, TrainPoint
from explorer.training import history
from explorer.training.presets import DIGITS, EXPERIMENTS, HE, LENET, degradation
from explorer.weights import recorded


def point(step: int, loss: float, test: float | None = None) -> TrainPoint:
    return TrainPoint(step, 0.0, 0.0, 0.01, loss, loss / 10, 0.0, test, test)


def test_epochs_are_means_over_their_batches() -> None:
    config = replace(LENET, eval_every=4, steps=8)
    points = [point(0, 9.0, 9.0), point(1, 2.0), point(4, 6.0, 0.5), point(6, 1.0), point(8, 3.0, 0.7), point(9, 5.0)]
    first, second = history.by_epoch(config, points)
    assert (first.number, first.train_loss, first.test_loss) == (1, 5.0, 0.5)
    assert (second.number, second.train_loss, second.test_accuracy) == (2, 2.0, 0.7)
    assert first.train_accuracy == pytest.approx(0.5)


def test_the_log_is_only_laid_beside_the_same_experiment() -> None:
    assert history.is_the_notebooks(LENET)
    assert history.is_the_notebooks(replace(LENET, seed=3, steps=936, log_every=468))
    for change in ({"lr": 0.1}, {"pixels": "unit"}, {"dataset": "fashion-mnist"}, {"options": (("pooling", "avg"),)}):
        assert not history.is_the_notebooks(replace(LENET, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("loss", "classes", "stuck"),
    [
        *((2.303, 10, True), (2.21, 10, True), (2.19, 10, False), (0.05, 10, False)),
        *((0.693, 2, True), (0.67, 2, True), (0.65, 2, False)),
        *((4.605, 100, True), (4.41, 100, True), (4.39, 100, False), (2.303, 100, False)),
    ],
)
def test_a_run_whose_loss_stays_that_of_guessing_is_stuck(loss: float, classes: int, stuck: bool) -> None:
    config = replace(LENET, eval_every=2, steps=2)
    (only,) = history.by_epoch(config, [point(2, loss, 0.1)])
    assert only.stuck(classes) is stuck


# --- plain against residual -------------------------------------------------------------------------------------------


def test_depth_and_skips_are_declared_or_options() -> None:
    assert history.depth_and_skips(replace(HE, network="cifar-plain56")) == (56, False)
    assert history.depth_and_skips(replace(HE, network="cifar-resnet110")) == (110, True)
    assert history.depth_and_skips(replace(HE, options=(("residual", False),))) == (20, False), "an option counts"
    assert history.depth_and_skips(replace(DIGITS, options=())) == (20, True)
    four = degradation(DIGITS, (14, 38))
    assert [history.depth_and_skips(config) for config in four] == [(14, False), (14, True), (38, False), (38, True)]


def test_what_is_compared_has_a_depth() -> None:
    compared = {slug for slug in networks() if history.is_compared(replace(HE, network=slug))}
    assert {"thin-resnet", "cifar-plain20", "cifar-resnet20", "cifar-resnet1202"} <= compared
    assert not {"lenet5", "resnet50", "preact-resnet110"} & compared
    assert not history.is_compared(replace(HE, network="of-a-later-version"))


def test_twins_name_each_other_and_differ_in_their_skips_alone() -> None:
    pairs = {spec.slug: spec.twin for spec in networks().values() if spec.twin}
    assert len(pairs) == 10
    for slug, other in pairs.items():
        mine, twin = network(slug), network(other)
        assert (twin.twin, twin.plain, twin.depth) == (slug, not mine.plain, mine.depth)
        assert slug.removeprefix("cifar-resnet").removeprefix("cifar-plain") == str(mine.depth)


def run(depth: int, residual: bool, *errors: float) -> tuple[TrainConfig, list[TrainPoint]]:
    """A run whose training error is `errors` in percent, one point a step from step 1, after a point of step 0."""
    config = replace(DIGITS, options=(("depth", depth), ("residual", residual)))
    accuracies = (0.1, *(1 - error / 100 for error in errors))
    return config, [TrainPoint(i, 0.0, 0.0, 0.1, 1.0, share, 0.0) for i, share in enumerate(accuracies)]


@pytest.mark.parametrize(
    ("plain", "residual", "shallow", "kind"),
    [
        (50.0, 2.0, 4.0, "fails"),
        (50.0, 46.0, 4.0, "both"),  # hardly better than plain, and no success
        (8.0, 2.0, 4.0, "even"),  # four percent apart is not apart
        (30.0, 21.0, 26.0, "both"),  # the deep one is hardly worse than the shallow
        (90.0, 16.0, 88.0, "skips"),
        (90.0, 16.0, 19.0, "fails"),
        (50.0, 40.0, 4.0, "fails"),  # the residual one is far better, if not good
    ],
)
def test_a_verdict_is_of_the_last_errors(plain: float, residual: float, shallow: float, kind: str) -> None:
    found = history.verdict(
        [run(56, True, 99, residual), run(20, False, 1, shallow), run(20, True, 90), run(56, False, 0, plain)]
    )
    assert found is not None
    assert (found.deep, found.low, found.kind) == (56, 20, kind)
    assert (found.plain, found.residual, found.shallow) == pytest.approx((plain, residual, shallow))


def test_there_is_no_verdict_before_every_run_has_made_a_step() -> None:
    assert history.verdict([run(56, True, 5), run(20, False, 5), run(56, False)]) is None
    assert history.verdict([run(56, True, 5), run(20, False, 5)]) is None


@pytest.mark.parametrize(("classes", "kind"), [(2, "both"), (10, "even"), (None, "even"), (100, "even")])
def test_what_is_a_failure_depends_on_the_number_of_classes(classes: int | None, kind: str) -> None:
    """An error of 15 %: of two classes half would be guessed, of ten a tenth."""
    found = history.verdict([run(56, True, 15), run(20, False, 16), run(20, True, 15), run(56, False, 17)], classes)
    assert found is not None
    assert found.kind == kind


def test_the_last_value_that_was_measured_counts() -> None:
    points = [point(0, 9.0, 8.0), point(1, 2.0, 0.5), point(2, 1.0)]
    assert (history.final(points, "train_loss"), history.final(points, "test_loss")) == (1.0, 0.5)
    assert history.final(points, "test_error") == 50.0
    assert history.final(points[:1], "train_loss") is None, "step 0 is before the first step"


def test_gradients_are_compared_at_the_first_probe_and_without_the_classifier() -> None:
    bare, probed = point(0, 1.0), replace(point(5, 1.0), gradient_norms=(6.0, 1.0, 2.0, 50.0))
    assert history.gradient_ratio([bare, probed, replace(probed, gradient_norms=(1.0, 1.0, 1.0, 1.0))]) == 3.0
    assert history.gradient_ratio([bare]) is None
    assert history.gradient_ratio([replace(probed, gradient_norms=(6.0, 0.0, 1.0))]) is None


def test_the_recorded_experiment_says_what_its_own_points_say() -> None:
    runs = {history.depth_and_skips(each.config): each for each in recorded("digits")}
    assert set(runs) == {history.depth_and_skips(config) for config in EXPERIMENTS["digits"].configs}
    found = history.verdict([(each.config, each.points) for each in runs.values()])
    assert found is not None
    assert found.kind == "fails"
    last = {key: 100 - 100 * each.points[-1].train_accuracy for key, each in runs.items()}
    assert (found.plain, found.residual, found.shallow) == pytest.approx(
        (last[56, False], last[56, True], last[20, False])
    )


def test_the_first_layer_is_told_at_the_first_probe_and_at_the_last() -> None:
    norms = {
        0: ((2.0, 1.0, 9.0), (30.0, 3.0, 5.0)),
        5: ((8.0, 1.0, 9.0), (7.0, 1.0, 2.0)),
        9: ((4.0, 1.0, 9.0), (1.0, 4.0, 2.0)),
    }
    points = [replace(point(s, 1.0), weight_norms=w, gradient_norms=g) for s, (w, g) in norms.items()]
    found = history.first_layer([*points, point(12, 1.0)])
    assert found == (history.FirstLayer(0, 2.0, 30.0, 10.0), history.FirstLayer(9, 4.0, 1.0, 0.25))
    assert history.first_layer(points[:1]) is None
    assert history.first_layer([replace(each, weight_norms=None) for each in points]) is None


def test_the_range_of_gradients_leaves_out_what_was_not_measured_or_is_zero() -> None:
    norms = [None, (0.0, 2.0, 0.25), (7.0, float("inf"), 1.0)]
    points = [replace(point(step, 1.0), gradient_norms=norm) for step, norm in enumerate(norms)]
    assert history.gradient_range(points) == (0.25, 7.0)
    assert history.gradient_range(points[:1]) is None
