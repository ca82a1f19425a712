"""Figures of transfer learning: regimes by number of images, gains over training from scratch, stages, similarities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.figures.theme import Theme, axis, figure

_LOOKS = {
    "frozen": (palette.BLUE, "circle", "solid"),
    "finetune": (palette.GREEN, "square", "solid"),
    "scratch": (palette.ORANGE, "diamond", "dash"),
    "scratch-large": (palette.AMBER, "triangle-up", "dash"),
    "frozen-small": (palette.SKY, "circle-open", "dot"),
    "finetune-small": (palette.UMBER, "square-open", "dot"),
}
"""Colour, symbol and stroke of a way to learn."""

_LEGEND = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one way to learn: at `place` of the axis, the accuracies of all its seeds in percent."""

    look: str
    name: str
    places: Sequence[float]
    accuracies: Sequence[Sequence[float]]


def accuracies(
    lines: Sequence[Measured],
    ticks: Sequence[str],
    *,
    theme: Theme,
    across: str,
    upright: str,
    title: str,
    first: float = 0,
    marked: float | None = None,
) -> go.Figure:
    """Means joined by lines, with the range from the lowest seed to the highest; `ticks` name the places.

    The first tick stands at `first`; at `marked`, if given, stands a vertical line.
    """
    fig = figure(theme, height=360, title=title, margin={"l": 8, "r": 8, "t": 30, "b": 8})
    for line in lines:
        _add(fig, line)
    if marked is not None:
        fig.add_vline(x=marked, line={"color": theme.ink, "width": 1.5, "dash": "dot"})
    places = [first + i for i in range(len(ticks))]
    fig.update_layout(
        xaxis=axis(
            theme,
            across,
            tickvals=places,
            ticktext=list(ticks),
            range=[places[0] - 0.3, places[-1] + 0.3],
            showgrid=False,
            tickangle=-35 if len(ticks) > 6 else 0,
        ),
        yaxis=axis(theme, upright, rangemode="tozero"),
        legend=_LEGEND,
    )
    return fig


def _add(fig: go.Figure, line: Measured) -> None:
    """A line with its points and their ranges."""
    colour, symbol, dash = _LOOKS[line.look]
    means = [fmean(values) for values in line.accuracies]
    spread = list(zip(line.accuracies, means, strict=True))
    fig.add_scatter(
        x=list(line.places),
        y=means,
        name=line.name,
        mode="lines+markers",
        line={"color": colour, "dash": dash, "width": 2.2},
        marker={"size": 9, "symbol": symbol, "color": colour},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(values) - mean for values, mean in spread],
            "arrayminus": [mean - min(values) for values, mean in spread],
            "color": colour,
            "thickness": 1.6,
            "width": 5,
        },
        text=[f"{min(values):.1f} – {max(values):.1f}, n = {len(values)}" for values, _ in spread],
        hovertemplate="%{y:.1f}% (%{text})<extra>" + line.name + "</extra>",
    )


def gains(
    rows: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    *,
    theme: Theme,
    names: tuple[str, str],
    across: str,
    title: str,
) -> go.Figure:
    """Percentage points over training from scratch: of frozen features, and of fine-tuning; a bar is the mean of seeds.

    `rows` are (what is learned from, differences of the one, of the other); each seed is a dot.
    """
    fig = figure(
        theme, height=130 + 46 * len(rows), title=title, barmode="group", bargap=0.35,
        margin={"l": 8, "r": 14, "t": 30, "b": 8},
    )  # fmt: skip
    places = list(range(len(rows)))
    for which, (name, look, offset) in enumerate(zip(names, ("frozen", "finetune"), (-0.165, 0.165), strict=True)):
        colour, symbol, _ = _LOOKS[look]
        values = [(row[1], row[2])[which] for row in rows]
        fig.add_bar(
            y=places,
            x=[fmean(each) if each else None for each in values],
            name=name,
            orientation="h",
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate="%{x:+.1f}<extra>" + name + "</extra>",
        )
        dots = [(place + offset, value) for place, each in zip(places, values, strict=True) for value in each]
        fig.add_scatter(
            y=[place for place, _ in dots],
            x=[value for _, value in dots],
            mode="markers",
            marker={"size": 6, "symbol": symbol, "color": theme.paper, "line": {"color": theme.ink, "width": 1}},
            showlegend=False,
            hoverinfo="skip",
        )
    fig.add_vline(x=0, line={"color": theme.ink, "width": 1.5})
    fig.update_layout(
        xaxis=axis(theme, across),
        yaxis=axis(theme, tickvals=places, ticktext=[row[0] for row in rows], autorange="reversed", showgrid=False),
        legend={**_LEGEND, "traceorder": "normal"},
    )
    return fig


def stage_bars(
    stages: Sequence[tuple[str, int]],
    kept: int,
    *,
    theme: Theme,
    stays: str,
    trains: str,
    upright: str,
    title: str,
) -> go.Figure:
    """The parameters of each stage on a logarithmic axis: those of the first `kept` stages stay, the others train."""
    fig = figure(theme, height=230, title=title, bargap=0.25, margin={"l": 8, "r": 8, "t": 30, "b": 8})
    parts = ((stays, stages[:kept], 0, palette.SLATE, "/"), (trains, stages[kept:], kept, palette.GREEN, ""))
    for name, part, start, colour, shape in parts:
        fig.add_bar(
            x=[start + i for i in range(len(part))],
            y=[parameters for _, parameters in part],
            name=name,
            marker={"color": colour, "line": {"width": 0}, "pattern": {"shape": shape}},
            hovertemplate="%{y:,}<extra>" + name + "</extra>",
        )
    fig.update_layout(
        xaxis=axis(
            theme, tickvals=list(range(len(stages))), ticktext=[name for name, _ in stages], showgrid=False,
            tickangle=-35 if len(stages) > 6 else 0,
        ),
        yaxis=axis(theme, upright, type="log", dtick=1),
        legend={**_LEGEND, "traceorder": "normal"},
        showlegend=True,
    )  # fmt: skip
    return fig


def similarities(
    values: Sequence[Sequence[float]], stages: Sequence[str], *, theme: Theme, before: str, after: str, title: str
) -> go.Figure:
    """Linear CKA of every stage before training (rows) with every stage after it (columns), from 0 to 1."""
    fig = figure(theme, height=420, title=title)
    fig.add_heatmap(
        z=[list(row) for row in values],
        x=list(stages),
        y=list(stages),
        zmin=0,
        zmax=1,
        colorscale=[[i / (len(palette.VIRIDIS) - 1), colour] for i, colour in enumerate(palette.VIRIDIS)],
        colorbar={"thickness": 12, "outlinewidth": 0, "tickfont": {"size": 12, "color": theme.muted}},
        xgap=1,
        ygap=1,
        hovertemplate=f"{before}: %{{y}}<br>{after}: %{{x}}<br>CKA %{{z:.2f}}<extra></extra>",
    )
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            ink = palette.BLACK if value > 0.6 else palette.WHITE
            fig.add_annotation(x=j, y=i, text=f"{value:.2f}", showarrow=False, font={"size": 11, "color": ink})
    common: dict[str, Any] = {"showgrid": False}
    fig.update_layout(
        xaxis=axis(theme, after, tickangle=-35, **common), yaxis=axis(theme, before, autorange="reversed", **common)
    )
    return fig
