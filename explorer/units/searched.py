"""Images that are searched for what excites a unit: a data set, or pieces of the bundled photographs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch

from explorer import datasets
from explorer.datasets import ImageData
from explorer.images import PHOTOGRAPHS, fitted, load
from explorer.records import Shape, luma

PHOTOGRAPHS_SLUG = "photographs"
"""Stands for the bundled photographs where a data set is asked for."""

_PARTS = (1, 2 / 3, 1 / 2)
"""Sides of the pieces, of the shorter side of a photograph; neighbours overlap by half."""


def searched(dataset: str, shape: Shape) -> ImageData:
    """The data set of that name, or the pieces of the bundled photographs for a network of input `shape` (C, H, W).

    A few photographs cut small are no data set, but a network for large images has something to answer to where no
    other is at hand. The labels of the pieces are the photographs'. Raises `DatasetError`, `BadImage`.
    """
    return _pieces(shape) if dataset == PHOTOGRAPHS_SLUG else datasets.load(dataset)


@lru_cache(maxsize=2)
def _pieces(shape: Shape) -> ImageData:
    cut = [(label, piece) for label, entry in enumerate(PHOTOGRAPHS) for piece in _cut(load(entry.slug))]
    pixels = np.stack([fitted(piece, (shape[1], shape[2])) for _, piece in cut])  # (N, H, W, 3)
    if shape[0] == 1:
        pixels = luma(*np.moveaxis(pixels.astype(np.float32), 3, 0)).round().astype(np.uint8)[..., None]
    images = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)))
    labels = torch.tensor([label for label, _ in cut])
    names = tuple(entry.slug for entry in PHOTOGRAPHS)
    return ImageData(
        train_images=images, train_labels=labels, test_images=images[:0], test_labels=labels[:0], classes=names
    )


def _cut(photograph: np.ndarray) -> Iterator[np.ndarray]:
    """Square pieces of a photograph, uint8 (H, W, 3), from the whole height down to half of it."""
    rows, columns = photograph.shape[:2]
    for part in _PARTS:
        side = int(part * min(rows, columns))
        for top in range(0, rows - side + 1, side // 2):
            for left in range(0, columns - side + 1, side // 2):
                yield photograph[top : top + side, left : left + side]
