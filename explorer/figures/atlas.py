"""The Atlas: a timeline of the networks and the scatter accuracy x cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log10
from typing import Any

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.figures.labels import Disc, place_labels
from explorer.figures.notation import count_text
from explorer.figures.theme import Theme, axis, bare_axis, colour_of_family, figure, mixed
from explorer.records import NetworkSummary

_ROWS = (1, -1, 2, -2, 3, -3)  # rows of labels above and below the line, so that neighbours do not overlap


def timeline(
    summaries: Sequence[NetworkSummary], *, theme: Theme, labels: Mapping[str, str], title: str = ""
) -> go.Figure:
    """The milestones in order, evenly spaced, under their years; the size of a dot is its number of parameters.

    A click on a dot or a name reports the slug in `customdata`. `labels`: "parameters", "depth", "macs".
    """
    rows = [_ROWS[i % len(_ROWS)] for i in range(len(summaries))]
    lines, texts = _marks(summaries, rows, theme)
    fig = figure(theme, height=350, title=title, showlegend=False, shapes=lines, annotations=texts)
    hover = [_hover(summary, labels) for summary in summaries]
    slugs = [[summary.slug] for summary in summaries]
    largest = max(summary.parameters for summary in summaries)
    fig.add_scatter(
        x=list(range(len(summaries))),
        y=[0] * len(summaries),
        mode="lines+markers",
        line={"color": theme.line, "width": 2},
        marker={
            "size": [dot(summary, largest) for summary in summaries],
            "color": [colour_of_family(summary.family) for summary in summaries],
            "opacity": 1,
            "line": {"color": theme.paper, "width": 2},
        },
        customdata=slugs,
        hovertext=hover,
        hoverinfo="text",
    )
    fig.add_scatter(  # the names can be clicked as well
        x=list(range(len(summaries))),
        y=rows,
        mode="markers",
        marker={"size": 30, "color": palette.CLEAR},
        customdata=slugs,
        hovertext=hover,
        hoverinfo="text",
    )
    fig.update_layout(
        xaxis=bare_axis(range=[-1.2, len(summaries) + 0.2], fixedrange=True),
        yaxis=bare_axis(range=[-4.7, 3.7], fixedrange=True),
        clickmode="event+select",
    )
    return fig


def dot(summary: NetworkSummary, largest: int) -> float:
    """Diameter in pixels of a network's dot on the timeline, whose area above a least one grows with its parameters."""
    return float(11 + 26 * (summary.parameters / largest) ** 0.5)


def _marks(
    summaries: Sequence[NetworkSummary], rows: Sequence[int], theme: Theme
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A stem and a label for every network, a brace and a number for every year: (shapes, annotations)."""
    lines, texts = [], []
    for x, (row, summary) in enumerate(zip(rows, summaries, strict=True)):
        colour = colour_of_family(summary.family)
        lines.append(_line(x, x, 0, row - 0.38 * (1 if row > 0 else -1), mixed(colour, theme.paper, 0.25)))
        texts.append(_label(x, row, f"<b>{summary.title}</b>", theme.ink, 13))
    for year, members in groupby(range(len(summaries)), lambda i: summaries[i].year):
        span = list(members)
        lines.append(_line(span[0] - 0.42, span[-1] + 0.42, -3.85, -3.85, theme.muted))
        texts.append(_label(sum(span) / len(span), -4.25, str(year), theme.muted, 13))
    return lines, texts


def _line(x0: float, x1: float, y0: float, y1: float, colour: str) -> dict[str, Any]:
    line = {"color": colour, "width": 1.2}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line, "layer": "below"}


def _label(x: float, y: float, text: str, colour: str, size: int, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size, "color": colour}, **more}


def _hover(summary: NetworkSummary, labels: Mapping[str, str]) -> str:
    accuracy = f"<br>{summary.dataset} top-1 {summary.top1:g}% ({summary.protocol})" if summary.top1 is not None else ""
    return (
        f"<b>{summary.title}</b> · {summary.year}<br>{labels['parameters']}: {summary.parameters:,}"
        f"<br>{labels['macs']}: {count_text(summary.macs)}<br>{labels['depth']}: {summary.depth}{accuracy}"
    )


def accuracy_scatter(
    summaries: Sequence[NetworkSummary], *, against: str, theme: Theme, labels: Mapping[str, str], title: str = ""
) -> go.Figure:
    """ImageNet top-1 accuracy over "macs" or "parameters"; the area of a disc is the other of the two.

    A thin line joins the comparable networks of a family; a hollow disc is an accuracy that is not comparable: not
    single-crop, or of another recipe. A click reports the slug in `customdata`. `labels`: "parameters", "macs",
    "depth", "top1" and a name per family under "family.<slug>".
    """
    other = "parameters" if against == "macs" else "macs"
    shown = [summary for summary in summaries if summary.dataset == "ImageNet" and summary.top1 is not None]
    largest = max(getattr(summary, other) for summary in shown)
    fig = figure(theme, height=470, title=title, clickmode="event+select")
    for family in dict.fromkeys(summary.family for summary in shown):
        members = sorted((c for c in shown if c.family == family), key=lambda c: getattr(c, against))
        sizes = [_diameter(summary, other, largest) for summary in members]
        fig.add_traces([_thread(members, against, theme), _discs(members, sizes, against, theme, labels)])
        fig.add_trace(_key(family, labels[f"family.{family}"]))
    (left, right), (bottom, top) = span = _span(shown, against)
    fig.update_layout(
        xaxis=axis(theme, labels[against], type="log", exponentformat="SI", dtick=1, range=(left, right)),
        yaxis=axis(theme, labels["top1"], ticksuffix="%", range=(bottom, top)),
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0},
        annotations=_names(shown, against, other, largest, span, theme),
    )
    return fig


_CANVAS = (660, 370)
"""Plot area of the scatter in pixels on the narrowest page: labels are placed for it."""

Span = tuple[tuple[float, float], tuple[float, float]]


def _span(summaries: Sequence[NetworkSummary], against: str) -> Span:
    """Ranges of the axes: powers of ten, percent."""
    powers = [log10(getattr(summary, against)) for summary in summaries]
    tops = [summary.top1 or 0 for summary in summaries]
    return (min(powers) - 0.2, max(powers) + 0.5), (min(tops) - 3, max(tops) + 3.5)


def _names(
    summaries: Sequence[NetworkSummary], against: str, other: str, largest: int, span: Span, theme: Theme
) -> list[dict[str, Any]]:
    """Labels beside the discs where there is room: milestones first, then the most accurate."""
    (left, right), (bottom, top) = span
    width, height = _CANVAS
    ordered = sorted(summaries, key=lambda summary: (summary.milestone == 0, -(summary.top1 or 0)))
    discs = [
        Disc(
            (log10(getattr(summary, against)) - left) / (right - left) * width,
            (top - (summary.top1 or 0)) / (top - bottom) * height,
            _diameter(summary, other, largest),
            summary.title,
        )
        for summary in ordered
    ]
    return [
        _label(
            log10(getattr(summary, against)),
            summary.top1 or 0,
            summary.title,
            theme.ink,
            11,
            xanchor=spot.anchor,
            xshift=spot.edge - disc.x,
            yshift=disc.y - spot.y,
        )
        for summary, disc, spot in zip(ordered, discs, place_labels(discs, width, height), strict=True)
        if spot
    ]


def _thread(members: Sequence[NetworkSummary], against: str, theme: Theme) -> go.Scatter:
    """The line through the networks of a family, in order of cost."""
    joined, colour = [c for c in members if c.comparable], colour_of_family(members[0].family)
    return go.Scatter(
        x=[getattr(c, against) for c in joined],
        y=[c.top1 for c in joined],
        mode="lines",
        line={"color": mixed(colour, theme.paper, 0.45), "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _discs(
    members: Sequence[NetworkSummary], sizes: Sequence[float], against: str, theme: Theme, labels: Mapping[str, str]
) -> go.Scatter:
    """The discs of one family."""
    colour, full = colour_of_family(members[0].family), [c.comparable for c in members]
    return go.Scatter(
        x=[getattr(c, against) for c in members],
        y=[c.top1 for c in members],
        mode="markers",
        marker={
            "symbol": ["circle" if is_full else "circle-open" for is_full in full],
            "size": sizes,
            "color": colour,
            "opacity": 0.85,
            "line": {"color": [theme.paper if is_full else colour for is_full in full], "width": 1.6},
        },
        customdata=[[c.slug] for c in members],
        hovertext=[_hover(c, labels) for c in members],
        hoverinfo="text",
        showlegend=False,
    )


def _key(family: str, name: str) -> go.Scatter:
    """A family's entry in the legend: a full disc, whatever its first network's is."""
    marker = {"size": 11, "color": colour_of_family(family)}
    return go.Scatter(x=[None], y=[None], mode="markers", name=name, marker=marker, hoverinfo="skip")


def _diameter(summary: NetworkSummary, cost: str, largest: int) -> float:
    """Diameter in pixels of a disc whose area grows with a cost."""
    return float(9 + 30 * (getattr(summary, cost) / largest) ** 0.5)
