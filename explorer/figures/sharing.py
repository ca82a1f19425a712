"""Fully connected against convolution: costs, the weights as a matrix, outputs of a moved scene, kernels' middles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.figures import palette, theme as themes
from explorer.figures.echarts import axis, base, text, tip
from explorer.figures.raster import colour_scale, image_of, png
from explorer.figures.theme import Theme
from explorer.records.sharing import SameKernel, WeightMatrix, WiringCost

_CELLS = 13  # of a strip


def costs(
    found: Sequence[WiringCost], names: Mapping[str, str], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """Parameters and connections of each wiring, on a logarithmic axis. `words`: "parameters", "connections"."""
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": words[kind],
            "data": [_bar(getattr(each, kind).value) for each in found],
            "itemStyle": {"color": colour},
            "label": {"show": True, "position": "right", **text(theme)},
        }
        for kind, colour in (("parameters", palette.BLUE), ("connections", palette.AMBER))
    ]
    right = 14 + 7 * max(len(f"{each.parameters.value:,}") for each in found)
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": right, "top": 60, "bottom": 8, "containLabel": True},
        "legend": {"top": 26, "left": 0, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(
            theme, "", type="log", min=1, axisLabel={"color": theme.muted, "fontSize": 11, "hideOverlap": True}
        ),
        "yAxis": axis(theme, "", type="category", data=[names[each.wiring] for each in found], inverse=True),
        "series": series,
    }


def _aside(theme: Theme) -> dict[str, Any]:
    """The name above an axis, which begins there: centred, it would be cut off."""
    return {"color": theme.muted, "fontSize": 12, "align": "left"}


def _bar(value: int) -> dict[str, Any]:
    return {"value": value, "label": {"formatter": f"{value:,}"}}


def matrix(found: WeightMatrix, *, theme: Theme, cell: str, title: str) -> dict[str, Any]:
    """A wiring's matrix: entries with one weight have one colour, and what is no weight is empty.

    `cell` is said of an entry, with {row}, {column} and {weight}.
    """
    few = found.weights <= len(palette.CYCLE)
    colours = palette.CYCLE if few else [_shade(number / (found.weights - 1)) for number in range(found.weights)]
    data = [
        {
            "name": cell.format(row=row, column=column, weight=weight + 1),
            "value": [column, row, weight],
            "itemStyle": {"color": colours[weight]},
        }
        for row, column, weight in found.entries
    ]
    bare = {"axisLabel": {"show": False}, "axisTick": {"show": False}, "splitLine": {"show": False}}
    edge = {"axisLine": {"lineStyle": {"color": theme.line}}}
    frame = {"type": "category", **bare, **edge}
    return {
        **base(theme, title),
        "grid": {"left": 1, "right": 1, "top": 44, "bottom": 1, "show": True, "borderColor": theme.line},
        "tooltip": {"formatter": "{b}", **tip(theme)},
        "xAxis": {**frame, "data": list(range(found.columns))},
        "yAxis": {**frame, "data": list(range(found.rows)), "inverse": True},
        "series": [
            {
                "type": "heatmap",
                "data": data,
                "itemStyle": {"borderColor": theme.paper, "borderWidth": 1},
            }
        ],
    }


def _shade(share: float) -> str:
    """A colour along VIRIDIS, as finely as eight bits a channel allow."""
    last = len(palette.VIRIDIS) - 1
    place = min(int(share * last), last - 1)
    return themes.mixed(palette.VIRIDIS[place], palette.VIRIDIS[place + 1], share * last - place)


def view_png(pixels: np.ndarray) -> bytes:
    """A view of the scene, uint8 (n, n), a pixel each: the browser enlarges it, and the slider waits for no encoder."""
    return png(image_of(pixels))


def map_png(values: np.ndarray, limit: float) -> bytes:
    """An output, (n', n'), a pixel each: blue at -limit over near-white at 0 to orange at +limit."""
    index = np.rint((values / (limit or 1.0) + 1) * 127.5).clip(0, 255).astype(np.uint8)
    return png(image_of(colour_scale(palette.SIGNED)[index]))


# --- kernels with a middle --------------------------------------------------------------------------------------------


def strip(kernel: SameKernel, *, theme: Theme, words: Mapping[str, str], title: str) -> go.Figure:
    """One window with "same" padding, its middle, and the output that it gives. `words`: "input", "output"."""
    output, first = _CELLS // 2, _CELLS // 2 - kernel.before
    inputs = range(-kernel.before, _CELLS + kernel.after)
    shapes = [_cell(at, 0, theme, lit=palette.AMBER if first <= at < first + kernel.f else "") for at in inputs]
    shapes += [_cell(at, 2, theme, lit=palette.BLUE if at == output else "") for at in range(_CELLS)]
    zeros = [at for at in inputs if not 0 <= at < _CELLS]
    words_at = [_said(at, 0, "0", theme.muted) for at in zeros]
    middle, left = output + kernel.offset, -kernel.before - 0.5
    lines = ((middle, -0.75, 0.75, theme.ink), (output, 0.75, 1.55, palette.BLUE))
    for x, low, high, colour in lines:
        shapes.append(
            {"type": "line", "x0": x, "x1": x, "y0": low, "y1": high, "line": {"color": colour, "width": 2.5}}
        )
    words_at += [_said(left, y + 0.8, words[name], theme.ink, "left") for y, name in ((0, "input"), (2, "output"))]
    words_at.append(_said(middle, -1.05, f"{kernel.offset:+g}" if kernel.offset else "0", theme.ink))
    return themes.figure(
        theme,
        height=190,
        title=title,
        shapes=shapes,
        annotations=words_at,
        xaxis=themes.bare_axis(range=[left - 0.1, _CELLS + kernel.after - 0.4]),
        yaxis=themes.bare_axis(range=[-1.4, 3.2]),
    )


def _cell(x: int, y: float, theme: Theme, *, lit: str) -> dict[str, Any]:
    """A cell of a strip; those of the padding are dotted."""
    line = {"color": theme.muted, "width": 1, "dash": "solid" if 0 <= x < _CELLS else "dot"}
    corners = {"x0": x - 0.45, "x1": x + 0.45, "y0": y - 0.45, "y1": y + 0.45}
    return {"type": "rect", **corners, "fillcolor": lit or palette.CLEAR, "line": line}


def _said(x: float, y: float, words: str, colour: str, anchor: str = "center") -> dict[str, Any]:
    font = {"size": 12, "color": colour}
    return {"x": x, "y": y, "text": words, "showarrow": False, "xanchor": anchor, "font": font}


def drifts(
    found: Sequence[tuple[str, Sequence[float]]], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """How far a dot has moved after each layer, one line a kernel: (name, cells). `words`: "layers", "cells"."""
    series = [
        {
            "type": "line",
            "name": name,
            "data": [[layer, round(place, 6)] for layer, place in enumerate(places)],
            "lineStyle": {"color": colour, "width": 2.4},
            "itemStyle": {"color": colour},
            "symbolSize": 6,
        }
        for (name, places), colour in zip(found, (palette.BLUE, palette.ORANGE), strict=False)
    ]
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 18, "top": 82, "bottom": 34, "containLabel": True},
        "legend": {"top": 26, "left": 0, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, words["layers"], type="value", nameGap=24, minInterval=1),
        "yAxis": axis(theme, words["cells"], type="value", nameLocation="end", nameTextStyle=_aside(theme)),
        "series": series,
    }
