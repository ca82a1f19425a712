"""Curves and bars of the page about 1x1 convolutions and Inception modules, as ECharts options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.theme import Theme
from explorer.records.inception import BranchCost

BRANCH_COLOURS = {"1x1": palette.BLUE, "3x3": palette.ORANGE, "5x5": palette.GREEN, "pool": palette.PINK}
"""Of the branches of a module, in the order of its concat."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: its name, its colour, its points (x, y); None for a y that does not exist (any more)."""

    name: str
    colour: str
    points: Sequence[tuple[float, float | None]]
    dashed: bool = False
    dots: bool = False


def lines(
    curves: Sequence[Line],
    *,
    theme: Theme,
    across: str,
    upright: str,
    title: str,
    marks: Mapping[str, float] | None = None,
    log: bool = False,
    low: float | None = None,
    high: float | None = None,
) -> dict[str, Any]:
    """Curves over one axis. `marks` are upright lines: {name: place}; `log` makes the upright axis logarithmic."""
    series = [_line(curve) for curve in curves]
    if marks:
        series[0]["markLine"] = {
            "symbol": "none",
            "silent": True,
            "lineStyle": {"color": theme.muted, "type": "dashed", "width": 1.2},
            "label": {"color": theme.muted, "fontSize": 11, "formatter": "{b}", "position": "end", "rotate": 0},
            "data": [{"name": name, "xAxis": place} for name, place in marks.items()],
        }
    places = [x for curve in curves for x, _ in curve.points]
    ends = {key: value for key, value in (("min", low), ("max", high)) if value is not None}
    return {
        **base(theme, title),
        "grid": {"left": 62, "right": 18, "top": 78, "bottom": 44},
        "legend": {"top": 26, "left": 0, "itemWidth": 20, "itemHeight": 8, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, across, type="value", nameGap=26, min=min(places), max=max(places)),
        "yAxis": axis(theme, upright, type="log" if log else "value", nameGap=46, scale=not log, **ends),
        "series": series,
    }


def _line(curve: Line) -> dict[str, Any]:
    return {
        "type": "line",
        "name": curve.name,
        "data": [[short(x), None if y is None else short(y)] for x, y in curve.points],
        "symbol": "circle" if curve.dots else "none",
        "symbolSize": 7,
        "itemStyle": {"color": curve.colour},
        "lineStyle": {"width": 2.2, "color": curve.colour, "type": "dashed" if curve.dashed else "solid"},
    }


def branch_shares(
    branches: Sequence[BranchCost], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """Each branch's share of a module's channels, parameters and multiply-adds, in percent.

    `words`: "channels", "parameters", "macs", and a name for every branch.
    """
    measures = ("macs", "parameters", "channels")  # drawn from below
    values = {branch.name: (branch.macs, branch.parameters, branch.n_out) for branch in branches}
    totals = [sum(each[place] for each in values.values()) for place in range(len(measures))]
    series = [
        {
            "type": "bar",
            "stack": "all",
            "name": words[name],
            "data": [
                {"value": round(100 * value / total, 2), "name": f"{value:,}", "label": {"show": value > 0.11 * total}}
                for value, total in zip(each, totals, strict=True)
            ],
            "itemStyle": {"color": BRANCH_COLOURS[name]},
            "label": {"show": True, "formatter": "{b}", "fontSize": 11, "color": palette.WHITE},
            "barWidth": 30,
        }
        for name, each in values.items()
    ]
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 18, "top": 56, "bottom": 24, "containLabel": True},
        "legend": {"top": 26, "left": 0, "itemWidth": 14, "itemHeight": 10, "textStyle": text(theme)},
        "tooltip": {"trigger": "item", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, "", type="value", min=0, max=100),
        "yAxis": axis(theme, "", type="category", data=[words[each] for each in measures]),
        "series": series,
    }


def bars(
    names: Sequence[str],
    groups: Sequence[tuple[str, str, Sequence[float]]],
    *,
    theme: Theme,
    upright: str,
    title: str,
    colours: Sequence[str] = (),
) -> dict[str, Any]:
    """Bars side by side: `groups` are (name, colour, values), a value for each of `names`.

    `colours` has one for each of the names instead, where there is but one group.
    """
    series = [
        {
            "type": "bar",
            "name": name,
            "data": [
                {"value": short(value), "itemStyle": {"color": colours[place] if colours else colour}}
                for place, value in enumerate(values)
            ],
            "itemStyle": {"color": colour},
            "label": {"show": len(groups) == 1, "position": "top", "color": theme.muted, "fontSize": 11},
        }
        for name, colour, values in groups
    ]
    return {
        **base(theme, title),
        "grid": {"left": 58, "right": 14, "top": 72, "bottom": 34},
        "legend": {"top": 26, "left": 0, "itemWidth": 14, "itemHeight": 10, "textStyle": text(theme)}
        | {"show": len(groups) > 1},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, "", type="category", data=list(names)),
        "yAxis": axis(theme, upright, type="value", nameGap=40),
        "series": series,
    }


def dot_product(
    products: Sequence[float], *, theme: Theme, across: str, upright: str, sums: str, title: str
) -> dict[str, Any]:
    """The products of a 1x1 convolution at one position, channel by channel, and their sum as it grows."""
    running, total = [], 0.0
    for product in products:
        total += product
        running.append(short(total))
    return {
        **base(theme, title),
        "grid": {"left": 58, "right": 14, "top": 72, "bottom": 44},
        "legend": {"top": 26, "left": 0, "itemWidth": 14, "itemHeight": 10, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", **tip(theme)},
        "xAxis": axis(theme, across, type="category", nameGap=26, data=[str(k) for k in range(1, len(products) + 1)]),
        "yAxis": axis(theme, "", type="value"),
        "series": [
            {
                "type": "bar",
                "name": upright,
                "data": [
                    {"value": short(each), "itemStyle": {"color": palette.ORANGE if each > 0 else palette.BLUE}}
                    for each in products
                ],
                "itemStyle": {"color": palette.ORANGE},
            },
            {
                "type": "line",
                "name": sums,
                "data": running,
                "symbol": "none",
                "step": "middle",
                "itemStyle": {"color": theme.ink},
                "lineStyle": {"color": theme.ink, "width": 1.8},
            },
        ],
    }
