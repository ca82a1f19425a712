"""The gradient through plain and residual blocks: against a chain of modules, against Jacobians, against theory."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import nn

from explorer.blocks.gradient_chain import BATCH, WIDTH, gradient_chain


def redrawn(blocks: int, gain: float, seed: int) -> tuple[list[nn.Sequential], torch.Tensor, torch.Tensor]:
    """The same numbers, in modules."""
    drawn = torch.Generator().manual_seed(seed)
    branches = []
    for _ in range(blocks):
        first, second = (nn.Linear(WIDTH, WIDTH, bias=False, dtype=torch.float64) for _ in range(2))
        for layer, size in ((first, 2), (second, 1)):
            weight = torch.randn(WIDTH, WIDTH, generator=drawn, dtype=torch.float64)
            layer.weight.data = weight * gain * sqrt(size / WIDTH)
        branches.append(nn.Sequential(first, nn.ReLU(), second))
    x, arriving = (torch.randn(BATCH, WIDTH, generator=drawn, dtype=torch.float64) for _ in range(2))
    return branches, x, arriving / arriving.norm()


@pytest.mark.parametrize(("blocks", "gain", "seed"), [(1, 1.0, 1), (7, 0.6, 2), (20, 1.2, 3)])
def test_norms_are_those_of_backward(blocks: int, gain: float, seed: int) -> None:
    branches, x, arriving = redrawn(blocks, gain, seed)
    found = gradient_chain(blocks, gain, seed)
    for skip, norms in ((False, found.plain), (True, found.residual)):
        path = [x.clone().requires_grad_()]
        for branch in branches:
            path.append(path[-1] + branch(path[-1]) if skip else branch(path[-1]))
            path[-1].retain_grad()
        path[-1].backward(arriving)
        assert norms == pytest.approx([float(each.grad.norm()) for each in path])  # type: ignore[union-attr]


def test_the_branch_is_the_jacobian_without_the_one() -> None:
    branches, x, arriving = redrawn(1, 0.8, 5)
    jacobians = torch.stack([torch.func.jacrev(branches[0])(row) for row in x])  # (B, n, n)
    through = torch.einsum("bi,bij->bj", arriving, jacobians)
    found = gradient_chain(1, 0.8, 5)
    assert found.branch[0] == pytest.approx(float(through.norm().detach()))
    assert found.residual[0] == pytest.approx(float((arriving + through).norm().detach()))
    assert found.plain[0] == pytest.approx(float(through.norm().detach()))


@pytest.mark.parametrize("gain", [0.3, 0.6, 1.0, 1.3])
def test_factors_are_near_the_predicted_ones(gain: float) -> None:
    runs = [gradient_chain(20, gain, seed) for seed in range(1, 6)]
    plain = [sum(each.plain_factors) / 20 for each in runs]
    residual = [sum(each.residual_factors) / 20 for each in runs]
    assert sum(plain) / 5 == pytest.approx(gain**2, rel=0.08)
    assert sum(residual) / 5 == pytest.approx(sqrt(1 + gain**4), rel=0.04)
    first = runs[0]
    assert first.predicted_plain[0] == pytest.approx(gain**40)
    assert first.predicted_residual[0] == pytest.approx((1 + gain**4) ** 10)


def test_the_numbers_of_the_lesson() -> None:
    found = gradient_chain(20, 0.6, 1)
    assert (f"{found.plain[0]:.1e}", f"{found.residual[0]:.1f}") == ("6.5e-10", "3.5")
    assert gradient_chain(20, 1.0, 1).residual[0] == pytest.approx(1000, rel=0.05)


@pytest.mark.parametrize("gain", [0.4, 0.6, 1.0])
def test_the_one_and_the_branch_are_nearly_at_right_angles(gain: float) -> None:
    """So their squares add, as the page says."""
    found = gradient_chain(20, gain, 2)
    assert found.residual_factors == pytest.approx([sqrt(1 + part**2) for part in found.branch], rel=0.05)
