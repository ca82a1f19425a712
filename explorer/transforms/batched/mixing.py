"""Transforms of two images and their labels, in batches: each image is mixed with the one before it in the batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Beta

from explorer.records import Given
from explorer.transforms.batched._contract import Batched, Tensors
from explorer.transforms.batched._numbers import real, whole
from explorer.transforms.batched._pixels import each, inside, stored
from explorer.transforms.contract import Call, Parameters
from explorer.transforms.generator import drawing_from

_SIDES = ("top", "left", "bottom", "right")


def _beta(call: Call, count: int, generator: torch.Generator) -> Tensor:
    """Numbers (count,) from Beta(alpha, alpha), float64."""
    alpha = torch.tensor(dict(call.arguments)["alpha"], dtype=torch.float64)
    with drawing_from(generator):
        drawn: Tensor = Beta(alpha, alpha).sample((count,))
    return drawn


def _apply_mixup(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    share = each(drawn["share"])
    return stored(images.roll(1, 0) * (1 - share) + images * share)


def _draw_cutmix(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    height, width = given.shape[-2:]
    half = 0.5 * (1 - _beta(call, count, generator)).sqrt()  # of a side
    x, y = (torch.randint(side, (count,), generator=generator) for side in (width, height))
    across, down = (half * width).long(), (half * height).long()
    top, left = (y - down).clamp(min=0), (x - across).clamp(min=0)
    bottom, right = (y + down).clamp(max=height), (x + across).clamp(max=width)
    share = 1 - (bottom - top) * (right - left) / (height * width)
    return {**dict(zip(_SIDES, (top, left, bottom, right), strict=True)), "share": share.float()}


def _stack_cutmix(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    left, top, right, bottom = (whole(one["box"][side] for one in parameters) for side in range(4))
    share = real(one["lam_adjusted"] for one in parameters).float()
    return {"top": top, "left": left, "bottom": bottom, "right": right, "share": share}


def _apply_cutmix(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    return torch.where(inside(images, *(drawn[side] for side in _SIDES)), images.roll(1, 0), images)


SPECS = (
    Batched(
        "mixup",
        lambda call, given, count, generator: {"share": _beta(call, count, generator).float()},
        _apply_mixup,
        lambda call, given, parameters: {"share": real(one["lam"] for one in parameters).float()},
        within=1,
    ),
    Batched("cutmix", _draw_cutmix, _apply_cutmix, _stack_cutmix),
)
