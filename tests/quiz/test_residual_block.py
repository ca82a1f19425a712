"""The questions about one residual block, against real modules and by hand."""

from __future__ import annotations

import pytest
from torch import nn

from explorer.networks._residual import BasicBlock
from explorer.quiz import grade, problem, question
from explorer.records import Problem

SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_parameters_are_those_of_the_real_block(seed: int) -> None:
    spec = question("residual-parameters")
    one = problem(spec, seed)
    n, m = one["n_in"], one["n_out"]
    stride = 1 if one.case == "identity" else 2
    block = BasicBlock(n, m, stride, shortcut="B" if one.case == "projection" else "A")
    counted = sum(parameter.numel() for parameter in block.parameters())
    verdict = grade(spec, one, counted)
    assert verdict.correct
    assert verdict.working is not None
    assert verdict.working.value == counted
    if one.case == "identity":
        plain = sum(parameter.numel() for parameter in BasicBlock(n, m, residual=False).parameters())
        assert counted == plain, "as the answer says"


def test_usual_mistakes_about_parameters_are_recognised_by_name() -> None:
    spec = question("residual-parameters")
    same, wider = Problem({"n_in": 16, "n_out": 16}, "identity"), Problem({"n_in": 16, "n_out": 32}, "projection")
    conv, norm = 9 * 16 * 16, 2 * 16
    assert grade(spec, same, 2 * (conv + norm) + 16 * 16 + norm).mistakes == ("skip-has-weights",)
    assert grade(spec, same, 2 * conv).mistakes == ("bn-forgotten",)
    assert grade(spec, same, conv + norm).mistakes == ("one-layer",)
    assert grade(spec, wider, 9 * 16 * 32 + 9 * 32 * 32 + 4 * 32).mistakes == ("projection-free",)
    assert grade(spec, wider, 9 * 16 * 32 * 2 + 9 * 32 * 32 + 6 * 32).mistakes == ("projection-3x3",)
    biased = BasicBlock(16, 16)
    with_biases = sum(p.numel() for p in biased.parameters()) + sum(
        conv.out_channels for conv in biased.modules() if isinstance(conv, nn.Conv2d)
    )
    assert grade(spec, same, with_biases).mistakes == ("biases",)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_gradient_of_a_chain_is_the_derivative_of_what_it_computes(seed: int) -> None:
    """By a difference of two forward passes instead of autograd."""
    spec = question("gradient-chain")
    one = problem(spec, seed)
    slope = (-1 if one.case == "negative" else 1) * one["slope"] / 100

    def chain(x: float) -> float:
        for _ in range(one["blocks"]):
            x = slope * x + (0 if one.case == "plain" else x)
        return x

    measured = (chain(1.5) - chain(0.5)) / 1.0
    assert spec.truth(one) == pytest.approx(measured)
    assert grade(spec, one, "product" if one.case == "plain" else "one-plus").correct
    forgot = grade(spec, one, "one-plus" if one.case == "plain" else "product")
    assert not forgot.correct
