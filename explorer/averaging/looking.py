"""One image, view by view: what is cut out of it, and what a model says of each piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.images import fitted
from explorer.records import View, luma

if TYPE_CHECKING:
    from explorer.models import Model


def picture(pixels: np.ndarray, size: int) -> np.ndarray:
    """The largest square from the middle of an image, uint8 (H, W, 3), resized to (size, size, 3).

    The short side becomes `size` and the middle is kept, as Krizhevsky et al. 2012 prepare ImageNet (section 2).
    """
    return fitted(pixels, (size, size))


def piece(pixels: np.ndarray, view: View) -> np.ndarray:
    """A view of an image of any size, uint8 (side, side, 3)."""
    whole = picture(pixels, view.canvas)
    cut: np.ndarray = whole[view.top : view.top + view.side, view.left : view.left + view.side]
    return cut[:, ::-1] if view.mirrored else cut


def softmax_of_views(model: Model, pixels: np.ndarray, views: Sequence[View]) -> tuple[np.ndarray, ...]:
    """A model's softmax on each view of an image, uint8 (H, W, 3): float32 (classes,) each.

    Raises `ShapeMismatch` where it cannot read the size of a view.
    """
    import torch

    from explorer.tracing import trace_shapes

    channels = model.input_shape[0]
    for side in {view.side for view in views} - set(model.instance.size):
        trace_shapes(replace(model.instance, input_shape=(channels, side, side)))
    net, found = model.instantiate(), []
    with torch.inference_mode():
        for view in views:
            stored = torch.from_numpy(_as_read(piece(pixels, view), channels))
            found.append(net(model.scale(stored[None])).softmax(1)[0].numpy())
    return tuple(found)


def _as_read(pixels: np.ndarray, channels: int) -> np.ndarray:
    """uint8 (H, W, 3) as a network reads it: uint8 (C, H, W), grey where it has one channel."""
    if channels == 1:
        pixels = luma(*np.moveaxis(pixels.astype(np.float32), 2, 0)).round().astype(np.uint8)[..., None]
    stored: np.ndarray = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    return stored


@dataclass(frozen=True, slots=True)
class Running:
    """A model on the views of an image, one after the other.

    `classes` are the indices of those that the average puts first; `each[v]` are their shares on view v, `mean[v]` in
    the average of the views up to v. `answers` are the index and the share of what each view alone puts first.
    """

    classes: tuple[int, ...]
    each: tuple[tuple[float, ...], ...]
    mean: tuple[tuple[float, ...], ...]
    answers: tuple[tuple[int, float], ...]


def first_classes(shares: np.ndarray, most: int) -> tuple[int, ...]:
    """The classes with the largest shares, at most so many; those with less than half a percent only if they must."""
    order = np.argsort(-shares, kind="stable")[:most]
    return tuple(int(index) for place, index in enumerate(order) if place < 2 or shares[index] >= 0.005)


def running(shares: Sequence[np.ndarray], top: int) -> Running:
    """The average of views as they are added; `shares` are one softmax (classes,) for each."""
    stacked = np.stack(shares).astype(np.float64)
    mean = stacked.cumsum(0) / np.arange(1, len(stacked) + 1)[:, None]
    classes = first_classes(mean[-1], top)
    best = stacked.argmax(1)
    return Running(
        classes,
        tuple(map(tuple, stacked[:, list(classes)].tolist())),
        tuple(map(tuple, mean[:, list(classes)].tolist())),
        tuple((int(index), float(row[index])) for index, row in zip(best, stacked, strict=True)),
    )
