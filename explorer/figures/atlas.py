"""The Atlas: a timeline of the networks and the scatter accuracy x cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log10
from typing import Any

import plotly.graph_objects as go

from explorer.figures.theme import Theme, axis, bare_axis, colour_of_family, figure, mixed
from explorer.figures.words import count_text
from explorer.records import NetworkCard

_ROWS = (1, -1, 2, -2, 3, -3)  # where labels stand, above and below the line, so that neighbours do not touch


def timeline(cards: Sequence[NetworkCard], *, theme: Theme, words: Mapping[str, str], title: str = "") -> go.Figure:
    """The milestones in order, evenly spaced, under their years; the size of a dot is its number of parameters.

    A click on a dot or a name reports the slug in `customdata`. `words`: "parameters", "depth", "macs".
    """
    rows = [_ROWS[i % len(_ROWS)] for i in range(len(cards))]
    lines, labels = [], []
    for x, (row, card) in enumerate(zip(rows, cards, strict=True)):
        colour = colour_of_family(card.family)
        lines.append(_line(x, x, 0, row - 0.38 * (1 if row > 0 else -1), mixed(colour, theme.paper, 0.25)))
        labels.append(_label(x, row, f"<b>{card.title}</b>", theme.ink, 13))
    for year, members in groupby(range(len(cards)), lambda i: cards[i].year):
        span = list(members)
        lines.append(_line(span[0] - 0.42, span[-1] + 0.42, -3.85, -3.85, theme.muted))
        labels.append(_label(sum(span) / len(span), -4.25, str(year), theme.muted, 13))
    fig = figure(theme, height=350, title=title, showlegend=False, shapes=lines, annotations=labels)
    hover = [_hover(card, words) for card in cards]
    slugs = [[card.slug] for card in cards]
    largest = max(card.parameters for card in cards)
    fig.add_scatter(
        x=list(range(len(cards))),
        y=[0] * len(cards),
        mode="lines+markers",
        line={"color": theme.line, "width": 2},
        marker={
            "size": [11 + 26 * (card.parameters / largest) ** 0.5 for card in cards],
            "color": [colour_of_family(card.family) for card in cards],
            "opacity": 1,
            "line": {"color": theme.paper, "width": 2},
        },
        customdata=slugs,
        hovertext=hover,
        hoverinfo="text",
    )
    fig.add_scatter(  # the names can be clicked as well
        x=list(range(len(cards))),
        y=rows,
        mode="markers",
        marker={"size": 30, "color": "rgba(0,0,0,0)"},
        customdata=slugs,
        hovertext=hover,
        hoverinfo="text",
    )
    fig.update_layout(
        xaxis=bare_axis(range=[-0.9, len(cards) - 0.1], fixedrange=True),
        yaxis=bare_axis(range=[-4.7, 3.7], fixedrange=True),
        clickmode="event+select",
    )
    return fig


def _line(x0: float, x1: float, y0: float, y1: float, colour: str) -> dict[str, Any]:
    line = {"color": colour, "width": 1.2}
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line, "layer": "below"}


def _label(x: float, y: float, text: str, colour: str, size: int, **more: Any) -> dict[str, Any]:
    return {"x": x, "y": y, "text": text, "showarrow": False, "font": {"size": size, "color": colour}, **more}


def _hover(card: NetworkCard, words: Mapping[str, str]) -> str:
    accuracy = f"<br>{card.dataset} top-1 {card.top1:g} % ({card.protocol})" if card.top1 is not None else ""
    return (
        f"<b>{card.title}</b> · {card.year}<br>{words['parameters']}: {card.parameters:,}"
        f"<br>{words['macs']}: {count_text(card.macs)}<br>{words['depth']}: {card.depth}{accuracy}"
    )


def accuracy_scatter(
    cards: Sequence[NetworkCard], *, against: str, theme: Theme, words: Mapping[str, str], title: str = ""
) -> go.Figure:
    """ImageNet top-1 accuracy over "macs" or "parameters"; the area of a disc is the other of the two.

    A thin line joins a family. A hollow disc is an accuracy not measured on a single crop. A click reports the slug in
    `customdata`. `words`: "parameters", "macs", "depth", "top1" and a name per family under "family.<slug>".
    """
    other = "parameters" if against == "macs" else "macs"
    shown = [card for card in cards if card.dataset == "ImageNet" and card.top1 is not None]
    largest = max(getattr(card, other) for card in shown)
    fig = figure(theme, height=470, title=title, clickmode="event+select")
    for family in dict.fromkeys(card.family for card in shown):
        members = sorted((c for c in shown if c.family == family), key=lambda c: getattr(c, against))
        sizes = [_diameter(card, other, largest) for card in members]
        fig.add_trace(_family(members, sizes, against, theme, words))
    fig.update_layout(
        xaxis=axis(theme, words[against], type="log", exponentformat="SI", dtick=1),
        yaxis=axis(theme, words["top1"], ticksuffix=" %"),
        legend={"orientation": "h", "y": -0.16, "yanchor": "top", "x": 0, "itemsizing": "constant"},
        annotations=[
            _label(
                log10(getattr(card, against)),
                card.top1 or 0,
                card.title,
                theme.ink,
                11,
                xshift=_diameter(card, other, largest) / 2 + 3,
                xanchor="left",
                bgcolor=_translucent(theme.paper),
                borderpad=1,
            )
            for card in _labelled(shown, against)
        ],
    )
    return fig


def _family(
    members: Sequence[NetworkCard], sizes: Sequence[float], against: str, theme: Theme, words: Mapping[str, str]
) -> go.Scatter:
    """The discs of one family and the thin line that joins them."""
    colour, single = colour_of_family(members[0].family), [c.single_crop for c in members]
    return go.Scatter(
        x=[getattr(c, against) for c in members],
        y=[c.top1 for c in members],
        mode="lines+markers",
        name=words[f"family.{members[0].family}"],
        line={"color": mixed(colour, theme.paper, 0.45), "width": 1, "dash": "dot"},
        marker={
            "symbol": ["circle" if one else "circle-open" for one in single],
            "size": sizes,
            "color": colour,
            "opacity": 0.85,
            "line": {"color": [theme.paper if one else colour for one in single], "width": 1.6},
        },
        customdata=[[c.slug] for c in members],
        hovertext=[_hover(c, words) for c in members],
        hoverinfo="text",
    )


def _diameter(card: NetworkCard, cost: str, largest: int) -> float:
    """Pixels of a disc whose area grows with a cost."""
    return float(9 + 30 * (getattr(card, cost) / largest) ** 0.5)


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.72)"


def _labelled(cards: Sequence[NetworkCard], against: str) -> list[NetworkCard]:
    """Cards with room for their name: milestones first, none nearer to another than a label is large."""
    chosen: list[NetworkCard] = []
    for card in sorted(cards, key=lambda c: (c.milestone == 0, -(c.top1 or 0))):
        x, y = log10(getattr(card, against)), card.top1 or 0
        near = (abs(x - log10(getattr(c, against))) < 0.34 and abs(y - (c.top1 or 0)) < 1.5 for c in chosen)
        if not any(near):
            chosen.append(card)
    return chosen
