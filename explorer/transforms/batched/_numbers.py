"""Random numbers of batches, on the CPU, and lists of numbers as tensors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log

import torch
from torch import Tensor

_TRIES = 10
"""So often torchvision draws a box until one fits."""


def uniform(count: int, bounds: Sequence[float], generator: torch.Generator) -> Tensor:
    """Uniform numbers between two, float64 (count,)."""
    low, high = bounds
    return low + (high - low) * torch.rand(count, dtype=torch.float64, generator=generator)


def below(bounds: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform whole numbers, each from 0 to its bound without it; int64, of the shape of `bounds`."""
    drawn = torch.rand(bounds.shape, dtype=torch.float64, generator=generator)
    return (drawn * bounds).long()


def boxes(
    count: int, area: int, scale: Sequence[float], ratio: Sequence[float], generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """The sides of ten boxes for each image, int64 (10, count) each, the first `ratio` times as long as the second.

    Their area is uniform in `scale` times `area`, the logarithm of the ratio of their sides uniform as well.
    """
    areas = area * uniform(_TRIES * count, scale, generator)
    ratios = uniform(_TRIES * count, tuple(map(log, ratio)), generator).exp()
    sides = (areas * ratios).sqrt(), (areas / ratios).sqrt()
    first, second = (side.round().long().view(_TRIES, count) for side in sides)
    return first, second


def first_that(fits: Tensor, *tries: Tensor) -> tuple[Tensor, ...]:
    """Of numbers (10, B) those of the first try that fits, (B,) each; of the very first where none does."""
    chosen = fits.int().argmax(0, keepdim=True)  # of equal ones the first
    return tuple(numbers.gather(0, chosen)[0] for numbers in tries)


def whole(numbers: Iterable[int]) -> Tensor:
    """A list as int64 (B,)."""
    return torch.tensor(list(numbers), dtype=torch.int64)


def real(numbers: Iterable[float]) -> Tensor:
    """A list as float64 (B,)."""
    return torch.tensor(list(numbers), dtype=torch.float64)
