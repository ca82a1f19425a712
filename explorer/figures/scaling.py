"""The surface alpha beta^2 gamma^2 = 2 as a map to move on, as an ECharts option."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.figures import palette
from explorer.figures.echarts import axis, base, text, tip
from explorer.figures.theme import DARK, Theme


def surface(
    betas: Sequence[float],
    gammas: Sequence[float],
    alphas: Sequence[Sequence[float]],
    *,
    here: tuple[float, float],
    paper: tuple[float, float],
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """For every beta (columns) and gamma (rows, from below) the alpha that costs twice as much; a cell is a button.

    `here` is the chosen (beta, gamma), `paper` the published one; each is marked at its nearest cell. Cells are
    numbered along the rows. `words`: "beta", "gamma", "here", "paper".
    """
    values = [alpha for row in alphas for alpha in row]
    low, high = min(values), max(values)
    sides = {"type": "category", "splitLine": {"show": False}, "axisTick": {"show": False}}
    across = axis(theme, words["beta"], **sides, data=[f"{beta:.2f}" for beta in betas], nameGap=26)
    upright = axis(theme, words["gamma"], **sides, data=[f"{gamma:.2f}" for gamma in gammas], nameGap=40)
    legend = [words["paper"], words["here"]]
    return {
        **base(theme, title),
        "grid": {"left": 64, "right": 8, "top": 60, "bottom": 52},
        "legend": {"top": 26, "left": 0, "data": legend, "textStyle": text(theme)},
        "tooltip": {"trigger": "item", "formatter": "α = {@[2]}", **tip(theme)},
        "xAxis": across,
        "yAxis": upright,
        "visualMap": {
            "show": False,
            "min": round(low, 4),
            "max": round(high, 4),
            "dimension": 2,
            "seriesIndex": 0,
            "inRange": {"color": list(palette.VIRIDIS)},
        },
        "series": [
            _cells(alphas, (low + high) / 2, theme),
            _mark(words["paper"], _nearest(paper, betas, gammas), palette.AMBER, 38),
            _mark(words["here"], _nearest(here, betas, gammas), palette.ORANGE, 28),
        ],
    }


def _cells(alphas: Sequence[Sequence[float]], middle: float, theme: Theme) -> dict[str, Any]:
    """A cell for every alpha with its number, dark on the light colours above the `middle`."""
    cells = [
        {
            "value": [j, i, round(alpha, 4)],
            "label": {"formatter": f"{alpha:.2f}", "color": DARK.paper if alpha > middle else palette.WHITE},
        }
        for i, row in enumerate(alphas)
        for j, alpha in enumerate(row)
    ]
    return {
        "type": "heatmap",
        "data": cells,
        "progressive": 0,
        "label": {"show": True, "fontSize": 11},
        "itemStyle": {"borderWidth": 1, "borderColor": theme.paper},
        "selectedMode": "single",
        "cursor": "pointer",
    }


def _nearest(place: tuple[float, float], betas: Sequence[float], gammas: Sequence[float]) -> list[int]:
    beta, gamma = place
    return [
        min(range(len(betas)), key=lambda j: abs(betas[j] - beta)),
        min(range(len(gammas)), key=lambda i: abs(gammas[i] - gamma)),
    ]


def _mark(name: str, place: list[int], colour: str, size: int) -> dict[str, Any]:
    """A ring around one cell."""
    look = {"color": "transparent", "borderColor": colour, "borderWidth": 3}
    return {
        "type": "scatter",
        "name": name,
        "data": [place],
        "symbol": "circle",
        "symbolSize": 34,
        "silent": True,
        "itemStyle": look,
    }
