"""Transforms that move pixels, in batches: mirror, crops, rotation, shear, perspective, local warping."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.transforms.v2.functional import gaussian_blur

from explorer.records import Given
from explorer.transforms.batch import CropFlip, apply_crop_flip
from explorer.transforms.batched._contract import Batched, Tensors
from explorer.transforms.batched._numbers import below, boxes, first_that, real, uniform, whole
from explorer.transforms.batched._pixels import along_axes, places, sampled
from explorer.transforms.contract import Call, Parameters

# --- crops ------------------------------------------------------------------------------------------------------------


def _padding(call: Call) -> int:
    return int(dict(call.arguments)["padding"])


def _draw_crop(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    rows, columns = torch.randint(2 * _padding(call) + 1, (2, count), generator=generator)
    return {"rows": rows, "columns": columns}


def _apply_crop(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    unmirrored = torch.zeros_like(drawn["rows"], dtype=torch.bool)
    return apply_crop_flip(images, CropFlip(_padding(call), drawn["rows"], drawn["columns"], unmirrored))


def _draw_box(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    """As torchvision: of ten boxes the first that fits, else as much of the middle as the allowed ratios leave."""
    height, width = given.shape[-2:]
    transform = call.build()
    tries = boxes(count, height * width, transform.scale, transform.ratio, generator)
    fits = (tries[0] > 0) & (tries[0] <= width) & (tries[1] > 0) & (tries[1] <= height)
    wide, high = first_that(fits, *tries)
    found = fits.any(0)
    middle_wide = min(width, round(height * max(transform.ratio)))
    middle_high = min(height, round(width / min(transform.ratio)))
    wide = torch.where(found, wide, middle_wide)
    high = torch.where(found, high, middle_high)
    top, left = below(height - high + 1, generator), below(width - wide + 1, generator)
    top = torch.where(found, top, (height - middle_high) // 2)
    left = torch.where(found, left, (width - middle_wide) // 2)
    return {"top": top, "left": left, "height": high, "width": wide}


def _stretched(first: Tensor, length: Tensor, size: int) -> Tensor:
    """Weights (B, size, size) that stretch `length` pixels from the `first` on to `size`, bilinear.

    A crop is never larger than the image: nothing is shrunk, and antialiasing has nothing to do.
    """
    at = torch.arange(size, device=first.device)
    wanted = (at + 0.5) * (length / size)[:, None]  # (B, size) in pixels of the crop
    place = at - first[:, None]  # of each pixel of the image in the crop
    weights = (1 - (place[:, None, :] + 0.5 - wanted[:, :, None]).abs()).clamp(min=0)
    weights = weights * ((place >= 0) & (place < length[:, None]))[:, None, :]
    return weights / weights.sum(-1, keepdim=True)


def _apply_box(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    rows = _stretched(drawn["top"], drawn["height"], images.shape[-2])
    return along_axes(images, rows, _stretched(drawn["left"], drawn["width"], images.shape[-1]))


# --- rotation, shear --------------------------------------------------------------------------------------------------


def _affine(given: Given, angle: Tensor, shear_x: Tensor, shear_y: Tensor) -> Tensors:
    """From places in the result, in pixels from its middle, to the image: (x, y, 1) times (B, 3, 2), -1 to 1.

    The inverse of R(angle) SHy(shear_y) SHx(shear_x), whose determinant is 1; in degrees, clockwise.
    """
    angle, shear_x, shear_y = angle.deg2rad(), shear_x.deg2rad(), shear_y.deg2rad()
    a = (angle - shear_y).cos() / shear_y.cos()
    c = (angle - shear_y).sin() / shear_y.cos()
    b = -(a * shear_x.tan() + angle.sin())
    d = angle.cos() - c * shear_x.tan()
    none = torch.zeros_like(a)
    x, y = torch.stack([d, -b, none], 1), torch.stack([-c, a, none], 1)  # (B, 3) each
    height, width = given.shape[-2:]
    return {"matrix": torch.stack([x / (width / 2), y / (height / 2)], 2).float()}


def _apply_affine(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    height, width = images.shape[-2:]
    grid = places(height, width, ((1 - width) / 2, (1 - height) / 2), images.device) @ drawn["matrix"]
    return sampled(images, grid)


def _draw_rotation(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    return _rotated(given, uniform(count, call.build().degrees, generator))


def _stack_rotation(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    return _rotated(given, real(one["angle"] for one in parameters))


def _rotated(given: Given, angle: Tensor) -> Tensors:
    none = torch.zeros_like(angle)
    return _affine(given, -angle, none, none)  # torchvision rotates counter-clockwise


def _draw_shear(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    bounds = call.build().shear  # of x, then of y
    x, y = uniform(count, bounds[:2], generator), uniform(count, bounds[2:], generator)
    return _affine(given, torch.zeros_like(x), x, y)


def _stack_shear(call: Call, given: Given, parameters: Sequence[Parameters]) -> Tensors:
    x, y = (real(one["shear"][axis] for one in parameters) for axis in (0, 1))
    return _affine(given, torch.zeros_like(x), x, y)


# --- perspective ------------------------------------------------------------------------------------------------------


def _draw_perspective(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    """Each corner moves inwards by less than the distortion times half a side, in whole pixels."""
    height, width = given.shape[-2:]
    distortion = dict(call.arguments)["distortion_scale"]
    moves = [
        torch.randint(int(distortion * (side // 2)) + 1, (count, 4), generator=generator) for side in (width, height)
    ]
    corners = torch.tensor([[0, 0], [width - 1, 0], [width - 1, height - 1], [0, height - 1]])
    inwards = torch.tensor([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    moved = corners + inwards * torch.stack(moves, 2)  # (B, 4, 2)
    return _projective(given, _coefficients(moved.double(), corners.double()))


def _coefficients(ends: Tensor, starts: Tensor) -> Tensor:
    """The eight numbers (B, 8) of the map from four points (B, 4, 2) to others (4, 2): eight equations, in float64."""
    (x, y), (u, v) = ends.unbind(-1), starts.expand_as(ends).unbind(-1)  # (B, 4) each
    one, none = torch.ones_like(x), torch.zeros_like(x)
    across = torch.stack([x, y, one, none, none, none, -u * x, -u * y], -1)  # (B, 4, 8)
    down = torch.stack([none, none, none, x, y, one, -v * x, -v * y], -1)
    solved: Tensor = torch.linalg.solve(torch.cat([across, down], 1), torch.cat([u, v], 1))
    return solved.float()


def _projective(given: Given, coefficients: Tensor) -> Tensors:
    height, width = given.shape[-2:]
    half = torch.tensor([width / 2, height / 2])
    above = coefficients[:, :6].view(-1, 2, 3).mT / half  # (B, 3, 2)
    below_line = torch.cat([coefficients[:, 6:], torch.ones(len(coefficients), 1)], 1)[:, :, None]  # (B, 3, 1)
    return {"above": above, "below": below_line}


def _apply_perspective(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    height, width = images.shape[-2:]
    pixels = places(height, width, (0.5, 0.5), images.device)
    return sampled(images, pixels @ drawn["above"] / (pixels @ drawn["below"]) - 1)


# --- local warping ----------------------------------------------------------------------------------------------------


def _draw_warp(call: Call, given: Given, count: int, generator: torch.Generator) -> Tensors:
    """How far each pixel moves, in half sides (count, H, W, 2): uniform noise, made smooth, to the right and down."""
    transform, (height, width) = call.build(), given.shape[-2:]
    ways = []
    for side, alpha, sigma in zip((width, height), transform.alpha, transform.sigma, strict=True):
        noise = torch.rand(count, 1, height, width, generator=generator) * 2 - 1
        taps = int(8 * sigma + 1) | 1  # an odd number
        ways.append(gaussian_blur(noise, [taps, taps], list(transform.sigma)) * alpha / side)
    return {"displacement": torch.cat(ways, 1).permute(0, 2, 3, 1).contiguous()}


def _apply_warp(call: Call, images: Tensor, drawn: Tensors) -> Tensor:
    height, width = images.shape[-2:]
    x, y, _ = places(height, width, ((1 - width) / 2, (1 - height) / 2), images.device).unbind(-1)
    still = torch.stack([x / (width / 2), y / (height / 2)], -1)  # (H * W, 2)
    return sampled(images, still + drawn["displacement"].flatten(1, 2))


SPECS = (
    Batched(
        "mirror",
        lambda call, given, count, generator: {},
        lambda call, images, drawn: images.flip(-1),
        lambda call, given, parameters: {},
    ),
    Batched(
        "crop",
        _draw_crop,
        _apply_crop,
        lambda call, given, parameters: {
            "rows": whole(one["top"] for one in parameters),
            "columns": whole(one["left"] for one in parameters),
        },
    ),
    Batched(
        "resized-crop",
        _draw_box,
        _apply_box,
        lambda call, given, parameters: {
            name: whole(one[name] for one in parameters) for name in ("top", "left", "height", "width")
        },
        within=2,
    ),
    Batched("rotation", _draw_rotation, _apply_affine, _stack_rotation, within=1),
    Batched("shear", _draw_shear, _apply_affine, _stack_shear, within=1),
    Batched(
        "perspective",
        _draw_perspective,
        _apply_perspective,
        lambda call, given, parameters: _projective(given, torch.tensor([one["coefficients"] for one in parameters])),
        within=1,
    ),
    Batched(
        "warp",
        _draw_warp,
        _apply_warp,
        lambda call, given, parameters: {"displacement": torch.cat([one["displacement"] for one in parameters])},
        within=1,
    ),
)
