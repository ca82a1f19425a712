"""Figures of feeding a device: a timeline with a lane for each worker and one for the trainer; images/s by workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.figures.theme import Theme, axis, figure
from explorer.records import FeedRates, FeedResult

SPANS = ("loading", "waiting", "copying", "step")
_COLOURS = dict(zip(SPANS, (palette.BLUE, palette.ORANGE, palette.YELLOW, palette.GREEN), strict=True))
_LANE = 26  # pixels


def timeline(result: FeedResult, *, theme: Theme, words: Mapping[str, str], until: float, title: str) -> go.Figure:
    """Who did what when, in milliseconds: a lane for each worker (loading), and the trainer's (the three others).

    Shown are the first `until` seconds. `words`: the four of `SPANS`, "worker" (with {number}), "trainer", "batch",
    "time".
    """
    workers = sorted({batch.worker for batch in result.batches})
    lanes = {worker: words["worker"].format(number=worker + 1) for worker in workers}
    if not result.config.workers:
        lanes = dict.fromkeys(workers, words["trainer"])
    fig = figure(
        theme,
        height=100 + _LANE * (len(set(lanes.values())) + 1),
        title=title,
        barmode="overlay",
        bargap=0.25,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
    )
    for name in SPANS:
        spans = [(number, batch, getattr(batch, name)) for number, batch in enumerate(result.batches, start=1)]
        spans = [each for each in spans if each[2][0] <= until]
        if not result.config.workers and name == "waiting":
            continue  # the trainer does not wait for itself: it loads
        fig.add_bar(
            y=[lanes[batch.worker] if name == "loading" else words["trainer"] for _, batch, _ in spans],
            x=[1e3 * (span[1] - span[0]) for _, _, span in spans],
            base=[1e3 * span[0] for _, _, span in spans],
            orientation="h",
            name=words[name],
            marker={"color": _COLOURS[name], "line": {"width": 0.6, "color": theme.paper}},
            customdata=[[number] for number, _, _ in spans],
            hovertemplate=words["batch"] + " %{customdata[0]}<br>%{x:.1f} ms<extra>" + words[name] + "</extra>",
        )
    order = [*dict.fromkeys(lanes.values()), words["trainer"]]
    low = min(0.0, *(1e3 * batch.loading[0] for batch in result.batches))
    fig.update_layout(
        xaxis=axis(theme, words["time"], range=[low, 1e3 * min(until, result.seconds)]),
        yaxis=axis(
            theme, categoryorder="array", categoryarray=list(dict.fromkeys(order)), autorange="reversed", showgrid=False
        ),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    return fig


def throughput(
    measured: Sequence[tuple[str, Sequence[tuple[int, float]]]],
    rates: FeedRates,
    *,
    most: int,
    memory: float,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> go.Figure:
    """Images/s by workers: dots as measured, lines as the model has them, and where its two lines cross.

    `memory` are the images/s of decoded images in memory, 0 for none. `words`: "workers", "images", "loaders",
    "device", "model", "memory", "crossing".
    """
    fig = figure(theme, height=420, title=title, margin={"l": 8, "r": 8, "t": 56, "b": 8}, hovermode="closest")
    top = 1.25 * max(rates.device, memory, *(value for _, rows in measured for _, value in rows))
    across = list(range(most + 1))
    limits = (
        (words["loaders"], [0, top / rates.loader], [0, top], palette.BLUE, "dot"),
        (words["device"], [0, most], [rates.device] * 2, palette.GREEN, "dot"),
    )
    for name, x, y, colour, dash in limits:
        _line(fig, name, x, y, {"color": colour, "dash": dash, "width": 1.6})
    if memory:
        _line(fig, words["memory"], [0, most], [memory] * 2, {"color": palette.VIOLET, "dash": "dash", "width": 1.6})
    modelled = [rates.images_per_second(workers) for workers in across]
    _line(fig, words["model"], across, modelled, {"color": theme.muted, "width": 2.4})
    for number, (name, rows) in enumerate(measured):
        fig.add_scatter(
            x=[workers for workers, _ in rows],
            y=[value for _, value in rows],
            name=name,
            mode="markers",
            marker={"size": 11, "color": (palette.ORANGE, palette.PINK)[number % 2], "symbol": "circle"},
            hovertemplate="%{x} · %{y:,.0f}<extra>" + name + "</extra>",
        )
    if 0 < rates.crossing <= most:
        _cross(fig, rates, words["crossing"], theme)
    fig.update_layout(
        xaxis=axis(theme, words["workers"], range=[-0.4, most + 0.4], dtick=1 if most < 9 else 2),
        yaxis=axis(theme, words["images"], range=[0, top], tickformat="~s"),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return fig


def _cross(fig: go.Figure, rates: FeedRates, name: str, theme: Theme) -> None:
    fig.add_scatter(
        x=[rates.crossing],
        y=[rates.device],
        name=name,
        mode="markers",
        marker={"size": 15, "symbol": "x-thin", "line": {"width": 3, "color": theme.ink}},
        hovertemplate="%{x:.1f} · %{y:,.0f}<extra>" + name + "</extra>",
    )


def _line(fig: go.Figure, name: str, x: Sequence[float], y: Sequence[float], style: dict[str, Any]) -> None:
    fig.add_scatter(x=list(x), y=list(y), name=name, mode="lines", line=style, hoverinfo="skip")


def shares(
    rows: Sequence[tuple[str, Mapping[str, float]]], *, theme: Theme, words: Mapping[str, str], title: str
) -> go.Figure:
    """What the trainer's time goes into, for each configuration (name, shares from 0 to 1), as stacked bars."""
    fig = figure(
        theme,
        height=96 + 30 * len(rows),
        title=title,
        barmode="stack",
        bargap=0.3,
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
    )
    for name in SPANS[1:]:
        fig.add_bar(
            y=[row for row, _ in rows],
            x=[100 * found[name] for _, found in rows],
            orientation="h",
            name=words[name],
            marker={"color": _COLOURS[name], "line": {"width": 0}},
            hovertemplate="%{y}<br>%{x:.0f}%<extra>" + words[name] + "</extra>",
        )
    fig.update_layout(
        xaxis=axis(theme, words["share"], range=[0, 100]),
        yaxis=axis(theme, autorange="reversed", showgrid=False),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    )
    return fig
