"""Figures of cheaper convolutions, scaling and dense blocks: lines, bars and heat maps (ECharts), curves (SVG)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.palette import CYCLE, SIGNED, VIRIDIS
from explorer.figures.raster import colour_scale, enlarged, image_of, png
from explorer.figures.svg import Drawing
from explorer.figures.theme import Theme

_PIECES = 40
"""Pieces of a curve with a colour each."""

Look = Literal["line", "dash", "dots", "star", "marked"]


@dataclass(frozen=True, slots=True)
class Line:
    """A series over a numeric axis: its name, its place in the palette, (x, y) pairs, and how they are drawn.

    `names` say what each point is, where they are dots that stand for something.
    """

    name: str
    colour: int
    rows: Sequence[tuple[float, float]]
    look: Look = "line"
    names: Sequence[str] = ()


def lines(
    series: Sequence[Line],
    *,
    theme: Theme,
    across: str,
    upright: str,
    title: str,
    log: tuple[bool, bool] = (False, False),
    low: tuple[float | None, float | None] = (None, None),
) -> dict[str, Any]:
    """Series over two numeric axes; `log` says which of them are logarithmic, `low` where they begin."""
    scales = ["log" if each else "value" for each in log]
    starts: list[dict[str, Any]] = [{} if each is None else {"min": each} for each in low]
    return {
        **base(theme, title),
        "grid": {"left": 40, "right": 24, "top": 62, "bottom": 34, "containLabel": True},
        "legend": {"top": 24, "left": 0, "type": "scroll", "itemWidth": 18, "itemHeight": 8, "textStyle": text(theme)},
        "tooltip": {"trigger": "item", **tip(theme)},
        "xAxis": axis(theme, across, type=scales[0], nameGap=28, scale=True, **starts[0]),
        "yAxis": axis(theme, upright, type=scales[1], nameGap=44, scale=True, **starts[1]),
        "series": [_line(each, theme) for each in series],
    }


def _line(line: Line, theme: Theme) -> dict[str, Any]:
    colour = CYCLE[line.colour % len(CYCLE)]
    names = line.names or [""] * len(line.rows)
    data = [{"value": [short(x), short(y)], "name": name} for (x, y), name in zip(line.rows, names, strict=True)]
    common = {"name": line.name, "data": data, "itemStyle": {"color": colour}}
    if line.look in ("line", "dash"):
        style = {"width": 2.2, "color": colour, "type": "dashed" if line.look == "dash" else "solid"}
        return {**common, "type": "line", "symbol": "circle", "symbolSize": 4, "lineStyle": style}
    labelled = {"show": bool(line.names), "formatter": "{b}", "position": "top", "fontSize": 11, "color": theme.muted}
    symbol = {"dots": "circle", "star": "diamond", "marked": "pin"}[line.look]
    size = {"dots": 9, "star": 14, "marked": 26}[line.look]
    return {**common, "type": "scatter", "symbol": symbol, "symbolSize": size, "label": labelled, "z": 4}


def bars(
    names: Sequence[str],
    stacks: Sequence[tuple[str, int, Sequence[float | None]]],
    *,
    theme: Theme,
    across: str,
    title: str,
    stacked: bool = True,
    labelled: bool = True,
    low: float = 0,
) -> dict[str, Any]:
    """Lying bars from `low`, the first name on top; `stacks` are (name, place in the palette, a value for each bar)."""
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [None if value is None else _bar(value) for value in values],
            "itemStyle": {"color": CYCLE[colour % len(CYCLE)], "borderColor": theme.paper, "borderWidth": 1},
            **({"stack": "all"} if stacked else {}),
            "label": {
                "show": labelled,
                "fontSize": 11,
                "color": palette.WHITE if stacked else theme.ink,
                "position": "inside" if stacked else "right",
            },
            "labelLayout": {"hideOverlap": True},
            "barMaxWidth": 34,
        }
        for name, colour, values in stacks
    ]
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 60, "top": 62, "bottom": 34, "containLabel": True},
        "legend": {"top": 24, "left": 0, "type": "scroll", "itemWidth": 14, "itemHeight": 8, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, **tip(theme)},
        "xAxis": axis(theme, across, type="value", nameGap=26, min=low),
        "yAxis": axis(theme, "", type="category", data=list(names), inverse=True),
        "series": series,
    }


def _bar(value: float) -> dict[str, Any]:
    """A bar that says its number with its thousands apart."""
    return {"value": value, "label": {"formatter": f"{value:,.10g}"}}


def heat(
    values: np.ndarray,
    down: Sequence[str],
    across: Sequence[str],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
    most: float,
) -> dict[str, Any]:
    """A matrix (rows, columns) as colours from 0 to `most`, NaN left empty. `words`: "down", "across"."""
    cells = [[j, i, short(float(v))] for i, row in enumerate(values) for j, v in enumerate(row) if not np.isnan(v)]
    sides = {"type": "category", "splitLine": {"show": False}, "axisTick": {"show": False}}
    return {
        **base(theme, title),
        "grid": {"left": 34, "right": 76, "top": 34, "bottom": 36, "containLabel": True},
        "tooltip": {"trigger": "item", **tip(theme)},
        "xAxis": axis(theme, words["across"], **sides, data=list(across), nameGap=28),
        "yAxis": axis(theme, words["down"], **sides, data=list(down), inverse=True, nameGap=66),
        "visualMap": {
            "min": 0,
            "max": short(most),
            "right": 0,
            "top": 30,
            "dimension": 2,
            "precision": 3,
            "itemWidth": 12,
            "inRange": {"color": list(VIRIDIS)},
            "textStyle": text(theme),
        },
        "series": [{"type": "heatmap", "data": cells, "progressive": 0}],
    }


def curves(found: Sequence[tuple[str, np.ndarray]], *, theme: Theme, title: str, label: str) -> str:
    """Curves in the plane side by side, each below its name: (name, points (N, 2)), as HTML; `label` is for readers.

    Every window reaches from -1.15 to 1.15 both ways; along a curve its colour goes from the first point's to the
    last's. One image: as circles of a chart, seven curves of 240 points would be drawn anew for a tenth of a second.
    """
    side, gap, top = 150, 10, 52
    drawing = Drawing(theme, len(found) * (side + gap) - gap, top + side)
    drawing.text(0, 9, title, size=14, anchor="start")
    shades = colour_scale(VIRIDIS[1:8])[np.linspace(0, 255, _PIECES).astype(int)].tolist()
    for place, (name, points) in enumerate(found):
        left = place * (side + gap)
        drawing.text(left, 36, name, size=12, anchor="start")
        ends = np.linspace(0, len(points) - 1, _PIECES + 1).astype(int)
        drawing.parts.append(f'<svg x="{left}" y="{top}" width="{side}" height="{side}" viewBox="-1.15 -1.15 2.3 2.3">')
        for (red, green, blue), begin, end in zip(shades, ends[:-1], ends[1:], strict=True):
            piece = [(round(x, 3), round(-y, 3)) for x, y in points[begin : end + 1].tolist()]
            drawing.line(piece, colour=f"#{red:02x}{green:02x}{blue:02x}", width=0.05, head=False)
        drawing.parts.append("</svg>")
    return drawing.html(label, least=760)


def kernels_png(rows: Sequence[np.ndarray]) -> bytes:
    """Rows of small kernels, each (N, f, f), one below the other: blue below zero, orange above, one scale for all."""
    reach = max(float(np.abs(row).max()) for row in rows) or 1.0
    scale, gap, factor = colour_scale(SIGNED), 1, 18
    side = rows[0].shape[1]
    high, wide = len(rows) * (side + gap) - gap, len(rows[0]) * (side + gap) - gap
    canvas = np.zeros((high, wide, 4), np.uint8)
    for i, row in enumerate(rows):
        for j, kernel in enumerate(row):
            coded = scale[np.round(127.5 * (1 + kernel / reach)).astype(int).clip(0, 255)]
            top, left = i * (side + gap), j * (side + gap)
            canvas[top : top + side, left : left + side, :3] = coded
            canvas[top : top + side, left : left + side, 3] = 255
    return png(enlarged(image_of(canvas), factor))
