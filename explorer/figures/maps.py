"""Feature maps as one image: a grid, encoded as a palette PNG."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from PIL import Image

from explorer.figures import palette
from explorer.figures.raster import colour_scale, enlarged, png

WIDEST = 1460
"""Pixels: Streamlit downsamples (and blurs) anything wider."""

GAP = 255
"""The palette index between maps; it is transparent, so that the page shows through."""


def viridis() -> np.ndarray:
    """256 x 3 uint8: the colour scale of all maps."""
    return colour_scale(palette.VIRIDIS)


def scaled(maps: np.ndarray, *, shared: bool) -> np.ndarray:
    """Maps (C, H, W) as uint8 below `GAP`: one colour scale for all when `shared`, else each map on its own."""
    axes = (0, 1, 2) if shared else (1, 2)
    low, high = maps.min(axes, keepdims=True), maps.max(axes, keepdims=True)
    span = np.where(high > low, high - low, 1.0)
    unit: np.ndarray = ((maps - low) / span * (GAP - 1)).round().astype(np.uint8)
    return unit


def grid_png(maps: np.ndarray, *, columns: int, shared: bool = False, gap: int = 1) -> bytes:
    """Maps (C, H, W) side by side as one palette PNG, enlarged by a whole factor to at most `WIDEST` pixels.

    Maps too large to fit are thinned by a whole factor first: every n-th row and column.
    """
    thin = next(n for n in range(1, WIDEST) if columns * (ceil(maps.shape[2] / n) + gap) - gap <= WIDEST)
    maps = maps[:, ::thin, ::thin]
    count, rows_of_one, columns_of_one = maps.shape
    rows = ceil(count / columns)
    canvas = np.full((rows * (rows_of_one + gap) - gap, columns * (columns_of_one + gap) - gap), GAP, np.uint8)
    for i, values in enumerate(scaled(maps, shared=shared)):
        top, left = (i // columns) * (rows_of_one + gap), (i % columns) * (columns_of_one + gap)
        canvas[top : top + rows_of_one, left : left + columns_of_one] = values
    return palette_png(canvas, max(1, min(WIDEST // canvas.shape[1], 240 // rows_of_one)))


@dataclass(frozen=True, slots=True)
class Sheet:
    """Maps, or other small images, side by side as a PNG, and the geometry of the grid.

    The grid has `rows` x `columns` maps, each `pitch` (vertical, horizontal) pixels from the next; the last `gap` of
    them belong to no map.
    """

    png: bytes
    rows: int
    columns: int
    pitch: tuple[int, int]
    gap: int

    @property
    def width(self) -> int:
        """Pixels of the whole."""
        return self.columns * self.pitch[1] - self.gap


def sheet(
    maps: np.ndarray, *, shared: bool, columns: int | None = None, levels: int = 48, most: int = 420_000
) -> Sheet:
    """Maps (C, H, W) as one small image in `levels` colours; beyond `most` cells only every n-th row and column.

    Without `columns` the sheet is somewhat wider than tall.

    Half a byte per cell, so that 512 maps of 28 x 28 are 200 KB. A browser enlarges it without blurring.
    """
    thin = next(n for n in range(1, WIDEST) if len(maps) * ceil(maps.shape[1] / n) * ceil(maps.shape[2] / n) <= most)
    maps = maps[:, ::thin, ::thin]
    count, height, width = maps.shape
    columns = columns or min(count, next(n for n in (4, 8, 12, 16, 24, 32, 48, 64) if n * n * 0.7 >= count or n == 64))
    gap = max(1, width // 14)
    rows = ceil(count / columns)
    canvas = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), GAP, np.uint8)
    step = (GAP - 1) / (levels - 1)
    coarse = ((scaled(maps, shared=shared) / step).round() * step).round().astype(np.uint8)
    for i, values in enumerate(coarse):
        top, left = (i // columns) * (height + gap), (i % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = values
    return Sheet(palette_png(canvas), rows, columns, (height + gap, width + gap), gap)


def palette_png(cells: np.ndarray, factor: int = 1) -> bytes:
    """Palette entries (H, W) uint8 as a PNG, each cell a square of `factor` pixels; `GAP` is transparent."""
    image = Image.fromarray(cells).convert("P")
    image.putpalette(viridis().tobytes())
    return png(enlarged(image, factor), transparency=GAP)


def value_labels(values: np.ndarray) -> list[str]:
    """Every value of a map with its position, row by row, for tooltips; none where there are too many."""
    if values.size > 64 * 64:
        return []
    return [
        f"{row}, {column}: {value:.3f}" for row, line in enumerate(values.tolist()) for column, value in enumerate(line)
    ]


def coloured(values: np.ndarray) -> np.ndarray:
    """One map (H, W) as an RGB image (H, W, 3) uint8."""
    rgb: np.ndarray = viridis()[scaled(values[None], shared=False)[0]]
    return rgb
