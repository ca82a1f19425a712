"""Figures of a classifier, as ECharts options: history by epoch, confusion matrix, probabilities of one image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from explorer.figures import palette
from explorer.figures.echarts import axis, base, ghostly, short, text, tip
from explorer.figures.theme import DARK, Theme
from explorer.records import Pair

_MOST_COUNTED = 20  # classes: with more, a cell is too small for a number


@dataclass(frozen=True, slots=True)
class Line:
    """A measure by epoch: (epoch, value) pairs, joined, or as `dots` where only a few are known; a `ghost` is pale."""

    name: str
    colour: str
    rows: Sequence[tuple[float, float]]
    dots: bool = False
    ghost: bool = False


def history(lines: Sequence[Line], *, theme: Theme, epoch: str, epochs: int, title: str, digits: int) -> dict[str, Any]:
    """Lines over the epochs, the axis as long as the run from the start; `epoch` names that axis."""
    return {
        **base(theme, title),
        "grid": {"left": 46, "right": 14, "top": 58, "bottom": 44},
        "legend": {
            "top": 24,
            "left": 0,
            "itemWidth": 18,
            "itemHeight": 8,
            "textStyle": text(theme),
            "data": [line.name for line in lines if not line.ghost],
        },
        "tooltip": {"trigger": "axis", "valueFormatter": f"%.{digits}f", **tip(theme)},
        "xAxis": axis(theme, epoch, type="value", nameGap=26, min=0, max=epochs, minInterval=1),
        "yAxis": axis(theme, "", type="value", scale=digits < 4),
        "series": [_joined(line) for line in lines],
    }


def _joined(line: Line) -> dict[str, Any]:
    common = {
        "name": line.name,
        "data": [[x, short(y)] for x, y in line.rows],
        "itemStyle": {"color": line.colour},
        "z": 3 if line.dots else 2,
    }
    if line.dots:
        return {**common, "type": "scatter", "symbol": "diamond", "symbolSize": 12}
    look = {"symbol": "circle", "symbolSize": 4, "lineStyle": {"width": 2.2, "color": line.colour}}
    return {**common, **look, "type": "line", **(ghostly({"color": line.colour}) if line.ghost else {})}


def commonest(counts: Sequence[Sequence[int]], most: int = 5) -> tuple[tuple[int, int, int], ...]:
    """The most frequent confusions as (truth, prediction, count), in descending order."""
    cells = [(i, j, n) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j and n > 0]
    return tuple(sorted(cells, key=lambda cell: (-cell[2], cell[:2]))[:most])


def filled(counts: Sequence[Sequence[int]]) -> tuple[Pair, ...]:
    """(truth, prediction) of the cells that hold images, in the order in which the matrix draws them."""
    return tuple((i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if n)


def confusion(
    counts: Sequence[Sequence[int]],
    classes: Sequence[str],
    *,
    theme: Theme,
    truth: str,
    answer: str,
    title: str,
    opens: bool = False,
    chosen: Pair | None = None,
) -> dict[str, Any]:
    """Confusion matrix: counts of test images by truth (rows, from the top) and prediction (columns).

    Colour goes with the logarithm, so that a handful of mistakes shows beside a thousand right answers. A cell without
    images is left empty. With `opens` a cell can be clicked; the `chosen` one is framed.
    """
    largest = log10(1 + max((n for row in counts for n in row), default=0)) or 1.0
    written = len(classes) <= _MOST_COUNTED
    framed = {"borderColor": palette.TEST, "borderWidth": 3}
    cells = []
    for i, j in filled(counts):
        share = log10(1 + counts[i][j]) / largest
        ink = DARK.paper if share > 0.6 else palette.WHITE
        cell = {"value": [j, i, round(share, 4), counts[i][j]], "label": {"color": ink}}
        cells.append(cell | ({"itemStyle": framed} if (i, j) == chosen else {}))
    names = {"type": "category", "data": list(classes), "splitLine": {"show": False}, "axisTick": {"show": False}}
    slanted = max(map(len, classes), default=0) > 3
    upright = axis(theme, "" if slanted else truth, **names, inverse=True, nameGap=26)
    across = axis(theme, answer, **names, nameGap=64 if slanted else 26)
    across["axisLabel"] = {**across["axisLabel"], "rotate": 45 if slanted else 0, "interval": 0}
    upright["axisLabel"] = {**upright["axisLabel"], "interval": 0}
    return {
        **base(theme, title),
        "grid": {"left": 84 if slanted else 44, "right": 8, "top": 34, "bottom": 82 if slanted else 44},
        "tooltip": {"formatter": f"{truth}: {{@[1]}}<br>{answer}: {{@[0]}}<br>{{@[3]}}", "show": False},
        "xAxis": across,
        "yAxis": upright,
        "visualMap": {"show": False, "min": 0, "max": 1, "dimension": 2, "inRange": {"color": list(palette.VIRIDIS)}},
        "series": [
            {
                "type": "heatmap",
                "data": cells,
                "progressive": 0,
                "label": {"show": written, "formatter": "{@[3]}", "fontSize": 11},
                "itemStyle": {"borderWidth": 1, "borderColor": theme.paper},
                **({"selectedMode": "single", "select": {"itemStyle": framed}} if opens else {}),
            }
        ],
    }


def answer_bars(probabilities: Sequence[float], classes: Sequence[str], *, theme: Theme, title: str) -> dict[str, Any]:
    """The probability of each class in percent, one bar each; the prediction is highlighted."""
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    bars = [
        {
            "value": round(100 * p, 2),
            "itemStyle": {"color": palette.TEST if i == best else theme.muted},
            "label": {"show": p >= 0.005, "formatter": f"{100 * p:.1f}"},
        }
        for i, p in enumerate(probabilities)
    ]
    names = {"type": "category", "data": list(classes), "inverse": True, "axisTick": {"show": False}}
    upright = axis(theme, "", **names)
    upright["axisLabel"] = {**text(theme), "interval": 0}
    return {
        **base(theme, title),
        "grid": {"left": 84 if max(map(len, classes), default=0) > 3 else 30, "right": 44, "top": 30, "bottom": 24},
        "xAxis": axis(theme, "", type="value", min=0, max=100),
        "yAxis": upright,
        "series": [
            {
                "type": "bar",
                "data": bars,
                "barCategoryGap": "28%",
                "label": {"position": "right", **text(theme)},
            }
        ],
    }
