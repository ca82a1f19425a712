"""Linear CKA against its definition, and what it must not see."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from explorer.transfer import gram_matrix, linear_cka


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def cka(a: Tensor, b: Tensor) -> float:
    return linear_cka(gram_matrix(a), gram_matrix(b))


def test_it_is_the_formula_over_features() -> None:
    """|Y'X|^2 / (|X'X| |Y'Y|), with centred columns (Kornblith et al. 2019, section 3), computed another way."""
    x, y = draw(40, 6).double(), draw(40, 9, seed=1).double() + draw(40, 6).double() @ draw(6, 9, seed=2).double()
    x0, y0 = x - x.mean(0), y - y.mean(0)
    expected = (y0.T @ x0).norm() ** 2 / ((x0.T @ x0).norm() * (y0.T @ y0).norm())
    assert cka(x, y) == pytest.approx(float(expected), rel=1e-5)
    assert 0.05 < cka(x, y) < 0.95


def test_it_is_one_for_the_same_rotated_scaled_and_shifted() -> None:
    x = draw(40, 6)
    rotation, _ = torch.linalg.qr(draw(6, 6, seed=1))
    assert cka(x, x) == pytest.approx(1)
    assert cka(x, 3 * x @ rotation + 5) == pytest.approx(1, abs=1e-5)
    assert cka(x, x @ torch.diag(torch.tensor([9.0, 1, 1, 1, 1, 1]))) < 0.9


def test_maps_are_compared_whole_and_a_constant_is_like_nothing() -> None:
    maps = draw(20, 3, 4, 4)
    assert cka(maps, maps.flatten(1)) == pytest.approx(1)
    assert cka(maps, torch.ones(20, 5)) == 0
