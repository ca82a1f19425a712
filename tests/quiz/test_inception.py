"""The questions on 1x1 and Inception against real layers."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.quiz import grade, problem, question

SEEDS = range(60)


def multiplications(*parts: nn.Module, n: int, channels: int) -> int:
    """What PyTorch's own counter says of some layers, one behind the other."""
    with FlopCounterMode(display=False) as counter, torch.device("meta"):
        nn.Sequential(*parts).to("meta")(torch.empty(1, channels, n, n, device="meta"))
    return int(counter.get_total_flops() // 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_bottleneck_costs_what_its_two_layers_cost(seed: int) -> None:
    spec = question("bottleneck-cost")
    one = problem(spec, seed)
    layers = nn.Conv2d(one["channels"], one["reduced"], 1), nn.Conv2d(one["reduced"], one["out"], one["f"])
    truth = multiplications(*layers, n=one["n"], channels=one["channels"])
    verdict = grade(spec, one, truth)
    assert verdict.correct
    assert verdict.working is not None
    assert verdict.working.value == truth
    second = nn.Conv2d(one["reduced"], one["out"], one["f"], padding=one["f"] // 2)
    wrong = multiplications(layers[0], second, n=one["n"], channels=one["channels"])
    assert "n-for-n" in grade(spec, one, wrong).mistakes
    assert "no-reduce" in grade(spec, one, multiplications(layers[1], n=one["n"], channels=one["reduced"])).mistakes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pool_branch_multiplies_in_its_convolution_alone(seed: int) -> None:
    spec = question("pool-branch")
    one = problem(spec, seed)
    pool, conv = nn.MaxPool2d(3, 1, 1), nn.Conv2d(one["channels"], one["out"], 1)
    truth = multiplications(pool, conv, n=one["n"], channels=one["channels"])
    verdict = grade(spec, one, truth)
    assert verdict.correct
    assert verdict.working is not None
    assert verdict.working.value == truth
    parameters = sum(weight.numel() for weight in conv.parameters())
    assert "parameters" in grade(spec, one, parameters).mistakes


@pytest.mark.parametrize("seed", SEEDS)
def test_what_two_layers_compute_has_the_rank_of_the_narrow_place(seed: int) -> None:
    """Measured on maps: the outputs of two real 1x1 layers at many positions."""
    spec = question("bottleneck-rank")
    one = problem(spec, seed)
    torch.manual_seed(seed)
    layers = nn.Sequential(
        nn.Conv2d(one["channels"], one["reduced"], 1, bias=False), nn.Conv2d(one["reduced"], one["out"], 1, bias=False)
    ).double()
    maps = layers(torch.randn(1, one["channels"], 16, 16, dtype=torch.float64))[0].flatten(1)
    right, wrong = ("narrowest", "nothing-lost") if one.case == "narrow" else ("nothing-lost", "narrowest")
    least = min(one["channels"], one["reduced"])
    assert spec.truth(one) == int(torch.linalg.matrix_rank(maps)) == least
    assert grade(spec, one, right).correct
    assert not grade(spec, one, wrong).correct
