"""The questions about convolution: graded against real modules, and their mistakes by the numbers people give."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.quiz import grade, problem, question


@pytest.mark.parametrize("seed", range(12))
def test_the_weights_are_those_of_a_real_layer(seed: int) -> None:
    spec = question("conv-weights")
    one = problem(spec, seed)
    layer = nn.Conv2d(one["c"], one["k"], one["f"])
    assert spec.truth(one) == sum(p.numel() for p in layer.parameters())
    assert layer.bias is not None
    assert spec.mistakes["no-bias"](one) == layer.weight.numel()
    assert spec.mistakes["one-filter"](one) == layer.weight[0].numel() + 1
    depthwise = nn.Conv2d(one["k"], one["k"], one["f"], groups=one["k"])
    assert spec.mistakes["one-channel"](one) == sum(p.numel() for p in depthwise.parameters())
    dense = nn.Linear(one["n"] ** 2 * one["c"], one["k"], device="meta")
    assert spec.mistakes["fully-connected"](one) == sum(p.numel() for p in dense.parameters())
    assert grade(spec, one, layer.weight.numel() + one["c"]).mistakes == ("bias-per-input",)


@pytest.mark.parametrize("seed", range(12))
def test_the_field_is_what_gradients_reach(seed: int) -> None:
    spec = question("stacked-field")
    one = problem(spec, seed)
    x = torch.ones(1, 1, 96, requires_grad=True)
    y = x
    for f, s in ((one["f1"], one["s1"]), (one["f2"], one["s2"]), (one["f3"], 1)):
        y = nn.functional.conv1d(y, torch.ones(1, 1, f), stride=s)
    (gradient,) = torch.autograd.grad(y[0, 0, 0], x)
    assert spec.truth(one) == int(gradient.count_nonzero())
    assert spec.working
    assert spec.working(one).value == spec.truth(one)
    numbers = spec.working(one).substituted.replace("−", "-").replace("·", "*")
    assert eval(numbers) == spec.truth(one)


@pytest.mark.parametrize("seed", range(12))
def test_a_shift_is_counted_in_strides(seed: int) -> None:
    spec = question("shifted-output")
    one = problem(spec, seed)
    right, wrong = ("stays", "moves") if one.case == "pooled" else ("moves", "stays")
    assert spec.truth(one) == (0 if one.case == "pooled" else one["t"] / one["s"])
    assert grade(spec, one, right).correct
    assert grade(spec, one, wrong).mistakes == (wrong,)
