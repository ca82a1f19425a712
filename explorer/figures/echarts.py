"""Shared parts of all ECharts options: title and tool box, axes, text, tooltips, colour scale."""

from __future__ import annotations

from typing import Any

from explorer.figures.theme import SANS, Theme


def base(theme: Theme, title: str) -> dict[str, Any]:
    """The base option: fonts, the title, and the button that saves the figure."""
    return {
        "animation": False,
        "backgroundColor": "transparent",
        "textStyle": {"fontFamily": SANS, "color": theme.ink},
        "title": {
            "text": title,
            "textStyle": {"fontSize": 14, "fontWeight": 500, "color": theme.ink},
            "left": 0,
            "top": 0,
        },
        "toolbox": {
            "right": 0,
            "top": -4,
            "itemSize": 13,
            "iconStyle": {"borderColor": theme.muted},
            "feature": {
                "saveAsImage": {"name": title, "title": "PNG", "pixelRatio": 2, "backgroundColor": theme.paper}
            },
        },
    }


def ghostly(style: dict[str, Any]) -> dict[str, Any]:
    """What turns a series with this style of line into the ghost of one that was drawn before: pale, behind, mute."""
    faint = {**style, "width": 1.6, "opacity": 0.28}
    return {"silent": True, "z": 1, "symbol": "none", "tooltip": {"show": False}, "lineStyle": faint}


def axis(theme: Theme, name: str, **more: Any) -> dict[str, Any]:
    """An axis with its name along its middle, and `more` of its settings."""
    return {
        "name": name,
        "nameLocation": "middle",
        "nameTextStyle": {"color": theme.muted, "fontSize": 12},
        "axisLabel": {"color": theme.muted, "fontSize": 11},
        "axisLine": {"lineStyle": {"color": theme.line}},
        "splitLine": {"lineStyle": {"color": theme.line}},
        **more,
    }


def text(theme: Theme) -> dict[str, Any]:
    """Text style of a legend or a tooltip."""
    return {"color": theme.ink, "fontSize": 12}


def tip(theme: Theme) -> dict[str, Any]:
    """Background of a tooltip."""
    return {"backgroundColor": theme.paper, "borderColor": theme.line, "textStyle": text(theme)}


def short(value: float) -> float:
    """Round to five significant digits, to send less data with every update."""
    return float(f"{value:.5g}")
