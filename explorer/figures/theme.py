"""One look for every figure: colours by kind of operation and by family, in light and dark, and the base layout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from explorer.records import KINDS

# Okabe & Ito's palette (2008), told apart under all common colour blindness; a kind is always named in text as well.
_KIND_COLOURS = {
    "conv": "#0072B2",
    "depthwise": "#56B4E9",
    "linear": "#D55E00",
    "pool": "#009E73",
    "norm": "#8C96A0",
    "activation": "#E69F00",
    "add": "#CC79A7",
    "concat": "#D8C63A",
    "multiply": "#8E5FA8",
    "reshape": "#A79B86",
    "dropout": "#C2B8A3",
    "other": "#77706A",
}
assert set(_KIND_COLOURS) == set(KINDS)

_FAMILY_COLOURS = {
    "lenet": "#77706A",
    "alexnet": "#D55E00",
    "vgg": "#E69F00",
    "nin": "#A79B86",
    "inception": "#009E73",
    "resnet": "#0072B2",
    "densenet": "#56B4E9",
    "squeezenet": "#D8C63A",
    "mobilenet": "#CC79A7",
    "efficientnet": "#8E5FA8",
}


@dataclass(frozen=True, slots=True)
class Theme:
    """Ink, paper and lines of one of the two themes."""

    ink: str
    muted: str
    line: str
    paper: str
    edge: str


LIGHT = Theme(ink="#1D2935", muted="#66717C", line="#DCD5C5", paper="#FBF9F4", edge="#1D2935")
DARK = Theme(ink="#E9E4D8", muted="#9AA6B0", line="#31404C", paper="#10181F", edge="#0A0F14")


def theme_of(dark: bool) -> Theme:
    """The theme of a page that is shown dark, or light."""
    return DARK if dark else LIGHT


SANS = "Plex Sans, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
MONO = "Plex Mono, Noto Sans Mono CJK SC, monospace"


def colour_of_kind(kind: str) -> str:
    """Colour of a kind of operation."""
    return _KIND_COLOURS[kind]


def colour_of_family(family: str) -> str:
    """Colour of a family of networks; a family without one of its own is drawn in a neutral tone."""
    return _FAMILY_COLOURS.get(family, "#77706A")


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
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {
            "bgcolor": theme.paper,
            "bordercolor": theme.line,
            "font": {"family": SANS, "size": 13, "color": theme.ink},
            "align": "left",
        },
        "legend": {"font": {"size": 12}, "bgcolor": "rgba(0,0,0,0)", "itemclick": False, "itemdoubleclick": False},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": theme.muted, "activecolor": theme.ink},
        "meta": {"title": title},
    }
    return go.Figure(layout={**base, **layout})


def axis(theme: Theme, title: str = "", **more: Any) -> dict[str, Any]:
    """An axis with quiet lines."""
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
    """An axis that is only there to place things."""
    return {"visible": False, "fixedrange": False, **more}
