"""Curves and heat maps of signals that go forward and backward through many layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any

from explorer.arithmetic.powers import power_of_ten
from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.theme import Theme

_LEAST_DECADES, _TICKS = 2, 8


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: its name, (place, value) points, its colour; dashed for what is predicted rather than measured."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashed: bool = False


def lines(
    curves: Sequence[Line],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
    logarithmic: bool = False,
    limits: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Curves over the layers. On a logarithmic axis what is 0 is a gap. `words`: "x" and "y", the axes' names.

    `limits` are the ends of the upright axis; a logarithmic one shows two decades or more, so that noise looks small.
    """
    upright: dict[str, Any] = {"type": "log" if logarithmic else "value", "nameGap": 52}
    if logarithmic:
        upright |= _decades([y for curve in curves for _, y in curve.points])
        upright["axisLabel"] = {"color": theme.muted, "fontSize": 11, "formatter": "{value}"}
    elif limits:
        upright |= {"min": limits[0], "max": limits[1]}
    places = [x for curve in curves for x, _ in curve.points]
    flat = {"type": "value", "nameGap": 26, "min": min(places, default=0), "max": max(places, default=1)}
    return {
        **base(theme, title),
        "grid": {"left": 70, "right": 16, "top": 72, "bottom": 44},
        "legend": {
            "top": 24,
            "left": 0,
            "itemWidth": 24,
            "itemHeight": 8,
            "textStyle": text(theme),
            "data": [{"name": curve.name} for curve in curves],
        },
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4g", **tip(theme)},
        "xAxis": axis(theme, words["x"], **flat),
        "yAxis": axis(theme, words["y"], **upright),
        "series": [_series(curve, logarithmic) for curve in curves],
    }


def _series(curve: Line, logarithmic: bool) -> dict[str, Any]:
    dash = {"width": 1.8, "type": "dashed"} if curve.dashed else {"width": 2.4, "type": "solid"}
    return {
        "type": "line",
        "name": curve.name,
        "data": [[x, short(y)] for x, y in curve.points if isfinite(y) and (y > 0 or not logarithmic)],
        "symbol": "none",
        "z": 3 if curve.dashed else 2,
        "itemStyle": {"color": curve.colour},
        "lineStyle": {"color": curve.colour, **dash},
    }


def _decades(values: Sequence[float]) -> dict[str, float]:
    """Ends of a logarithmic axis: whole powers of ten around all values, two decades or more."""
    seen = [log10(value) for value in values if value > 0 and isfinite(value)]
    low, high = floor(min(seen, default=0.0)), -floor(-max(seen, default=0.0))
    while high - low < _LEAST_DECADES:
        low, high = (low - 1, high) if (high - low) % 2 == 0 else (low, high + 1)
    between = 1 if high - low < _TICKS else -(-(high - low) // _TICKS)  # decades from one tick to the next
    return {"min": 10.0**low, "max": 10.0**high, "logBase": 10.0**between}


def sizes(
    layers: Sequence[int],
    shares: Sequence[Sequence[float]],
    decades: Sequence[int],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """What share of the values of every layer (to the right) has what size (upwards in powers of ten, from 0).

    `words`: "x", "y", "zero" (the lowest row) and "share".
    """
    names = [words["zero"], *(_power(decade) for decade in decades)]
    cells = [
        [column, row, round(share, 4)]
        for column, column_shares in enumerate(shares)
        for row, share in enumerate(column_shares)
        if share > 0
    ]
    return {
        **base(theme, title),
        "grid": {"left": 66, "right": 58, "top": 36, "bottom": 44},
        "tooltip": {"valueFormatter": "%.3g", **tip(theme)},
        "xAxis": axis(theme, words["x"], type="category", data=list(layers), nameGap=26),
        "yAxis": axis(theme, words["y"], type="category", data=names, nameGap=50),
        "visualMap": {
            "min": 0,
            "max": 1,
            "calculable": False,
            "orient": "vertical",
            "right": 0,
            "top": 36,
            "itemHeight": 120,
            "itemWidth": 12,
            "text": ["100%", "0"],
            "textStyle": {"color": theme.muted, "fontSize": 11},
            "inRange": {"color": list(palette.VIRIDIS)},
        },
        "series": [{"type": "heatmap", "name": words["share"], "data": cells, "progressive": 0}],
    }


def _power(exponent: int) -> str:
    """10 to a power, as a number where that is short."""
    if -3 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return power_of_ten(exponent)
