"""Transforms that cover a part of each image, in batches: random erasing, cutout."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from explorer.records import Given
from explorer.transforms.batched._contract import Batched, Tensors
from explorer.transforms.batched._numbers import below, boxes, first_that, whole
from explorer.transforms.batched._pixels import inside
from explorer.transforms.contract import Call, Parameters

_SIDES = ("top", "left", "bottom", "right")


def _covered(images: Tensor, drawn: Tensors, fill: float) -> Tensor:
    return images.masked_fill(inside(images, *(drawn[side] for side in _SIDES)), fill)


def _box(top: Tensor, left: Tensor, height: Tensor, width: Tensor) -> Tensors:
    return dict(zip(_SIDES, (top, left, top + height, left + width), strict=True))


def _draw_erasing(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    """As torchvision: of ten boxes the first that is smaller than the image; where none is, an empty one."""
    height, width = given.shape[-2:]
    transform = call.build()
    tries = boxes(count, height * width, transform.scale, transform.ratio, generator)
    fits = (tries[0] < height) & (tries[1] < width)
    high, wide = (torch.where(fits.any(0), side, 0) for side in first_that(fits, *tries))
    top, left = below(height - high + 1, generator), below(width - wide + 1, generator)
    return _box(top, left, high, wide)


def _stack_erasing(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    sizes = [(0, 0) if one["v"] is None else (one["h"], one["w"]) for one in parameters]
    corner = whole(one["i"] for one in parameters), whole(one["j"] for one in parameters)
    return _box(*corner, whole(high for high, _ in sizes), whole(wide for _, wide in sizes))


def _draw_cutout(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    side, (height, width) = call.build().side, given.shape[-2:]
    top = torch.randint(height, (count,), generator=generator) - side // 2
    left = torch.randint(width, (count,), generator=generator) - side // 2
    ends = (top + side).clamp(max=height), (left + side).clamp(max=width)
    return dict(zip(_SIDES, (top.clamp(min=0), left.clamp(min=0), *ends), strict=True))


SPECS = (
    Batched(
        "erasing",
        _draw_erasing,
        lambda call, images, drawn: _covered(images, drawn, float(dict(call.arguments)["value"])),
        _stack_erasing,
    ),
    Batched(
        "cutout",
        _draw_cutout,
        lambda call, images, drawn: _covered(images, drawn, float(dict(call.arguments)["fill"])),
        lambda call, given, parameters: {side: whole(one[side] for one in parameters) for side in _SIDES},
    ),
)
