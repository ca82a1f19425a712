"""Attributions as images: heat maps alone or over the photograph, as palette PNGs, and the curves that test them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.maps import viridis
from explorer.figures.raster import colour_scale, enlarged, image_of, png
from explorer.figures.theme import Theme

CLIP = 99.0
"""Percentile of the magnitudes at which the colour scale is clipped: a few extreme pixels would darken all others."""

SIDE = 256
"""Pixels: smaller maps are enlarged by an integer factor to at most this."""

LARGEST_SIDE = 240
"""Pixels: larger maps are average-pooled by an integer factor, so that the images stay small."""

MOST_BYTES = 60_000


def signed_palette() -> np.ndarray:
    """256 x 3 uint8: the diverging colour scale of signed maps, zero in the middle."""
    return colour_scale(palette.SIGNED)


def gradient(signed: bool) -> str:
    """The colour scale as a CSS gradient, from low to high."""
    colours = (signed_palette() if signed else viridis())[::51]
    return f"linear-gradient(to right, {', '.join('#' + bytes(c).hex().upper() for c in colours)})"


def limit(values: np.ndarray) -> float:
    """Limit of the colour scale: the percentile `CLIP` of the magnitudes, or the largest one if that is zero."""
    magnitudes = np.abs(values)
    return float(np.percentile(magnitudes, CLIP)) or float(magnitudes.max()) or 1.0


def levels(values: np.ndarray, *, signed: bool) -> np.ndarray:
    """A map (H, W) as palette indices 0 to 255; signed maps have zero at 127.5."""
    unit = np.clip(values / limit(values), -1 if signed else 0, 1)
    entries: np.ndarray = ((unit + 1) * 127.5 if signed else unit * 255).round().astype(np.uint8)
    return entries


def map_png(values: np.ndarray, photograph: np.ndarray | None, *, signed: bool) -> bytes:
    """A map (H, W) over a photograph, or alone where there is none."""
    return heat_png(values, signed=signed) if photograph is None else overlay_png(values, photograph, signed=signed)


def heat_png(values: np.ndarray, *, signed: bool) -> bytes:
    """A map (H, W) alone."""
    image = Image.fromarray(levels(_thinned(values), signed=signed)).convert("P")
    image.putpalette((signed_palette() if signed else viridis()).tobytes())
    return _written(image)


def overlay_png(values: np.ndarray, photograph: np.ndarray, *, signed: bool) -> bytes:
    """A map (H, W) over a greyed photograph, uint8 (H, W, C): the stronger, the more opaque."""
    values, photograph = _thinned(values), _thinned(photograph)
    colours = (signed_palette() if signed else viridis())[levels(values, signed=signed)].astype(float)
    grey = photograph.astype(float) @ (np.array([0.299, 0.587, 0.114]) if photograph.shape[2] == 3 else np.ones(1))
    paper = 40 + grey * (215 / 255)  # a little lighter, so that the map is visible on dark images
    cover = (0.92 * np.clip(np.abs(values) / limit(values), 0, 1) ** 0.7)[..., None]
    mixed = cover * colours + (1 - cover) * paper[..., None]
    return _fitted(Image.fromarray(mixed.round().clip(0, 255).astype(np.uint8)))


def photograph_png(photograph: np.ndarray) -> bytes:
    """An input image, uint8 (H, W, C), as a PNG."""
    return _fitted(image_of(_thinned(photograph).round().astype(np.uint8)))


def _thinned(values: np.ndarray) -> np.ndarray:
    """Average-pool (H, W) or (H, W, C) so that no side is longer than `LARGEST_SIDE`."""
    square = -(-max(values.shape[:2]) // LARGEST_SIDE)
    rows, columns = (side // square for side in values.shape[:2])
    cut = values[: rows * square, : columns * square].astype(float)
    means: np.ndarray = cut.reshape(rows, square, columns, square, *values.shape[2:]).mean((1, 3))
    return means


def _fitted(image: Image.Image) -> bytes:
    """Encode with as many colours as `MOST_BYTES` allow; a small image keeps all."""
    colours = image.getcolors(256)
    if colours is not None:
        return _written(image)
    tried = (_written(image.quantize(count, dither=Image.Dither.NONE)) for count in (256, 128, 64, 32))
    smallest = b""
    for coded in tried:
        smallest = coded
        if len(coded) <= MOST_BYTES:
            break
    return smallest


def _written(image: Image.Image) -> bytes:
    return png(enlarged(image, SIDE // max(image.size)))


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its name, its points (x, y) from 0 to 1, and whether it is the baseline."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    baseline: bool = False


def probability_curves(lines: Sequence[Line], *, theme: Theme, across: str, upright: str, title: str) -> dict[str, Any]:
    """Probability of a class over the fraction of pixels replaced, as an ECharts option; `across`, `upright`: axes."""
    colours = [theme.muted if line.baseline else palette.CYCLE[i % len(palette.CYCLE)] for i, line in enumerate(lines)]
    return {
        **base(theme, title),
        "grid": {"left": 52, "right": 14, "top": 96, "bottom": 44},
        "legend": {"top": 26, "left": 0, "itemWidth": 18, "itemHeight": 3, "icon": "rect", "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, across, type="value", min=0, max=100, nameGap=26),
        "yAxis": axis(theme, upright, type="value", min=0, max=100, nameGap=36),
        "series": [
            {
                "type": "line",
                "name": line.name,
                "data": [[short(100 * x), short(100 * y)] for x, y in zip(line.x, line.y, strict=True)],
                "symbol": "none",
                "itemStyle": {"color": colour},
                "lineStyle": {"width": 2.2, "color": colour, "type": "dashed" if line.baseline else "solid"},
            }
            for line, colour in zip(lines, colours, strict=True)
        ],
    }
