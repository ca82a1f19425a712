"""Recorded transfers put together: means and ranges by hand, and parameters as the runs have counted them."""

from __future__ import annotations

import statistics

import pytest

from explorer.folding import outline
from explorer.networks import network
from explorer.records import NetworkInstance
from explorer.tracing import trace_shapes
from explorer.weights import recorded_transfers
from explorer.weights.transferred import (
    AMOUNTS,
    FAR,
    GENTLE_RATE,
    LITE,
    NEAR,
    SMALL,
    gains,
    recorded_spread,
    similar,
    softmax_parameters,
    stage_sizes,
    trained_parameters,
)

OUTLINE = outline(trace_shapes(NetworkInstance.of(network("efficientnet-lite0"))), "stage")


def accuracies(name: str) -> list[float]:
    """Test accuracies of the runs of a name, which leaves out nothing but the seed."""
    runs = sorted((run for run in recorded_transfers() if run.config.name == name), key=lambda run: run.config.seed)
    return [100 * run.test_accuracy for run in runs]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ((LITE, NEAR, "frozen", 5), "efficientnet-lite0 to cifar10, 5 a class: frozen, 9 stages kept, rate 0.01"),
        ((LITE, NEAR, "frozen", 50, 3), "efficientnet-lite0 to cifar10, 50 a class: frozen, 3 stages kept, rate 0.01"),
        ((LITE, NEAR, "finetune", 5), "efficientnet-lite0 to cifar10, 5 a class: finetune, rate 0.02"),
        (
            (LITE, NEAR, "finetune", 5, None, GENTLE_RATE),
            "efficientnet-lite0 to cifar10, 5 a class: finetune, rate 0.005",
        ),
        (
            (LITE, NEAR, "finetune", 50, 6),
            "efficientnet-lite0 to cifar10, 50 a class: finetune, 6 stages kept, rate 0.02",
        ),
        ((SMALL, "digits", "scratch", 50), "cifar-resnet20 to digits, 50 a class: scratch, rate 0.1"),
    ],
)
def test_runs_that_differ_by_their_seed_are_one(asked: tuple[str, str, str, int], name: str) -> None:
    found = recorded_spread(*asked)
    assert found
    assert list(found.accuracies) == accuracies(name)
    assert found.mean == pytest.approx(statistics.mean(accuracies(name)))
    assert [run.config.seed for run in found.runs] == [0, 1, 2]


def test_what_was_not_recorded_is_none() -> None:
    assert recorded_spread(LITE, "digits", "frozen", 0) is None
    assert recorded_spread(LITE, NEAR, "finetune", 50, 3) is None
    assert gains("digits", 0) == ()
    assert similar("digits", 0) is None


@pytest.mark.parametrize("dataset", [NEAR, *FAR])
def test_gains_are_taken_seed_by_seed(dataset: str) -> None:
    short = dataset.removeprefix("own:")
    frozen = accuracies(f"efficientnet-lite0 to {short}, 5 a class: frozen, 9 stages kept, rate 0.01")
    alone = accuracies(f"cifar-resnet20 to {short}, 5 a class: scratch, rate 0.1")
    assert gains(dataset, 5) == pytest.approx([a - b for a, b in zip(frozen, alone, strict=True)])


def test_what_the_lesson_says_of_the_runs_is_so() -> None:
    def mean(*asked: object) -> float:
        found = recorded_spread(*asked)  # type: ignore[arg-type]
        assert found
        return found.mean

    assert mean(LITE, NEAR, "frozen", 5) > mean(LITE, NEAR, "finetune", 5) > mean(SMALL, NEAR, "scratch", 5)
    assert mean(LITE, NEAR, "frozen", 5) > mean(LITE, NEAR, "finetune", 5, None, GENTLE_RATE)
    assert mean(LITE, NEAR, "finetune", 0) > mean(LITE, NEAR, "frozen", 0) > mean(SMALL, NEAR, "scratch", 0)
    assert mean(LITE, NEAR, "frozen", 0) - mean(SMALL, NEAR, "scratch", 0) < 1
    assert statistics.mean(gains(NEAR, 5)) > 30
    assert round(statistics.mean(gains("digits", 5))) == -10
    assert statistics.mean(gains("digits", 5, "finetune")) > 0
    assert statistics.mean(gains("shapes", 5)) > 30
    assert statistics.mean(gains("shapes", 50)) < 0
    by_stage = [mean(LITE, NEAR, "frozen", 50, k) for k in range(1, 10)]
    assert max(by_stage[-3:]) - min(by_stage[-3:]) < 3
    assert max(by_stage[:2]) < 30
    thawed = {k: mean(LITE, NEAR, "finetune", 50, k) for k in (0, 2, 4, 6, 8)}
    assert max(thawed, key=thawed.__getitem__) == 6
    assert mean(LITE, "digits", "finetune", 5) > mean(SMALL, "digits", "scratch", 5)
    assert mean(SMALL, "digits", "scratch", 50) > mean(LITE, "digits", "finetune", 50)
    assert mean(LITE, "shapes", "finetune", 50) > mean(SMALL, "shapes", "scratch", 50)


@pytest.mark.parametrize("dataset", [NEAR, *FAR])
def test_similarity_falls_towards_the_last_stages(dataset: str) -> None:
    for amount in AMOUNTS:
        if run := similar(dataset, amount):
            assert run.similarity[0][0] > 0.9 > 0.75 > run.similarity[-1][-1]


def test_parameters_by_stage_are_those_that_the_runs_trained() -> None:
    thawed = {
        run.config.stages: run.parameters
        for run in recorded_transfers()
        if run.config.source == LITE and run.config.regime == "finetune"
    }
    assert set(thawed) == {0, 2, 4, 6, 8}
    assert {kept: trained_parameters(OUTLINE, kept, 10) for kept in thawed} == thawed
    sizes = stage_sizes(OUTLINE)
    frozen = {
        run.config.stages: (run.features, run.parameters)
        for run in recorded_transfers()
        if run.config.source == LITE and run.config.regime == "frozen"
    }
    assert len(frozen) == 9
    assert {
        kept: (sizes[kept - 1].features, softmax_parameters(sizes[kept - 1].features, 10)) for kept in frozen
    } == frozen
    assert trained_parameters(OUTLINE, 9, 10) == 12_810
    assert tuple(size.name for size in sizes) == recorded_transfers()[0].stage_names


def test_a_command_names_no_folder_of_its_maker() -> None:
    for run in recorded_transfers():
        assert run.command.startswith("python -m explorer.transfer ")
        assert "/" not in run.command
