"""n_H, n_W and n_C along a network: the two fall, the third rises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

import plotly.graph_objects as go

from explorer.figures.clickable import largest, made_by, opens
from explorer.figures.theme import Theme, axis, colour_of_kind, figure
from explorer.records import Segment, Shape

_MOST_TICKS = 16
"""Slanted names that stand side by side below a figure on half a page, or on a phone."""


def size_curves(
    segments: Sequence[Segment], input_shape: Shape, *, theme: Theme, labels: Mapping[str, str], title: str = ""
) -> go.Figure:
    """Height, width, channels and receptive field after every step, on a logarithmic axis.

    `labels`: "input", "step", "size", "receptive_field".
    """
    main = [s for s in segments if s.main]
    shapes = [input_shape, *(s.out_shape for s in main)]
    volumes = [shape if len(shape) == 3 else (shape[0], 1, 1) for shape in shapes]
    names = [labels["input"], *(_name(s) for s in main)]
    fields, marks = [1, *(max(s.rf.size) for s in main)], ["", *(opens(made_by(s)) for s in main)]
    lines = [
        ("n<sub>H</sub>", [v[1] for v in volumes], colour_of_kind("conv"), "solid", "circle"),
        ("n<sub>W</sub>", [v[2] for v in volumes], colour_of_kind("depthwise"), "dot", "circle-open"),
        ("n<sub>C</sub>", [v[0] for v in volumes], colour_of_kind("linear"), "solid", "square"),
        (labels["receptive_field"], fields, theme.muted, "dash", "diamond-open"),
    ]
    fig = figure(theme, height=330, title=title, hovermode="x unified", margin={"l": 8, "r": 8, "t": 30, "b": 8})
    for name, values, colour, dash, symbol in lines:
        fig.add_scatter(
            x=list(range(len(values))),
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2.2, "shape": "linear" if values is fields else "hv"},
            marker={"size": 6, "symbol": symbol},
            customdata=marks,
            hovertemplate="%{y:,}",
        )
    ticks = _ticks([labels["input"], *(s.stage for s in main)], names)
    fig.update_layout(
        xaxis=axis(
            theme,
            tickvals=list(ticks),
            ticktext=[_short(name) for name in ticks.values()],
            tickangle=-40 if len(names) > 8 else 0,
            showgrid=False,
        ),
        yaxis=axis(theme, labels["size"], type="log", tickvals=[4**k for k in range(8)]),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return fig


def _ticks(stages: Sequence[str], names: Sequence[str]) -> dict[int, str]:
    """{place: name} of what is named below the curves.

    Every step, or where these are too many, where each stage begins, unless the name before would lie on it.
    """
    if len(names) <= _MOST_TICKS:
        return dict(enumerate(names))
    ticks, free = {}, 0.0
    for i, stage in enumerate(stages):
        if i >= free and (i == 0 or stage != stages[i - 1]):
            ticks[i], free = stage, i + len(names) / _MOST_TICKS
    return ticks


def _name(segment: Segment) -> str:
    return segment.label + (f" ×{segment.repeat}" if segment.repeat > 1 else "")


def _short(name: str) -> str:
    return name if len(name) <= 16 else "…" + name[-15:]


def cost_bars(segments: Sequence[Segment], *, theme: Theme, labels: Mapping[str, str], title: str = "") -> go.Figure:
    """Distribution of parameters, multiply-adds and activation memory: each step's share of the total, in percent.

    A bar opens the operation of its step that has most of what the bar shows. `labels`: "parameters", "macs", "memory".
    """
    rows = [
        (labels["parameters"], "parameters", colour_of_kind("linear")),
        (labels["macs"], "macs", colour_of_kind("conv")),
        (labels["memory"], "activation_bytes", colour_of_kind("pool")),
    ]
    names = [_name(s) for s in segments]
    ticks = [_short(name) for name in names]
    height = 120 + 22 * len(segments)
    fig = figure(
        theme, height=height, title=title, barmode="group", bargap=0.3, margin={"l": 8, "r": 8, "t": 30, "b": 8}
    )
    for name, measure, colour in rows:
        size = attrgetter(measure)
        values = [size(segment) for segment in segments]
        total = sum(values) or 1
        fig.add_bar(
            y=list(range(len(values))),
            x=[100 * value / total for value in values],
            name=name,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            customdata=[opens(largest(segment, size)) for segment in segments],
            text=[f"{n} · {v:,}" for n, v in zip(names, values, strict=True)],
            textposition="none",
            hovertemplate="%{text}<br>%{x:.1f}%<extra>" + name + "</extra>",
        )
    fig.update_layout(
        xaxis=axis(theme, "%", range=[0, 100]),
        yaxis=axis(theme, tickvals=list(range(len(ticks))), ticktext=ticks, autorange="reversed", showgrid=False),
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    return fig
