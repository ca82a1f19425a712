"""Gradients and saturation through depth: autograd against the chain rule written out in numpy."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
import pytest
import torch

from explorer.blocks import depth
from explorer.blocks.activations import ACTIVATIONS
from explorer.blocks.snippets import depth_code, saturation_code


@pytest.mark.parametrize("slug", [slug for slug, entry in ACTIVATIONS.items() if entry.pieces == 1])
@pytest.mark.parametrize("start", depth.STARTS)
def test_the_gradient_is_the_chain_rule(slug: str, start: str) -> None:
    width, layers, entry = 12, 7, ACTIVATIONS[slug]
    generator = torch.Generator().manual_seed(5)
    a = torch.randn(depth.BATCH, width, generator=generator, dtype=torch.float64).numpy()
    weights, before = [], []
    scale = {"xavier": 12**-0.5, "he": (2 / 12) ** 0.5, "small": 0.01, "one": 1.0}[start]
    for _ in range(layers):
        weights.append(scale * torch.randn(width, width, generator=generator, dtype=torch.float64).numpy())
        before.append(a @ weights[-1].T)
        with np.errstate(over="ignore"):  # e^-z of a value far below 0
            a = entry.value(before[-1], entry.usual)
    gradient = torch.randn(a.shape, generator=generator, dtype=torch.float64).numpy()
    norms, slopes = [np.linalg.norm(gradient)], [1.0]
    for weight, z in zip(weights[::-1], before[::-1], strict=True):
        with np.errstate(over="ignore"):
            slope = entry.slope(z, entry.usual)
        gradient = (gradient * slope) @ weight
        norms.append(np.linalg.norm(gradient))
        slopes.append(slopes[-1] * slope.mean())
    found = depth.gradient(slug, start, 5, width=width, layers=layers)
    assert found.gradient == pytest.approx([norm / norms[0] for norm in norms], rel=1e-9)
    assert found.slopes == pytest.approx(slopes, rel=1e-9)


def test_maxout_takes_the_larger_of_two_maps() -> None:
    z = torch.tensor([[1.0, -2.0, 0.5, 3.0]])
    assert depth.apply(ACTIVATIONS["maxout"], z).tolist() == [[1.0, 3.0]]


@pytest.mark.parametrize("slug", ["sigmoid", "relu", "prelu", "maxout", "elu"])
def test_the_pasted_code_gives_the_curve(slug: str) -> None:
    assert printed(depth_code(slug, "he", 0)) == pytest.approx(depth.gradient(slug, "he", 0).gradient, rel=1e-9)


@pytest.mark.parametrize("norm", [False, True])
def test_the_pasted_code_gives_the_saturation(norm: bool) -> None:
    assert printed(saturation_code(2.0, norm, 0)) == pytest.approx(depth.saturation(2.0, norm, 0).saturated)


def printed(code: str) -> list[float]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, {})
    found: list[float] = json.loads(out.getvalue())
    return found


@pytest.mark.parametrize("norm", [False, True])
def test_saturation_is_counted_layer_by_layer(norm: bool) -> None:
    found = depth.saturation(3.0, norm, 2, width=16, layers=4)
    generator = torch.Generator().manual_seed(2)
    a = torch.randn(depth.BATCH, 16, generator=generator).numpy()
    for saturated, std in zip(found.saturated, found.std, strict=True):
        z = a @ (torch.randn(16, 16, generator=generator).numpy() * 3 / 4).T
        if norm:
            z = (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5)
        a = np.tanh(z)
        assert saturated == pytest.approx((abs(a) > 0.95).mean(), abs=2e-3)
        assert std == pytest.approx(a.std(ddof=1), abs=1e-4)


def test_normalisation_takes_the_scale_of_the_weights_out_again() -> None:
    one, five = (depth.saturation(scale, True, 0).saturated for scale in (1.0, 5.0))
    assert one == pytest.approx(five, abs=0.01)
    bare = depth.saturation(5.0, False, 0).saturated
    assert min(bare) > 0.6 > 0.1 > max(five)


def test_the_sigmoid_keeps_less_than_a_quarter_at_each_layer_and_relu_with_he_all() -> None:
    sigmoid, relu = depth.gradient("sigmoid", "xavier", 0), depth.gradient("relu", "he", 0)
    assert 0.01 < sigmoid.gradient[50] / 0.25**50 < 0.1
    assert 0.2 < relu.gradient[50] < 5
