"""What mean field theory predicts, against closed forms and against sums over many random numbers."""

from __future__ import annotations

from math import pi, sqrt

import pytest
import torch

from explorer.arithmetic import mean_field

FUNCTIONS = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("q", [0.01, 0.5, 1.0, 4.0])
def test_moments_are_those_of_a_million_values(activation: str, q: float) -> None:
    z = sqrt(q) * torch.randn(1_000_000, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    z.requires_grad_()
    phi = FUNCTIONS[activation](z)
    (slope,) = torch.autograd.grad(phi.sum(), z)
    phi = phi.detach()
    mean, square, steep = mean_field.moments(activation, q)
    assert mean == pytest.approx(float(phi.mean()), abs=0.004 * sqrt(q))
    assert square == pytest.approx(float(phi.square().mean()), rel=0.01)
    assert steep == pytest.approx(float(slope.square().mean()), rel=0.01)


def test_he_keeps_and_xavier_halves_a_relu() -> None:
    assert mean_field.plain("relu", 2.0, 100, norm=False)[0] == pytest.approx([2.0] * 100)
    forward, backward = mean_field.plain("relu", 1.0, 50, norm=False)
    assert forward[-1] == pytest.approx(0.5**49)
    assert backward[0] == pytest.approx(0.5**49)


@pytest.mark.parametrize("sigma2", [0.5, 1.0, 2.0, 8.0])
def test_behind_batch_normalisation_relu_gradients_grow_by_the_root_of_pi_over_pi_minus_one(sigma2: float) -> None:
    """Whatever the variance of the weights is (Yang et al. 2019)."""
    _, gradients = mean_field.plain("relu", sigma2, 60, norm=True)
    assert sqrt(gradients[10] / gradients[11]) == pytest.approx(sqrt(pi / (pi - 1)), rel=1e-4)


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0, 2.0])
def test_a_skip_multiplies_variances_by_one_plus_alpha_squared(alpha: float) -> None:
    forward, backward = mean_field.residual("relu", 2.0, 28, norm=False, alpha=alpha)
    assert forward == pytest.approx([(1 + alpha**2) ** block for block in range(1, 29)])
    assert backward[0] == pytest.approx((1 + alpha**2) ** 27)
    assert backward[-1] == 1


def test_with_batch_normalisation_variances_add() -> None:
    forward, _ = mean_field.residual("relu", 2.0, 28, norm=True, alpha=1.0)
    assert forward == pytest.approx([1 + block for block in range(1, 29)], rel=1e-4)


def test_weights_of_zero_hand_nothing_on_but_by_a_skip() -> None:
    forward, backward = mean_field.plain("relu", 0.0, 10, norm=False)
    assert max(forward) == 0 == backward[0]
    forward, backward = mean_field.residual("relu", 0.0, 5, norm=True, alpha=1.0)
    assert forward == backward == [1.0] * 5
