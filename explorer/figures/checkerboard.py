"""Grids of numbers side by side, and grey images: how often cells are written, kernels that were learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.figures.raster import enlarged, image_of, png
from explorer.figures.svg import Drawing
from explorer.figures.theme import Theme

Grid = Sequence[Sequence[float]]

_CELL, _GAP, _HEAD = 44, 36, 26
_MOST_WRITTEN = 20  # columns: numbers in narrower cells cannot be read


def grids(titled: Sequence[tuple[str, Grid]], *, theme: Theme, said: str) -> str:
    """Grids of numbers in a row, as HTML: orange above 0, blue below, one scale for all. `said` says what they show."""
    most = max((abs(value) for _, grid in titled for row in grid for value in row), default=0)
    widths = [max(_CELL * len(grid[0]), 7 * len(name)) for name, grid in titled]
    height = _HEAD + _CELL * max(len(grid) for _, grid in titled)
    drawing = Drawing(theme, sum(widths) + _GAP * (len(titled) - 1), height)
    left = 0.0
    for (name, grid), width in zip(titled, widths, strict=True):
        drawing.text(left, _HEAD / 2, name, anchor="start")
        for i, row in enumerate(grid):
            for j, value in enumerate(row):
                x, y = left + _CELL * j, _HEAD + _CELL * i
                drawing.rect(x, y, _CELL, _CELL, fill=drawing.tint(value, most), line=theme.line)
                if len(row) <= _MOST_WRITTEN:
                    written = f"{round(value, 2) + 0.0:g}".replace("-", "−")
                    drawing.text(x + _CELL / 2, y + _CELL / 2, written, size=12, mono=True)
        left += width + _GAP
    return drawing.html(said, most=round(drawing.width))


def grey_png(pixels: np.ndarray, factor: int) -> bytes:
    """A grey image, (H, W) from 0 to 1, with every pixel as a square of `factor` pixels."""
    return png(enlarged(image_of((255 * np.clip(pixels, 0, 1)).round().astype(np.uint8)), factor))
