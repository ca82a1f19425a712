"""DeepLift's rescale rule for what captum has no rule for, or one that does not add up.

Image and baseline run through the network stacked, (2B, ...). A rule returns, for an operation, an expression S that is
linear in its inputs and changes between baseline and image by as much as the output does; its gradient, the slopes, is
what goes back. So the contributions add up, layer by layer (Shrikumar et al. 2017, section 3.5).

Captum's own rule for max pooling is for windows that do not overlap: a cell that holds the maximum of two windows keeps
what one of them gives it, as unpooling writes and does not add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_TINY = 1e-10  # a smaller change is none: then the gradient, as in captum's rules


class MaxPool(nn.MaxPool2d):
    """`nn.MaxPool2d` under another type: captum looks its rules up by the type, and leaves this one to us."""

    @classmethod
    def like(cls, pool: nn.MaxPool2d) -> MaxPool:
        """One with the windows of `pool`."""
        return cls(pool.kernel_size, pool.stride, pool.padding, pool.dilation, ceil_mode=pool.ceil_mode)


class Product(nn.Module):
    """a * b as a module."""

    def forward(self, a: Any, b: Any) -> Any:
        return a * b


def _change(stacked: Tensor) -> Tensor:
    """From baseline to image, for both halves of the batch."""
    image, baseline = stacked.detach().chunk(2)
    return (image - baseline).repeat(2, *(1 for _ in image.shape[1:]))


def _mean(stacked: Tensor) -> Tensor:
    """Half-way between baseline and image, for both halves of the batch."""
    image, baseline = stacked.detach().chunk(2)
    return ((image + baseline) / 2).repeat(2, *(1 for _ in image.shape[1:]))


def _of_each(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
    """A function of each number: change of the output over change of the input."""
    change = _change(inputs[0])
    none = change.abs() < _TINY
    slope = torch.where(none, 0.0, _change(out) / change)
    return torch.where(none, out, slope * inputs[0])


def _of_max_pool(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
    """A rise is due to the cell that holds the window's maximum in the image, a fall to the one of the baseline."""
    assert isinstance(module, MaxPool)
    (x,), m = inputs, module
    _, cells = F.max_pool2d(x, m.kernel_size, m.stride, m.padding, m.dilation, m.ceil_mode, return_indices=True)
    rise = _change(out).flatten(2)  # (2B, C, windows)
    holds, held = cells.flatten(2).chunk(2)
    due = torch.where(rise >= 0, torch.cat([holds, holds]), torch.cat([held, held]))
    change = _change(x).flatten(2).gather(2, due)
    slope = torch.where(change.abs() < _TINY, 1.0, rise / change)  # between 0 and 1
    return (slope * x.flatten(2).gather(2, due)).view_as(out)


def _of_product(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
    """Of a product of two volumes each factor has the other's mean as its slope: Δ(ab) = b̄ Δa + ā Δb."""
    a, b = inputs
    if not all(isinstance(factor, Tensor) and len(factor) == len(out) for factor in inputs):
        return out  # a number, or a weight: linear as it is
    return a * _mean(b) + _mean(a) * b


def _of_response_norm(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
    """x · v^(-beta) with v = k + alpha · mean of x² over neighbouring channels: a product, a power and squares."""
    assert isinstance(module, nn.LocalResponseNorm)
    (x,) = inputs
    squares = x.detach().square()
    energy = module.k + module.alpha * _over_channels(squares, module.size)
    scale = energy**-module.beta
    change = _change(energy)
    slope = torch.where(change.abs() < _TINY, -module.beta * energy ** (-module.beta - 1), _change(scale) / change)
    moved = module.alpha * _over_channels(2 * _mean(x) * x, module.size)
    return x * _mean(scale) + _mean(x) * slope * moved


def _over_channels(x: Tensor, size: int) -> Tensor:
    """Mean over `size` neighbouring channels, zeros outside, with the window of `F.local_response_norm`."""
    padded = F.pad(x, (0, 0, 0, 0, size // 2, (size - 1) // 2))
    return padded.unfold(1, size, 1).mean(-1)


_Rule = Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]
_RULES: Mapping[type[nn.Module], _Rule] = {
    **dict.fromkeys((nn.SiLU, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.GELU), _of_each),
    MaxPool: _of_max_pool,
    Product: _of_product,
    nn.LocalResponseNorm: _of_response_norm,
}


@contextmanager
def rescaled(network: nn.Module) -> Iterator[None]:
    """While active, a network's operations with a rule have its slopes; for batches of images and their baselines."""

    def hook(module: nn.Module, inputs: tuple[Tensor, ...], out: Tensor) -> Tensor:
        if not torch.is_grad_enabled() or not isinstance(out, Tensor):
            return out
        expression = _RULES[type(module)](module, inputs, out)
        return out.detach() + (expression - expression.detach())  # the value of the one, the slopes of the other

    handles = [module.register_forward_hook(hook) for module in network.modules() if type(module) in _RULES]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
