"""Common style of all figures: colours by kind of operation and by family, in light and dark, and the base layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.records import KINDS

_KIND_COLOURS = {
    "conv": palette.BLUE,
    "depthwise": palette.SKY,
    "linear": palette.ORANGE,
    "pool": palette.GREEN,
    "norm": palette.SLATE,
    "activation": palette.AMBER,
    "add": palette.PINK,
    "concat": palette.YELLOW,
    "multiply": palette.VIOLET,
    "reshape": palette.STONE,
    "dropout": palette.SAND,
    "other": palette.UMBER,
}
assert set(_KIND_COLOURS) == set(KINDS)

_FAMILY_COLOURS = {
    "lenet": palette.UMBER,
    "alexnet": palette.ORANGE,
    "vgg": palette.AMBER,
    "nin": palette.STONE,
    "inception": palette.GREEN,
    "resnet": palette.BLUE,
    "densenet": palette.SKY,
    "squeezenet": palette.YELLOW,
    "mobilenet": palette.PINK,
    "efficientnet": palette.VIOLET,
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Text, background and line colours of one of the two themes."""

    ink: str
    muted: str
    line: str
    paper: str
    edge: str


LIGHT = Theme(ink="#1D2935", muted="#66717C", line="#DCD5C5", paper="#FBF9F4", edge="#1D2935")
DARK = Theme(ink="#E9E4D8", muted="#9AA6B0", line="#31404C", paper="#10181F", edge="#0A0F14")


def theme_of(dark: bool) -> Theme:
    """The theme of a dark or light page."""
    return DARK if dark else LIGHT


SANS = "Plex Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
MONO = "Plex Mono, Noto Sans Mono CJK SC, monospace"


def colour_of_kind(kind: str) -> str:
    """Colour of a kind of operation."""
    return _KIND_COLOURS[kind]


def colour_of_family(family: str) -> str:
    """Colour of a family of networks; neutral for a family without one."""
    return _FAMILY_COLOURS.get(family, palette.UMBER)


def mixed(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` mixed in; both as #RRGGBB."""
    a, b = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (colour, other))
    return "#" + "".join(f"{round(x + (y - x) * share):02X}" for x, y in zip(a, b, strict=True))


def figure(theme: Theme, *, height: int, title: str, **layout: Any) -> go.Figure:
    """An empty figure in the house style. `title` is its name for screen readers and downloads; it is not drawn."""
    margin = {"l": 8, "r": 8, "t": 8, "b": 8}
    base = {
        "height": height,
        "margin": margin,
        "font": {"family": SANS, "size": 13, "color": theme.ink},
        "paper_bgcolor": palette.CLEAR,
        "plot_bgcolor": palette.CLEAR,
        "hoverlabel": {
            "bgcolor": theme.paper,
            "bordercolor": theme.line,
            "font": {"family": SANS, "size": 13, "color": theme.ink},
            "align": "left",
        },
        "legend": {"font": {"size": 12}, "bgcolor": palette.CLEAR, "itemclick": False, "itemdoubleclick": False},
        "modebar": {"bgcolor": palette.CLEAR, "color": theme.muted, "activecolor": theme.ink},
        "dragmode": False,  # a finger that scrolls the page is not caught; the tool bar has zoom and pan for a mouse
        "meta": {"title": title},
    }
    return go.Figure(layout={**base, **layout})


def axis(theme: Theme, title: str = "", **more: Any) -> dict[str, Any]:
    """An axis with thin grid lines."""
    return {
        "title": {"text": title, "font": {"size": 13, "color": theme.muted}, "standoff": 8},
        "gridcolor": theme.line,
        "linecolor": theme.line,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"size": 12, "color": theme.muted},
        **more,
    }


def bare_axis(**more: Any) -> dict[str, Any]:
    """An invisible axis, for positions only."""
    return {"visible": False, "fixedrange": False, **more}
