"""`Batched`: a transform of the catalogue for a whole batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from explorer.catalog import collect
from explorer.records import Given
from explorer.transforms.contract import Call, Parameters

Tensors = Mapping[str, Tensor]
"""What is drawn for a batch, by name; the first dimension of each is that of the images."""


@dataclass(frozen=True, slots=True)
class Batched:
    """How a transform draws for a batch, and is applied to it.

    `draw(call, given, count, generator)` draws for `count` images, on the CPU; `apply(call, images, drawn)` changes
    uint8 (B, C, H, W) to the same. `stack(call, given, parameters)` makes of the parameters of single images, as
    `TransformSpec.draw` gives them, what `draw` would give: `apply` then gives the pixels of `TransformSpec.apply`,
    but for at most `within` of 255 levels, where torchvision rounds in between or interpolates in another order.
    A transform that mixes takes as second image its neighbour in the batch, the one before; `drawn["share"]` (B,) is
    the part of the first.
    """

    slug: str
    draw: Callable[[Call, Given, int, torch.Generator], Tensors]
    apply: Callable[[Call, Tensor, Tensors], Tensor]
    stack: Callable[[Call, Given, Sequence[Parameters]], Tensors]
    within: int = 0


@cache
def batched() -> Mapping[str, Batched]:
    """All of them, by the slug of their transform."""
    return collect("explorer.transforms.batched", Batched)
