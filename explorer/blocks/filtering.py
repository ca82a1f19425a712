"""A kernel over a photograph: the convolution of `torch.nn.functional.conv2d`, by shifting and adding whole images.

Without torch, so that the first look needs none; a test holds every value equal to torch's, in float64.
"""

from __future__ import annotations

import numpy as np

from explorer.arithmetic import output_size
from explorer.records import Formula
from explorer.records.filtered import Filter, Filtered, FilterMisfit, Result

_MOST = 0.99
"""The share of the values that a colour scale covers, unless it is asked to cover all."""

_IMAGE_LIKE = 0.1
"""A kernel whose weights sum to more than this share of their absolute values gives an image: it keeps brightness."""


def misfit(sides: tuple[int, int], asked: Filter) -> FilterMisfit | None:
    """Why a filter cannot slide over an image of so many rows and columns; None if it can."""
    spans = [(side + 2 * asked.padding, f) for side, f in zip(sides, _shape(asked), strict=True)]
    room, f = min(spans, key=lambda each: each[0] - asked.dilation * (each[1] - 1))
    span = asked.dilation * (f - 1) + 1
    if span <= room:
        return None
    return FilterMisfit(span, room, min((room - 1) // (f - 1) for room, f in spans if f > 1))


def _shape(asked: Filter) -> tuple[int, int]:
    return len(asked.kernel), len(asked.kernel[0])


def filtered(pixels: np.ndarray, asked: Filter, *, everything: bool = False) -> Filtered:
    """Slide a kernel over an image, uint8 (H, W) for "grey" and (H, W, 3) otherwise.

    The colour scale covers 99 % of the values where they are signed, all of them with `everything`. Raises `ValueError`
    where the window does not fit (`misfit`) and for a `magnitude` of a kernel that is not square.
    """
    kernel = np.array(asked.kernel, np.float64)
    if misfit((pixels.shape[0], pixels.shape[1]), asked) or (asked.magnitude and len(set(kernel.shape)) > 1):
        raise ValueError("the kernel does not fit")
    maps = pixels.astype(np.float64).reshape(*pixels.shape[:2], -1).transpose(2, 0, 1)  # (C, H, W)
    values = _slid(maps, kernel, asked)
    if asked.magnitude:
        values = np.hypot(values, _slid(maps, kernel.T, asked))
    total, whole = float(kernel.sum()), float(np.abs(kernel).sum())
    result: Result = "magnitude" if asked.magnitude else "image" if total > _IMAGE_LIKE * whole else "signed"
    limit = _limit(values, everything) if result != "image" else 255 * total * (3 if asked.over == "sum" else 1)
    low = 0.0 if result == "image" else -limit
    return Filtered(
        before=pixels,
        values=values,
        result=result,
        limit=limit,
        beyond=float(((values > limit) | (values < low)).mean()),
        low=float(values.min()),
        high=float(values.max()),
        total=total,
        sides=(_side(pixels.shape[0], kernel.shape[0], asked), _side(pixels.shape[1], kernel.shape[1], asked)),
    )


def strongest(found: Filtered, asked: Filter) -> tuple[int, int]:
    """The row and column of the value that is furthest from zero, where no window reaches into the padding.

    At the border the step from the image to zeros would be the strongest edge of all.
    """
    sizes = np.abs(found.values).max(0)
    inside = np.zeros(sizes.shape, bool)
    spans = [asked.dilation * (f - 1) + 1 for f in _shape(asked)]
    firsts = [-(-asked.padding // asked.stride)] * 2
    lasts = [(n + asked.padding - span) // asked.stride for n, span in zip(found.before.shape[:2], spans, strict=True)]
    inside[firsts[0] : max(0, lasts[0] + 1), firsts[1] : max(0, lasts[1] + 1)] = True
    row, column = np.unravel_index(np.where(inside, sizes, -1).argmax(), sizes.shape)
    return int(row), int(column)


def _side(n: int, f: int, asked: Filter) -> Formula:
    return output_size(n, f, s=asked.stride, p=asked.padding, d=asked.dilation)


def _limit(values: np.ndarray, everything: bool) -> float:
    sizes = np.abs(values)
    return float(sizes.max() if everything else np.quantile(sizes, _MOST)) or float(sizes.max()) or 1.0


def _slid(maps: np.ndarray, kernel: np.ndarray, asked: Filter) -> np.ndarray:
    """The kernel over each map of (C, H, W); summed over C where it is asked for."""
    s, p, d = asked.stride, asked.padding, asked.dilation
    padded = np.pad(maps, ((0, 0), (p, p), (p, p)))
    rows, columns = ((side - d * (f - 1) - 1) // s + 1 for side, f in zip(padded.shape[1:], kernel.shape, strict=True))
    out = np.zeros((len(maps), rows, columns))
    for (row, column), weight in np.ndenumerate(kernel):
        if weight:
            top, left = row * d, column * d
            out += weight * padded[:, top : top + (rows - 1) * s + 1 : s, left : left + (columns - 1) * s + 1 : s]
    return out.sum(0, keepdims=True) if asked.over == "sum" else out
