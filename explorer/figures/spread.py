"""Curves of several runs each: their mean as a line, and what lies between the lowest and the highest as a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.theme import Theme


@dataclass(frozen=True, slots=True)
class Band:
    """Some runs in a figure: a name, a colour, places on the axis, and at each (mean, lowest, highest)."""

    name: str
    colour: str
    places: Sequence[float]
    values: Sequence[tuple[float, float, float]]


def spread_curves(
    bands: Sequence[Band], *, theme: Theme, across: str, upright: str, last: float, title: str = ""
) -> dict[str, Any]:
    """Percentages up to the `last` place; `across` and `upright` name the axes."""
    return {
        **base(theme, title),
        "grid": {"left": 58, "right": 14, "top": 72, "bottom": 44},
        "legend": {
            "top": 24,
            "left": 0,
            "itemWidth": 22,
            "itemHeight": 3,
            "textStyle": text(theme),
            "data": [{"name": band.name, "icon": "rect"} for band in bands],
        },
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, across, type="value", nameGap=26, min=0, max=last),
        "yAxis": axis(theme, upright, type="value", nameGap=42, min=0, max=100),
        "series": [series for band in bands for series in (*_between(band), _line(band))],
    }


def _line(band: Band) -> dict[str, Any]:
    rows = [[short(place), short(mean)] for place, (mean, _, _) in zip(band.places, band.values, strict=True)]
    return {
        "type": "line",
        "name": band.name,
        "data": rows,
        "symbol": "none" if len(rows) > 1 else "circle",
        "itemStyle": {"color": band.colour},
        "lineStyle": {"width": 2.4, "color": band.colour},
    }


def _between(band: Band) -> tuple[dict[str, Any], ...]:
    """The band as two series upon each other: up to the lowest nothing, then a pale area up to the highest."""
    if all(low == high for _, low, high in band.values):
        return ()
    lowest = [[short(place), short(low)] for place, (_, low, _) in zip(band.places, band.values, strict=True)]
    widths = [[short(at), short(high - low)] for at, (_, low, high) in zip(band.places, band.values, strict=True)]
    mute = {
        "type": "line",
        "stack": band.name,
        "silent": True,
        "symbol": "none",
        "lineStyle": {"width": 0},
        "tooltip": {"show": False},
        "itemStyle": {"color": band.colour},
    }
    area = {"areaStyle": {"color": band.colour, "opacity": 0.16}}
    return {**mute, "data": lowest}, {**mute, "data": widths, **area}
