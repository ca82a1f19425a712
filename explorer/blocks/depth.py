"""Gradients and activations through many layers of a random network, for every non-linearity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from explorer.blocks.activations import Activation, activation
from explorer.records.nonlinear import DepthCurve, SaturationCurve

if TYPE_CHECKING:
    from torch import Tensor

LAYERS, WIDTH, BATCH = 50, 128, 64
SATURATED = 0.95
"""A tanh whose output lies beyond this (either way) is saturated: its slope is below 0.1."""

STARTS: Mapping[str, Callable[[float], float]] = {
    "xavier": lambda fan: (1 / fan) ** 0.5,
    "he": lambda fan: (2 / fan) ** 0.5,
    "small": lambda fan: 0.01,
    "one": lambda fan: 1.0,
}
"""Standard deviations of the weights, by the number of inputs of a unit. Biases are 0."""


def apply(entry: Activation, z: Tensor) -> Tensor:
    """A non-linearity at its usual settings, by torch: z (B, pieces * n) to (B, n).

    A unit of maxout takes the largest of its own linear maps; RReLU draws no slopes, as in evaluation.
    """
    import torch
    import torch.nn.functional as F

    if entry.pieces > 1:
        return torch.stack(z.chunk(entry.pieces, dim=1)).amax(0)
    line = entry.code(entry.usual).replace("])", "], dtype=x.dtype)")
    found: Tensor = eval(line, {"torch": torch, "F": F, "x": z})  # a line of our own catalogue
    return found


def gradient(slug: str, start: str, seed: int, *, width: int = WIDTH, layers: int = LAYERS) -> DepthCurve:
    """Send a random gradient back through `layers` random layers z = W a, a = g(z), and note what arrives.

    Measured by autograd at every layer's input, for a batch of Gaussian inputs: the norm as a share of that at the
    top, and beside it the product of the layers' mean slopes, without the weights. Raises `UnknownEntry`.
    """
    import torch

    entry, generator = activation(slug), torch.Generator().manual_seed(seed)
    a = torch.randn(BATCH, width, generator=generator, dtype=torch.float64).requires_grad_()
    inputs, slopes = [a], []
    for _ in range(layers):
        weight = torch.randn(entry.pieces * width, width, generator=generator, dtype=torch.float64)
        z = a @ weight.T * STARTS[start](width)  # (B, pieces * n)
        a = apply(entry, z)  # (B, n)
        (slope,) = torch.autograd.grad(a.sum(), z, retain_graph=True)
        slopes.append(float(slope.sum() / a.numel()))
        inputs.append(a)
    arriving = torch.randn(a.shape, generator=generator, dtype=torch.float64)
    norms = [float(each.norm()) for each in torch.autograd.grad(a, inputs, arriving)][::-1]
    product = [1.0]
    for slope_of_layer in slopes[::-1]:
        product.append(product[-1] * slope_of_layer)
    return DepthCurve(slug, tuple(norm / norms[0] for norm in norms), tuple(product))


def saturation(scale: float, norm: bool, seed: int, *, width: int = WIDTH, layers: int = LAYERS) -> SaturationCurve:
    """Share of saturated tanh units in every layer of a random network, with batch normalisation before it or without.

    Weights are Gaussian with standard deviation `scale` / sqrt(width).
    """
    import torch

    generator = torch.Generator().manual_seed(seed)
    a = torch.randn(BATCH, width, generator=generator)
    saturated, std = [], []
    for _ in range(layers):
        weight = torch.randn(width, width, generator=generator) * scale / width**0.5
        z = a @ weight.T  # (B, n)
        if norm:
            z = torch.nn.functional.batch_norm(z, None, None, training=True)
        a = torch.tanh(z)
        saturated.append(float((a.abs() > SATURATED).double().mean()))
        std.append(float(a.std()))
    return SaturationCurve(norm, tuple(saturated), tuple(std))
