"""Fully connected against convolution: costs, the weights as a matrix, outputs of a moved scene, kernels' middles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
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
_CELLS, _CELL = 13, 30  # cells in a strip, pixels of each


def costs(
    found: Sequence[WiringCost], names: Mapping[str, str], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """Parameters and connections of each wiring, on a logarithmic axis. `words`: "parameters", "connections"."""
    series = [
        {
            "type": "bar",
            "name": words[kind],
            "data": [getattr(each, kind).value for each in found],
            "itemStyle": {"color": colour},
            "label": {"show": True, "position": "right", **text(theme)},
        }
        for kind, colour in (("parameters", palette.BLUE), ("connections", palette.AMBER))
    ]
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 96, "top": 60, "bottom": 8, "containLabel": True},
        "legend": {"top": 26, "left": 0, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, "", type="log", min=1),
        "yAxis": axis(theme, "", type="category", data=[names[each.wiring] for each in found], inverse=True),
        "series": series,
    }


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
    frame = {"showgrid": False, "zeroline": False, "showticklabels": False, "showline": True, "mirror": True}
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


def strip(kernel: SameKernel, *, theme: Theme, words: Mapping[str, str]) -> str:
    """One window with "same" padding, its middle, and the output that it gives, as HTML. `words`: "input", "output"."""
    zeros, output = kernel.before + kernel.after, (_CELLS - 1) // 2
    left = output - kernel.before
    wide, width = _CELLS + zeros, (_CELLS + zeros) * _CELL
    parts = []
    for place in range(wide):
        cell = place - kernel.before
        inside, padding = left <= cell < left + kernel.f, not 0 <= cell < _CELLS
        fill = palette.AMBER if inside else "none"
        dash = ' stroke-dasharray="3 3"' if padding else ""
        parts.append(_box(place * _CELL, 96, fill, theme.muted, dash))
        if padding:
            parts.append(_said(place * _CELL + _CELL / 2, 116, "0", theme.muted))
    for cell in range(_CELLS):
        fill = palette.BLUE if cell == output else "none"
        parts.append(_box((cell + kernel.before) * _CELL, 22, fill, theme.muted, ""))
    middle = (left + kernel.before + kernel.f / 2) * _CELL
    above = (output + kernel.before + 0.5) * _CELL
    parts += [
        f'<path d="M{middle} 132V90" stroke="{theme.ink}" stroke-width="2"/>',
        f'<path d="M{above} 54V90" stroke="{palette.BLUE}" stroke-width="2" stroke-dasharray="4 3"/>',
        _said(0, 16, escape(words["output"]), theme.muted, "start"),
        _said(0, 90, escape(words["input"]), theme.muted, "start"),
        _said(middle, 146, f"{kernel.offset:+g}".replace("+0", "0"), theme.ink),
    ]
    return (
        f'<svg viewBox="-1 0 {width + 2} 152" style="width:100%;max-width:{round(width * 1.15)}px;display:block" '
        f'font-family="{themes.SANS}" font-size="12" role="img" aria-label="{escape(words["says"], quote=True)}">'
        f"{''.join(parts)}</svg>"
    )


def _box(x: float, y: float, fill: str, line: str, more: str) -> str:
    side = _CELL - 3
    return f'<rect x="{x + 1.5}" y="{y}" width="{side}" height="{side}" rx="2" fill="{fill}" stroke="{line}"{more}/>'


def _said(x: float, y: float, words: str, colour: str, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


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
        "grid": {"left": 8, "right": 18, "top": 62, "bottom": 34, "containLabel": True},
        "legend": {"top": 26, "left": 0, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, words["layers"], type="value", nameGap=24, minInterval=1),
        "yAxis": axis(theme, words["cells"], type="value", nameLocation="end"),
        "series": series,
    }
