"""Curves of training runs and maps of their gradients, as ECharts options: a live figure is updated in place.

Plotly would be mounted anew with every point. The options are plain data: numbers, finished strings, colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

from explorer.arithmetic.powers import power_of_ten
from explorer.figures import palette
from explorer.figures.echarts import axis, base, ghostly, short, text, tip
from explorer.figures.theme import Theme
from explorer.records import TrainPoint

MEASURES = ("train_error", "test_error", "train_loss", "test_loss", "lr", "images_per_second")

FIRST_LAYER = {"first_weight": "weight_norms", "first_gradient": "gradient_norms"}
"""Measures of the first weight layer: the norm of its weights, and of their gradient."""

_DASHES = "path://M0 0h6v3h-6zM8 0h6v3h-6zM16 0h6v3h-6z"


@dataclass(frozen=True, slots=True)
class Curve:
    """A run in a figure: its name, its style, its points in order; a `ghost` stands pale behind the others."""

    name: str
    colour: str
    points: Sequence[TrainPoint]
    dashed: bool = False
    ghost: bool = False


def measured(point: TrainPoint, measure: str) -> float | None:
    """One of `MEASURES`, errors in percent, or of `FIRST_LAYER`; None where it was not measured."""
    if measure in FIRST_LAYER:
        norms = getattr(point, FIRST_LAYER[measure])
        return norms[0] if norms else None
    value: float | None = getattr(point, measure)
    return value


def _series(curve: Curve, measure: str, most: int) -> list[list[float]]:
    pairs = [(point.step, measured(point, measure)) for point in curve.points]
    rows = [[step, short(value)] for step, value in pairs if value is not None and isfinite(value)]
    return thinned(rows, most)


def thinned(rows: list[Any], most: int) -> list[Any]:
    """At most `most` rows, evenly spaced, always with the last one."""
    stride = -(-len(rows) // most) if rows else 1
    return rows[::-1][::stride][::-1]


def _legend(curves: Sequence[Curve], theme: Theme) -> dict[str, Any]:
    """Names beside a stroke as it is drawn, whole or dashed."""
    return {
        "top": 24,
        "left": 0,
        "itemWidth": 22,
        "itemHeight": 3,
        "textStyle": text(theme),
        "data": [
            {"name": curve.name, "icon": _DASHES if curve.dashed else "rect"} for curve in curves if not curve.ghost
        ],
    }


def learning_curves(
    curves: Sequence[Curve],
    measure: str,
    *,
    theme: Theme,
    labels: Mapping[str, str],
    steps: int = 0,
    logarithmic: bool = False,
    title: str = "",
    most: int = 400,
) -> dict[str, Any]:
    """One measure of several runs over the steps; `steps` fixes the axis from the start.

    `labels`: "step" and the name of the measure.
    """
    percent = measure.endswith("_error")
    data = [(curve, _series(curve, measure, most)) for curve in curves]
    if logarithmic:
        data = [(curve, [row for row in rows if row[1] > 0]) for curve, rows in data]
    limits: dict[str, Any] = {"min": 0, "max": 100} if percent and not logarithmic else {"scale": logarithmic}
    upright: dict[str, Any] = {"type": "log" if logarithmic else "value", "nameGap": 42, **limits}
    return {
        **base(theme, title),
        "grid": {"left": 58, "right": 14, "top": 72, "bottom": 44},
        "legend": _legend(curves, theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.2f%%" if percent else "%.4g", **tip(theme)},
        "xAxis": axis(theme, labels["step"], type="value", nameGap=26, min=0, **({"max": steps} if steps else {})),
        "yAxis": axis(theme, labels[measure], **upright),
        "series": [
            {
                "type": "line",
                "name": curve.name,
                "data": rows,
                "symbol": "none" if len(rows) > 1 else "circle",
                "itemStyle": {"color": curve.colour},
                "lineStyle": _stroke(curve),
                **(ghostly(_stroke(curve)) if curve.ghost else {}),
            }
            for curve, rows in data
        ],
    }


def _stroke(curve: Curve) -> dict[str, Any]:
    return {"width": 2.4, "color": curve.colour, "type": "dashed" if curve.dashed else "solid"}


def gradient_profile(
    curves: Sequence[Curve],
    *,
    theme: Theme,
    labels: Mapping[str, str],
    last: bool = False,
    title: str = "",
) -> dict[str, Any]:
    """Gradient norm of every weight layer from input (left) to output, at the first probe or the last, logarithmic.

    `labels`: "layer", "gradient_norm".
    """
    series = []
    for curve in curves:
        probes = [point.gradient_norms for point in curve.points if point.gradient_norms]
        norms = (probes[-1] if last else probes[0]) if probes else ()
        # A layer's position relative to the depth, so that deep and shallow networks can be compared.
        rows = [[round(i / max(len(norms) - 1, 1), 4), short(n)] for i, n in enumerate(norms) if n > 0 and isfinite(n)]
        style = {"width": 2.2, "color": curve.colour, "type": "dashed" if curve.dashed else "solid"}
        look = {"itemStyle": {"color": curve.colour}, "lineStyle": style, "symbol": "none"}
        series.append({"type": "line", "name": curve.name, "data": rows, **look})
    return {
        **base(theme, title),
        "grid": {"left": 62, "right": 14, "top": 72, "bottom": 44},
        "legend": _legend(curves, theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3g", "backgroundColor": theme.paper},
        "xAxis": axis(theme, labels["layer"], type="value", min=0, max=1, nameGap=26),
        "yAxis": axis(theme, labels["gradient_norm"], type="log", nameGap=46),
        "series": series,
    }


def gradient_map(
    curve: Curve,
    *,
    theme: Theme,
    labels: Mapping[str, str],
    limits: tuple[float, float],
    title: str = "",
    most: int = 40,
) -> dict[str, Any]:
    """Gradient norm of every weight layer (upwards, from the input) at every probe (to the right), in powers of ten.

    `limits` are the exponents at the ends of the colours, so that several maps share them. `labels`: "step", "layer",
    "gradient_norm".
    """
    probes = thinned([(p.step, p.gradient_norms) for p in curve.points if p.gradient_norms], most)
    cells = [
        [column, row, round(log10(norm), 2)]
        for column, (_, norms) in enumerate(probes)
        for row, norm in enumerate(norms)
        if norm > 0 and isfinite(norm)
    ]
    layers = len(probes[0][1]) if probes else 0
    return {
        **base(theme, title),
        "grid": {"left": 44, "right": 66, "top": 34, "bottom": 44},
        "tooltip": {"valueFormatter": "%.2f", "backgroundColor": theme.paper, "textStyle": {"color": theme.ink}},
        "xAxis": axis(theme, labels["step"], type="category", data=[step for step, _ in probes], nameGap=26),
        "yAxis": axis(theme, labels["layer"], type="category", data=list(range(1, layers + 1)), nameGap=28),
        "visualMap": {
            "min": limits[0],
            "max": limits[1],
            "calculable": False,
            "orient": "vertical",
            "right": 0,
            "top": 34,
            "itemHeight": 120,
            "itemWidth": 12,
            "precision": 1,
            "text": [_power_of_ten(limits[1]), _power_of_ten(limits[0])],
            "textStyle": {"color": theme.muted, "fontSize": 11},
            "inRange": {"color": list(palette.VIRIDIS)},
        },
        "series": [{"type": "heatmap", "name": labels["gradient_norm"], "data": cells, "progressive": 0}],
    }


def _power_of_ten(exponent: float) -> str:
    """10 to a power, as a number where that is short."""
    if abs(exponent) <= 4:
        return f"{10.0**exponent:,.12g}"
    return power_of_ten(round(exponent))


def exponents(curves: Iterable[Curve], floor: float = -6.0) -> tuple[float, float]:
    """Range of integer exponents of all gradient norms of several runs, each norm at least `floor`."""
    logs = [log10(n) for c in curves for p in c.points for n in p.gradient_norms or () if n > 0 and isfinite(n)]
    if not logs:
        return -3.0, 2.0
    return float(max(round(min(logs) - 0.5), floor)), float(round(max(logs) + 0.5))
