"""The gradient on its way back through a chain of blocks, with and without the skip, measured with autograd.

A block is F(x) = W2 g(W1 x) with g = ReLU, on vectors; plain: x_(l+1) = F(x_l), residual: x_(l+1) = x_l + F(x_l). Both
chains have the same weights, read the same inputs, and the same gradient of norm 1 arrives at their output.
"""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from explorer.records.residual import GradientChain

if TYPE_CHECKING:
    from torch import Tensor

WIDTH, BATCH, MOST_BLOCKS = 64, 32, 50

Weights = list[tuple["Tensor", "Tensor"]]


def gradient_chain(blocks: int, gain: float, seed: int) -> GradientChain:
    """The norms of the gradient at the input of every block, of both chains.

    W1 is drawn as by He et al., W2 with half its variance (no ReLU follows), both times `gain`: each branch then
    multiplies the norm of a gradient by gain^2 on average, and the squares of "1" and of the branch add.
    """
    import torch

    drawn = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=drawn, dtype=torch.float64)

    weights = [
        (normal(WIDTH, WIDTH) * gain * sqrt(2 / WIDTH), normal(WIDTH, WIDTH) * gain * sqrt(1 / WIDTH))
        for _ in range(blocks)
    ]
    x, arriving = normal(BATCH, WIDTH), normal(BATCH, WIDTH)
    arriving /= arriving.norm()
    plain = gradients(weights, x, arriving, skip=False)
    residual = gradients(weights, x, arriving, skip=True)
    through = [here - behind for here, behind in pairwise(residual)]
    times, steps = gain**2, range(blocks, -1, -1)
    return GradientChain(
        gain=gain,
        plain=tuple(float(each.norm()) for each in plain),
        residual=tuple(float(each.norm()) for each in residual),
        branch=tuple(float(part.norm() / behind.norm()) for part, behind in zip(through, residual[1:], strict=True)),
        predicted_plain=tuple(times**step for step in steps),
        predicted_residual=tuple(sqrt(1 + times**2) ** step for step in steps),
    )


def gradients(weights: Weights, x: Tensor, arriving: Tensor, *, skip: bool) -> list[Tensor]:
    """dE/dx at the input of every block, and at the output, where it is `arriving`: (B, n) each."""
    import torch

    path = [x.requires_grad_()]
    for first, second in weights:
        branch = torch.relu(path[-1] @ first.T) @ second.T  # F(x)
        path.append(path[-1] + branch if skip else branch)
    return list(torch.autograd.grad(path[-1], path, arriving))
