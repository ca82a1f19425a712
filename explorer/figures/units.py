"""Images of filters, patches and feature visualisations; and lesions as ECharts options."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.maps import WIDEST, Sheet
from explorer.figures.palette import AFTER, BEFORE, PLAIN, RESIDUAL
from explorer.figures.raster import enlarged, image_of, png
from explorer.figures.theme import Theme
from explorer.records import FirstFilters

_NUMBER = (128, 136, 144, 255)  # a grey that is legible on both backgrounds
_GAP, _MARGIN = 6, 4


def tiled(tiles: np.ndarray, numbers: Sequence[int] = (), *, columns: int, side: int = 56, digits: int = 11) -> Sheet:
    """Images, uint8 (N, h, w, C), in rows, each enlarged to about `side` pixels, with its number below it.

    Every pixel of a tile stays a square, and the gaps are transparent. `digits` is the font size of the numbers.
    """
    count, rows, wide, _ = tiles.shape
    factor = max(1, round(side / max(rows, wide)))
    while factor > 1 and columns * (wide * factor + _GAP) > WIDEST:
        factor -= 1
    high, wide = rows * factor, wide * factor
    label = digits + _MARGIN if numbers else 0
    size = (columns * (wide + _GAP) - _GAP, ceil(count / columns) * (high + label + _GAP) - _GAP)
    canvas = Image.new("RGBA", size, (0, 0, 0, 0))
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(digits)
    for i, tile in enumerate(tiles):
        left, top = (i % columns) * (wide + _GAP), (i // columns) * (high + label + _GAP)
        canvas.paste(enlarged(image_of(tile), factor).convert("RGBA"), (left, top))
        if numbers:
            pen.text((left + wide / 2, top + high), str(numbers[i]), _NUMBER, font, "ma")
    return Sheet(png(canvas), ceil(count / columns), columns, (high + label + _GAP, wide + _GAP), _GAP)


def filters_sheet(filters: FirstFilters) -> Sheet:
    """The first filters in their order, each with its number, to be read where the image is 730 pixels wide."""
    few = len(filters.order) <= 32
    columns, side, digits = (8, 84, 11) if few else (16, 60, 16)
    columns = min(columns, len(filters.order))
    return tiled(filter_tiles(filters.weights), filters.order, columns=columns, side=side, digits=digits)


def filter_tiles(weights: np.ndarray) -> np.ndarray:
    """Filters, float (N, C, f, f), as uint8 (N, f, f, C): 0 is mid grey, the largest weight of each is black or white.

    Three channels are colours; of any other number above one the mean is shown.
    """
    shown = weights if weights.shape[1] in {1, 3} else weights.mean(1, keepdims=True)
    largest = np.abs(shown).max((1, 2, 3), keepdims=True)
    unit = 0.5 + 0.5 * shown / np.where(largest > 0, largest, 1)
    pixels: np.ndarray = (255 * unit).round().astype(np.uint8).transpose(0, 2, 3, 1)
    return pixels


def printed_png(coded: bytes, side: int) -> bytes:
    """Resize an image smoothly to `side` pixels: its single pixels have no meaning."""
    image = Image.open(io.BytesIO(coded))
    width = max(1, round(image.width * side / image.height))
    return png(image.resize((width, side), Image.Resampling.BICUBIC))


def ascent(values: Sequence[float], *, steps: int, theme: Theme, step: str, objective: str) -> dict[str, Any]:
    """The objective over the steps of activation maximisation; `step` and `objective` name the axes."""
    rows = [[i, short(value)] for i, value in enumerate(values)]
    return {
        **base(theme, ""),
        "toolbox": {"show": False},
        "grid": {"left": 52, "right": 12, "top": 12, "bottom": 40},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3g", **tip(theme)},
        "xAxis": axis(theme, step, type="value", nameGap=24, min=0, max=steps),
        "yAxis": axis(theme, objective, type="value", nameGap=38),
        "series": [
            {"type": "line", "data": rows, "symbol": "none", "name": objective}
            | {"lineStyle": {"width": 2, "color": AFTER}, "itemStyle": {"color": AFTER}}
        ],
    }


def before_after(
    names: Sequence[str],
    shares: Sequence[tuple[float, float]],
    *,
    theme: Theme,
    before: str,
    after: str,
    title: str,
) -> dict[str, Any]:
    """Probabilities (0 to 1) of some classes, intact and lesioned, as pairs of bars; the first class on top."""
    label = {"show": True, "position": "right", "formatter": "{c}%", "fontSize": 10, "color": theme.muted}
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [round(100 * pair[i], 1) for pair in shares],
            "itemStyle": {"color": colour},
            "label": label,
        }
        for i, (name, colour) in enumerate(((before, BEFORE), (after, AFTER)))
    ]
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 52, "top": 56, "bottom": 24, "containLabel": True},
        "legend": {"top": 24, "left": 0, "itemWidth": 14, "itemHeight": 8, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, "", type="value", min=0, max=100),
        "yAxis": axis(theme, "", type="category", data=list(names), inverse=True),
        "series": series,
    }


def sweep(
    blocks: Sequence[str],
    lines: Sequence[tuple[str, bool, Sequence[float | None], float]],
    *,
    theme: Theme,
    chance: float,
    labels: Sequence[str],
    title: str,
) -> dict[str, Any]:
    """Accuracy with each block bypassed in turn: one dot per block, a dashed line for the intact network.

    `lines` are (name, residual or not, accuracy by block, None where it cannot be bypassed; accuracy of the whole);
    `labels` name the two axes, and chance.
    """
    block, accuracy, by_chance = labels
    series = [_swept(*line) for line in lines]
    label = {"formatter": by_chance, "position": "insideEndTop", "color": theme.muted, "textBorderWidth": 0}
    floor = {"yAxis": round(100 * chance, 1), "label": label}
    ink = {"color": theme.muted, "type": "dotted"}
    series.append(
        {"type": "line", "data": [], "markLine": {"silent": True, "symbol": "none", "data": [floor], "lineStyle": ink}}
    )
    return {
        **base(theme, title),
        "grid": {"left": 54, "right": 16, "top": 60, "bottom": 62},
        "legend": {
            "top": 26,
            "left": 0,
            "itemWidth": 16,
            "itemHeight": 10,
            "textStyle": text(theme),
            "data": [line[0] for line in lines],
        },
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(
            theme, block, type="category", data=list(blocks), nameGap=44, axisLabel={"rotate": 35, "color": theme.muted}
        ),
        "yAxis": axis(theme, accuracy, type="value", min=0, max=100, nameGap=34),
        "series": series,
    }


def _swept(name: str, residual: bool, values: Sequence[float | None], whole: float) -> dict[str, Any]:
    """The dots of one network, and the dashed line of the intact network."""
    colour = RESIDUAL if residual else PLAIN
    level = {"yAxis": round(100 * whole, 1), "label": {"show": False}}
    dashed = {"color": colour, "type": "dashed", "width": 1.5}
    return {
        "type": "line",
        "name": name,
        "data": [None if value is None else round(100 * value, 1) for value in values],
        "symbol": "circle" if residual else "diamond",
        "symbolSize": 11,
        "itemStyle": {"color": colour},
        "lineStyle": {"width": 1.5, "color": colour, "opacity": 0.5},
        "markLine": {"silent": True, "symbol": "none", "data": [level], "lineStyle": dashed},
    }
