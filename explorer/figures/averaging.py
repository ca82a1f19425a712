"""Figures of averaged answers: views of one image, several networks, what both are worth on a test set."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from explorer.figures import palette, theme as themes
from explorer.figures.echarts import axis, base, text, tip
from explorer.figures.raster import png
from explorer.figures.theme import DARK, Theme
from explorer.records import View

_THUMBNAIL = 112  # pixels of a view in a row of ten
_TWO = (palette.SLATE, palette.BLUE)


def framed_jpeg(picture: np.ndarray, views: Sequence[View]) -> bytes:
    """The square picture that views are cut from, uint8 (S, S, 3), each crop outlined once."""
    factor = max(1, round(512 / picture.shape[0]))
    image = Image.fromarray(picture).resize((picture.shape[1] * factor, picture.shape[0] * factor))
    draw = ImageDraw.Draw(image)
    cropped = [view for view in views if view.side < view.canvas]  # the others are all of it
    boxes = dict.fromkeys((view.top, view.left, view.side) for view in cropped)
    for number, (top, left, side) in enumerate(boxes):
        inset = 3 * number  # so that edges that coincide stay apart
        corners = [factor * edge for edge in (left, top, left + side, top + side)]
        place = (corners[0] + inset, corners[1] + inset, corners[2] - 1 - inset, corners[3] - 1 - inset)
        draw.rectangle(place, outline=palette.CYCLE[number % len(palette.CYCLE)], width=3)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def thumbnail_png(pixels: np.ndarray) -> bytes:
    """A view, uint8 (S, S, 3), in a row of others; small ones are enlarged by a whole factor."""
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.width > _THUMBNAIL:
        return png(image.resize((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BICUBIC))
    factor = -(-_THUMBNAIL // image.width)
    return png(image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST))


def running(
    names: Sequence[str],
    each: Sequence[Sequence[float]],
    mean: Sequence[Sequence[float]],
    *,
    shown: int,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """The first classes: dots are the softmax of every view, lines the average of the views up to there.

    Only the first `shown` views are drawn. `words`: "views", "share".
    """
    series: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        colour = {"color": palette.CYCLE[number % len(palette.CYCLE)]}
        line = [[v + 1, round(100 * row[number], 2)] for v, row in enumerate(mean[:shown])]
        dots = [[v + 1, round(100 * row[number], 2)] for v, row in enumerate(each[:shown])]
        common = {"name": name, "itemStyle": colour}
        series.append({**common, "type": "line", "data": line, "lineStyle": {"width": 2.4, **colour}, "symbolSize": 4})
        series.append(
            {**common, "type": "scatter", "data": dots, "symbolSize": 8, "itemStyle": {**colour, "opacity": 0.5}}
        )
    return {
        **base(theme, title),
        "grid": {"left": 46, "right": 14, "top": 84, "bottom": 44},
        "legend": {**_legend(theme), "data": list(names)},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, words["views"], type="value", nameGap=26, min=1, max=max(len(mean), 2), minInterval=1),
        "yAxis": axis(theme, words["share"], type="value", nameGap=34, min=0),
        "series": series,
    }


def grouped_bars(
    classes: Sequence[str], rows: Sequence[tuple[str, Sequence[float]]], *, theme: Theme, title: str
) -> dict[str, Any]:
    """The shares (0 to 1) of some classes by member, each (name, shares); the last row, the average, stands out."""
    series: list[dict[str, Any]] = []
    for number, (name, shares) in enumerate(rows):
        last = number == len(rows) - 1
        series.append(
            {
                "type": "bar",
                "name": name,
                "data": [round(100 * share, 1) for share in shares],
                "itemStyle": {"color": theme.ink if last else palette.CYCLE[number % len(palette.CYCLE)]},
                "label": {"show": last, "position": "right", "formatter": "{c}%", **text(theme)},
            }
        )
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 56, "top": 62, "bottom": 24, "containLabel": True},
        "legend": _legend(theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, "", type="value", min=0),
        "yAxis": axis(theme, "", type="category", data=list(classes), inverse=True),
        "series": series,
    }


@dataclass(frozen=True, slots=True)
class Point:
    """A way to answer: its group of points, its name, multiply-adds, accuracy (0 to 1) and its standard error."""

    group: str
    name: str
    macs: float
    accuracy: float
    error: float


def cost(
    points: Sequence[Point],
    lines: Sequence[Sequence[Point]],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> go.Figure:
    """Accuracy against multiply-adds of an image, with bars of one standard error; the last group are ensembles.

    `lines` join the points of one model. `words`: "macs", "accuracy".
    """
    margin = {"l": 8, "r": 8, "t": 30, "b": 8}
    fig = themes.figure(theme, height=420, title=title, margin=margin, hovermode="closest")
    for line in lines:
        x, y = [point.macs for point in line], [100 * point.accuracy for point in line]
        style = {"color": theme.line, "width": 1.2}
        fig.add_scatter(x=x, y=y, mode="lines", line=style, hoverinfo="skip", showlegend=False)
    groups = list(dict.fromkeys(point.group for point in points))
    symbols = ("circle", "square", "diamond", "triangle-up", "star")
    for number, group in enumerate(groups):
        inside = [point for point in points if point.group == group]
        ensemble = number == len(groups) - 1
        fig.add_scatter(
            x=[point.macs for point in inside],
            y=[100 * point.accuracy for point in inside],
            error_y={"array": [100 * point.error for point in inside], "thickness": 1, "width": 3},
            name=group,
            mode="markers",
            marker={
                "symbol": symbols[-1] if ensemble else symbols[number % 4],
                "size": 14 if ensemble else 9,
                "color": palette.ORANGE if ensemble else palette.CYCLE[(0, 2, 3, 5)[number % 4]],
            },
            text=[point.name for point in inside],
            hovertemplate="%{text}<br>%{y:.1f}%<br>%{x:.3s} " + words["macs_short"] + f"<extra>{group}</extra>",
        )
    fig.update_layout(
        xaxis=themes.axis(theme, words["macs"], type="log", exponentformat="SI", dtick=1),
        yaxis=themes.axis(theme, words["accuracy"]),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return fig


def matrix(values: Sequence[Sequence[float]], names: Sequence[str], *, theme: Theme, title: str) -> dict[str, Any]:
    """Shares (0 to 1) in percent for every pair of members; the diagonal, which is 1, is left empty."""
    off = [value for i, row in enumerate(values) for j, value in enumerate(row) if i != j]
    low, high = min(off, default=0.0), max(off, default=1.0)
    cells = []
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if i != j:
                ink = DARK.paper if value - low > 0.6 * (high - low) else palette.WHITE
                cells.append({"value": [j, i, round(100 * value, 1)], "label": {"color": ink}})
    sides = {"type": "category", "data": list(names), "splitLine": {"show": False}, "axisTick": {"show": False}}
    across, upright = axis(theme, "", **sides), axis(theme, "", **sides, inverse=True)
    across["axisLabel"] = {**across["axisLabel"], "rotate": 35, "interval": 0}
    upright["axisLabel"] = {**upright["axisLabel"], "interval": 0}
    reach = {"min": 100 * low, "max": 100 * high if high > low else 100 * low + 1}
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 8, "top": 34, "bottom": 8, "containLabel": True},
        "xAxis": across,
        "yAxis": upright,
        "visualMap": {"show": False, **reach, "dimension": 2, "inRange": {"color": list(palette.VIRIDIS)}},
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "progressive": 0,
                "label": {"show": True, "formatter": "{@[2]}", "fontSize": 11},
                "itemStyle": {"borderWidth": 1, "borderColor": theme.paper},
            }
        ],
    }


def counted(rows: Sequence[tuple[int, int]], *, theme: Theme, words: Mapping[str, str], title: str) -> dict[str, Any]:
    """How many images exactly k members get right, and of those how many the average does; k from 0.

    `words`: "members", "images", "right", "wrong". The axis is logarithmic: most images are known to all.
    """
    stacks = (
        (words["right"], [good for _, good in rows], palette.GREEN),
        (words["wrong"], [all_of - good for all_of, good in rows], palette.ORANGE),
    )
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [count or None for count in counts],
            "itemStyle": {"color": colour},
            "label": {"show": True, "position": "top", "fontSize": 11, "color": theme.muted},
        }
        for name, counts, colour in stacks
    ]
    return {
        **base(theme, title),
        "grid": {"left": 54, "right": 8, "top": 62, "bottom": 44},
        "legend": _legend(theme),
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, words["members"], type="category", nameGap=26, data=[str(k) for k in range(len(rows))]),
        "yAxis": axis(theme, words["images"], type="log", nameGap=38, min=1),
        "series": series,
    }


def reliability(
    curves: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """Accuracy against confidence, each curve (name, points from 0 to 1), beside the diagonal of perfect calibration.

    `words`: "confidence", "accuracy", "perfect".
    """
    series: list[dict[str, Any]] = [
        {
            "type": "line",
            "name": words["perfect"],
            "data": [[0, 0], [100, 100]],
            "symbol": "none",
            "itemStyle": {"color": theme.muted},
            "lineStyle": {"color": theme.muted, "type": "dotted", "width": 1.4},
        }
    ]
    for (name, points), colour in zip(curves, _TWO, strict=False):
        series.append(
            {
                "type": "line",
                "name": name,
                "data": [[round(100 * x, 1), round(100 * y, 1)] for x, y in points],
                "symbolSize": 7,
                "itemStyle": {"color": colour},
                "lineStyle": {"color": colour, "width": 2.2},
            }
        )
    return {
        **base(theme, title),
        "grid": {"left": 52, "right": 14, "top": 84, "bottom": 44},
        "legend": _legend(theme),
        "tooltip": {"trigger": "item", **tip(theme)},
        "xAxis": axis(theme, words["confidence"], type="value", nameGap=26, min=0, max=100),
        "yAxis": axis(theme, words["accuracy"], type="value", nameGap=36, min=0, max=100),
        "series": series,
    }


def _legend(theme: Theme) -> dict[str, Any]:
    return {"top": 24, "left": 0, "itemWidth": 16, "itemHeight": 8, "textStyle": text(theme)}
