"""Fully connected against convolution: costs, the weights as a matrix, outputs of a moved scene, kernels' middles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.figures import palette, theme as themes
from explorer.figures.echarts import axis, base, text, tip
from explorer.figures.raster import colour_scale, enlarged, image_of, png
from explorer.figures.theme import Theme
from explorer.records import SameKernel, WeightMatrix, WiringCost

_TILE = 160  # pixels of a map
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


def matrices(found: Sequence[WeightMatrix], titles: Sequence[str], *, theme: Theme, cell: str, title: str) -> go.Figure:
    """Each wiring's matrix beside the others; entries with one weight have one colour, and what is no weight is empty.

    `cell` is said of an entry, with {row}, {column} and {weight}.
    """
    rows, columns = found[0].rows, found[0].columns
    fig = make_subplots(1, len(found), subplot_titles=list(titles), horizontal_spacing=0.03)
    for place, matrix in enumerate(found, 1):
        grid = np.full((rows, columns), np.nan)
        texts = np.full((rows, columns), "", object)
        for row, column, weight in matrix.entries:
            grid[row, column] = weight
            texts[row, column] = cell.format(row=row, column=column, weight=weight + 1)
        many = matrix.weights > len(palette.CYCLE)
        scale = [[i / 9, colour] for i, colour in enumerate(palette.VIRIDIS)] if many else _steps(matrix.weights)
        fig.add_trace(
            go.Heatmap(
                z=grid,
                zmin=-0.5,
                zmax=matrix.weights - 0.5,
                colorscale=scale,
                showscale=False,
                xgap=1,
                ygap=1,
                text=texts,
                hovertemplate="%{text}<extra></extra>",
                hoverongaps=False,
            ),
            1,
            place,
        )
    base_layout = themes.figure(theme, height=110 + min(330, max(150, 16 * rows)), title=title).layout
    fig.update_layout(base_layout)
    fig.update_layout(margin={"l": 8, "r": 8, "t": 44, "b": 8})
    fig.update_annotations(font={"size": 13, "color": theme.ink})
    frame = {
        "showgrid": False,
        "zeroline": False,
        "showticklabels": False,
        "ticks": "",
        "showline": True,
        "mirror": True,
    }
    fig.update_xaxes(**frame, linecolor=theme.line, constrain="domain")
    fig.update_yaxes(**frame, linecolor=theme.line, autorange="reversed", constrain="domain")
    for place in range(1, len(found) + 1):
        fig.update_yaxes(scaleanchor=f"x{place if place > 1 else ''}", col=place)
    return fig


def _steps(count: int) -> list[list[Any]]:
    """A colour scale of `count` steps without transitions."""
    return [[edge / count, palette.CYCLE[step]] for step in range(count) for edge in (step, step + 1)]


def view_png(pixels: np.ndarray) -> bytes:
    """A view of the scene, uint8 (n, n)."""
    return png(enlarged(image_of(pixels), -(-_TILE // len(pixels))))


def map_png(values: np.ndarray, limit: float) -> bytes:
    """An output, (n', n'): blue at -limit over near-white at 0 to orange at +limit."""
    index = np.rint((values / (limit or 1.0) + 1) * 127.5).clip(0, 255).astype(np.uint8)
    return png(enlarged(image_of(colour_scale(palette.SIGNED)[index]), -(-_TILE // len(values))))


# --- kernels with a middle --------------------------------------------------------------------------------------------


def strip(kernel: SameKernel, *, theme: Theme, words: Mapping[str, str], title: str) -> go.Figure:
    """One window with "same" padding, its middle, and the output that it gives. `words`: "input", "output"."""
    output, first = _CELLS // 2, _CELLS // 2 - kernel.before
    fig = themes.figure(theme, height=190, title=title)
    for cell in range(-kernel.before, _CELLS + kernel.after):
        padding = not 0 <= cell < _CELLS
        inside = first <= cell < first + kernel.f
        _cell(fig, cell, 0, palette.AMBER if inside else palette.CLEAR, theme, dashed=padding)
        if padding:
            fig.add_annotation(x=cell, y=0, text="0", showarrow=False, font={"size": 12, "color": theme.muted})
    for cell in range(_CELLS):
        _cell(fig, cell, 2, palette.BLUE if cell == output else palette.CLEAR, theme)
    middle = output + kernel.offset
    for x, low, high, colour in ((middle, -0.75, 0.75, theme.ink), (output, 0.75, 1.55, palette.BLUE)):
        fig.add_shape(type="line", x0=x, x1=x, y0=low, y1=high, line={"color": colour, "width": 2.5})
    for y, name in ((0, words["input"]), (2, words["output"])):
        fig.add_annotation(
            x=-kernel.before - 0.5, y=y + 0.8, text=name, showarrow=False, xanchor="left", font={"size": 12}
        )
    said = f"{kernel.offset:+g}" if kernel.offset else "0"
    fig.add_annotation(x=middle, y=-1.05, text=said, showarrow=False, font={"size": 13})
    fig.update_xaxes(**themes.bare_axis(range=[-kernel.before - 0.6, _CELLS + kernel.after - 0.4]))
    fig.update_yaxes(**themes.bare_axis(range=[-1.4, 3.2]))
    return fig


def _cell(fig: go.Figure, x: int, y: float, fill: str, theme: Theme, *, dashed: bool = False) -> None:
    line = {"color": theme.muted, "width": 1, "dash": "dot" if dashed else "solid"}
    fig.add_shape(type="rect", x0=x - 0.45, x1=x + 0.45, y0=y - 0.45, y1=y + 0.45, fillcolor=fill, line=line)


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
