"""The Atlas: a timeline of the networks and the scatter accuracy x cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from explorer.figures.theme import Theme, axis, colour_of_family, figure, symbol_of_family
from explorer.figures.words import count_text
from explorer.records import NetworkCard


def timeline(cards: Sequence[NetworkCard], *, theme: Theme, words: Mapping[str, str], title: str = "") -> go.Figure:
    """One milestone a lesson, from left to right in time; height is the number of weight layers (logarithmic).

    A click reports the slug in `customdata`. `words`: "year", "depth", "parameters".
    """
    fig = figure(theme, height=330, title=title, margin={"l": 8, "r": 8, "t": 8, "b": 8}, showlegend=False)
    spots = _spread(cards)
    for (x, side), card in zip(spots, cards, strict=True):
        colour = colour_of_family(card.family)
        fig.add_annotation(
            x=x,
            y=_log(card.depth),
            text=card.title,
            showarrow=False,
            yshift=15 * side,
            font={"size": 12, "color": theme.ink},
        )
        fig.add_scatter(
            x=[x],
            y=[card.depth],
            mode="markers",
            marker={
                "size": 12,
                "symbol": symbol_of_family(card.family),
                "color": colour,
                "line": {"color": theme.ink, "width": 1},
            },
            customdata=[[card.slug]],
            hovertemplate=_hover(card, words),
            name=card.title,
        )
    years = sorted({card.year for card in cards})
    fig.update_layout(
        xaxis=axis(theme, tickvals=[_squeezed(y) for y in years], ticktext=[str(y) for y in years], showgrid=True),
        yaxis=axis(theme, words["depth"], type="log", tickvals=[5, 10, 20, 50, 100, 200], range=[0.5, 2.6]),
    )
    return fig


def _log(value: float) -> float:
    from math import log10

    return log10(value)


def _squeezed(year: float) -> float:
    """Years on the axis: the fourteen quiet ones between LeNet and AlexNet take the room of one and a half."""
    return year if year >= 2012 else 2012 - (2012 - year) * 1.5 / 14


def _spread(cards: Sequence[NetworkCard]) -> list[tuple[float, int]]:
    """(x, +1 or -1 for the label above or below) of every card: those of one year stand side by side."""
    spots = []
    for card in cards:
        peers = [c for c in cards if c.year == card.year]
        place = peers.index(card)
        spots.append((_squeezed(card.year) + 0.86 * (place + 0.5) / len(peers) - 0.43, 1 if place % 2 == 0 else -1))
    return spots


def _hover(card: NetworkCard, words: Mapping[str, str]) -> str:
    accuracy = f"<br>{card.dataset} top-1 {card.top1:g} % ({card.protocol})" if card.top1 is not None else ""
    return (
        f"<b>{card.title}</b> · {card.year}<br>{words['parameters']} {count_text(card.parameters)} · "
        f"MACs {count_text(card.macs)}<br>{words['depth']} {card.depth}{accuracy}<extra></extra>"
    )


def accuracy_scatter(
    cards: Sequence[NetworkCard], *, against: str, theme: Theme, words: Mapping[str, str], title: str = ""
) -> go.Figure:
    """ImageNet top-1 accuracy over "macs" or "parameters"; the area of a disc is the other of the two.

    A hollow marker is an accuracy not measured on a single crop. A click reports the slug in `customdata`.
    `words`: "parameters", "macs", "depth", "top1" and a name per family under "family.<slug>".
    """
    other = "parameters" if against == "macs" else "macs"
    fig = figure(theme, height=460, title=title, margin={"l": 8, "r": 8, "t": 8, "b": 8}, clickmode="event+select")
    shown = [card for card in cards if card.dataset == "ImageNet" and card.top1 is not None]
    largest = max(getattr(card, other) for card in shown)
    for family in dict.fromkeys(card.family for card in shown):
        members = sorted((c for c in shown if c.family == family), key=lambda c: getattr(c, against))
        single = [c.protocol.startswith("1 crop") or "single crop" in c.protocol for c in members]
        colour = colour_of_family(family)
        fig.add_scatter(
            x=[getattr(c, against) for c in members],
            y=[c.top1 for c in members],
            mode="markers",
            name=words[f"family.{family}"],
            marker={
                "symbol": [symbol_of_family(family) + ("" if one else "-open") for one in single],
                "size": [9 + 34 * (getattr(c, other) / largest) ** 0.5 for c in members],
                "color": colour,
                "opacity": 0.86,
                "line": {"color": [theme.paper if one else colour for one in single], "width": 1.6},
            },
            customdata=[[c.slug] for c in members],
            text=[_hover(c, words).removesuffix("<extra></extra>") for c in members],
            hovertemplate="%{text}<extra></extra>",
        )
    for card in _labelled(shown, against):
        fig.add_annotation(
            x=_log(getattr(card, against)),
            y=card.top1,
            text=card.title,
            showarrow=False,
            yshift=16,
            font={"size": 11, "color": theme.muted},
        )
    fig.update_layout(
        xaxis=axis(theme, words[against], type="log", exponentformat="SI", dtick=1),
        yaxis=axis(theme, words["top1"], ticksuffix=" %"),
        legend={"orientation": "h", "y": -0.14, "yanchor": "top", "x": 0, "itemsizing": "constant"},
    )
    return fig


def _labelled(cards: Sequence[NetworkCard], against: str) -> list[NetworkCard]:
    """Cards with room for their name: the best first, none nearer to another than a label is large."""
    chosen: list[NetworkCard] = []
    for card in sorted(cards, key=lambda c: -(c.top1 or 0)):
        x, y = _log(getattr(card, against)), card.top1 or 0
        near = (
            abs(x - _log(getattr(c, against))) < 0.28 and abs(y - (c.top1 or 0)) < 1.3 for c in chosen
        )
        if not any(near):
            chosen.append(card)
    return chosen
