"""Figures of non-linearities and normalisation: a curve with its tangent, values in bins, gradients by depth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import log10
from typing import Any

from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.theme import Theme
from explorer.records.nonlinear import ChannelStatistics, Curve

_VALUE, _SLOPE = palette.BLUE, palette.ORANGE
_TANGENT = 1.2  # half its length along the axis


def curve(drawn: Curve, other: Curve | None, *, theme: Theme, words: Mapping[str, str], title: str) -> dict[str, Any]:
    """A function, its slope, and the tangent at one place; `other` is a second function, pale.

    `words`: "value", "slope", "other", "band", "x".
    """
    at, value, slope = drawn.at, drawn.value, drawn.slope
    tangent = [[at - _TANGENT, value - _TANGENT * slope], [at + _TANGENT, value + _TANGENT * slope]]
    series = [_line(words["band"], drawn.places, each, palette.SKY, width=1, dash="dotted") for each in drawn.band]
    if other:
        series.append(_line(words["other"], other.places, other.values, palette.STONE, dash="dashed", width=1.6))
    series += [
        _line(words["value"], drawn.places, drawn.values, _VALUE),
        _line(words["slope"], drawn.places, drawn.slopes, _SLOPE, dash="dashed"),
        {**_mute(theme.ink), "data": tangent},
        _dot(words["value"], at, value, _VALUE),
        _dot(words["slope"], at, slope, _SLOPE),
    ]
    names = dict.fromkeys(each["name"] for each in series if each.get("name"))
    low, high = min(*drawn.values, *drawn.slopes, -1.0), max(*drawn.values, *drawn.slopes, 1.0)
    return {
        **base(theme, title),
        "grid": {"left": 40, "right": 14, "top": 58, "bottom": 40},
        "legend": {**legend(theme), "data": list(names)},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3f", **tip(theme)},
        "xAxis": axis(theme, words["x"], type="value", nameGap=24, min=-5, max=5),
        "yAxis": axis(theme, "", type="value", min=_down(low), max=-_down(-high)),
        "series": series,
    }


def _down(value: float) -> float:
    """The next half below."""
    return (2 * value // 1) / 2


def _dot(name: str, x: float, y: float, colour: str) -> dict[str, Any]:
    style = {"color": colour}
    return {"type": "scatter", "name": name, "data": [[x, short(y)]], "symbolSize": 13, "itemStyle": style, "z": 5}


def _mute(colour: str) -> dict[str, Any]:
    """A thin line that is in no legend and answers no pointer."""
    look = {"color": colour, "width": 1.2, "opacity": 0.7}
    return {"type": "line", "symbol": "none", "silent": True, "tooltip": {"show": False}, "lineStyle": look, "z": 4}


def _line(
    name: str, x: Sequence[float], y: Sequence[float], colour: str, *, dash: str = "solid", width: float = 2.4
) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "symbol": "none",
        "data": [[short(a), short(b)] for a, b in zip(x, y, strict=True)],
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": width, "type": dash},
    }


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    theme: Theme,
    colour: str,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """How many values lie where, in percent of all. `words`: "x", "share"."""
    total, middles = sum(counts) or 1, [(a + b) / 2 for a, b in pairwise(edges)]
    bars = [[short(x), short(100 * count / total)] for x, count in zip(middles, counts, strict=True)]
    return {
        **base(theme, title),
        "grid": {"left": 44, "right": 12, "top": 36, "bottom": 42},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.2f%%", **tip(theme)},
        "xAxis": axis(theme, words["x"], type="value", nameGap=26, min=short(edges[0]), max=short(edges[-1])),
        "yAxis": axis(theme, words["share"], type="value", nameGap=32, min=0),
        "series": [{"type": "bar", "data": bars, "barWidth": "92%", "itemStyle": {"color": colour}}],
    }


def decay(
    lines: Sequence[tuple[str, Sequence[float], str]],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
    predicted: tuple[str, Sequence[float]] | None = None,
) -> dict[str, Any]:
    """Gradients by the number of layers, as powers of ten; lines are (name, values, colour).

    `predicted` is dotted. `words`: "layers", "gradient". What is 0 has no place on the axis and is left out.
    """
    series = [_by_layer(name, values, colour) for name, values, colour in lines]
    if predicted:
        name, values = predicted
        dotted = _by_layer(name, values, theme.ink)
        dotted["lineStyle"] = {"color": theme.ink, "type": "dotted", "width": 2}
        series.append(dotted)
    last = max((len(values) for _, values, _ in lines), default=51) - 1
    return {
        **base(theme, title),
        "grid": {"left": 66, "right": 14, "top": 84, "bottom": 44},
        "legend": legend(theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "10^%.1f", **tip(theme)},
        "xAxis": axis(theme, words["layers"], type="value", nameGap=26, min=0, max=last),
        "yAxis": {**axis(theme, words["gradient"], type="value", nameGap=42), "axisLabel": _powers(theme)},
        "series": series,
    }


def _powers(theme: Theme) -> dict[str, Any]:
    return {"color": theme.muted, "fontSize": 11, "formatter": "10^{value}"}


def _by_layer(name: str, values: Sequence[float], colour: str) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "symbol": "none",
        "data": [[k, round(log10(value), 4)] for k, value in enumerate(values) if value > 0],
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": 2.2},
    }


def shares_by_layer(
    lines: Sequence[tuple[str, Sequence[float], str]], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """Shares (0 to 1) in percent, layer by layer from 1. `words`: "layer", "share"."""
    series = [
        {**_by_layer(name, (), colour), "data": [[k, short(100 * v)] for k, v in enumerate(values, 1)]}
        for name, values, colour in lines
    ]
    return {
        **base(theme, title),
        "grid": {"left": 52, "right": 14, "top": 62, "bottom": 44},
        "legend": legend(theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, words["layer"], type="value", nameGap=26, min=1, max=max(len(v) for _, v, _ in lines)),
        "yAxis": axis(theme, words["share"], type="value", nameGap=36, min=0, max=100),
        "series": series,
    }


def boxes(
    named: Sequence[tuple[str, Sequence[tuple[float, float]], str]],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """Mean (the line), one standard deviation (the box) and two (the whiskers) of every channel, for several volumes.

    `named` are (name, (mean, standard deviation) by channel, colour). `words`: "channel", "value".
    """
    series = [
        {
            "type": "boxplot",
            "name": name,
            "itemStyle": {"color": theme.paper, "borderColor": colour, "borderWidth": 1.6},
            "data": [[short(m - 2 * s), short(m - s), short(m), short(m + s), short(m + 2 * s)] for m, s in rows],
        }
        for name, rows, colour in named
    ]
    channels = [str(number) for number in range(len(named[0][1]))]
    return {
        **base(theme, title),
        "grid": {"left": 44, "right": 12, "top": 36, "bottom": 42},
        "tooltip": {"trigger": "item", **tip(theme)},
        "xAxis": axis(theme, words["channel"], type="category", nameGap=26, data=channels),
        "yAxis": axis(theme, words["value"], type="value", nameGap=30),
        "series": series,
    }


def channel(
    statistics: ChannelStatistics,
    steps: Sequence[tuple[str, float, float, str]],
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """The values of one channel, and what straight lines make of them; each step is (name, factor, summand, colour).

    Shares per unit of the axis, so that all have the same area. `words`: "value", "density".
    """
    total, series = sum(statistics.counts), []
    for name, factor, summand, colour in steps:
        edges = [factor * edge + summand for edge in statistics.edges]
        points = [
            [(a + b) / 2, count / (total * max(abs(b - a), 1e-9))]
            for a, b, count in zip(edges, edges[1:], statistics.counts, strict=False)
        ]
        points.sort()
        series.append(_line(name, [x for x, _ in points], [y for _, y in points], colour))
    return {
        **base(theme, title),
        "grid": {"left": 52, "right": 14, "top": 62, "bottom": 44},
        "legend": legend(theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3f", **tip(theme)},
        "xAxis": axis(theme, words["value"], type="value", nameGap=26),
        "yAxis": axis(theme, words["density"], type="value", nameGap=36, min=0),
        "series": series,
    }


def by_batch(
    training: Sequence[tuple[int, float]],
    evaluation: float,
    *,
    theme: Theme,
    words: Mapping[str, str],
    title: str,
) -> dict[str, Any]:
    """Accuracy (0 to 1) by the size of a batch, in percent, beside that with running statistics.

    `words`: "size", "accuracy", "training", "evaluation".
    """
    sizes = [str(size) for size, _ in training]
    shown = {"show": True, "position": "bottom", "formatter": "{c}", "fontSize": 11, "color": theme.ink}
    measured = {
        "type": "line",
        "name": words["training"],
        "data": [round(100 * share, 1) for _, share in training],
        "symbolSize": 8,
        "label": shown,
        "itemStyle": {"color": palette.ORANGE},
        "lineStyle": {"color": palette.ORANGE, "width": 2.2},
    }
    usual = {
        "type": "line",
        "name": words["evaluation"],
        "data": [round(100 * evaluation, 1)] * len(sizes),
        "symbol": "none",
        "itemStyle": {"color": palette.BLUE},
        "lineStyle": {"color": palette.BLUE, "width": 2.2, "type": "dashed"},
    }
    return {
        **base(theme, title),
        "grid": {"left": 52, "right": 14, "top": 62, "bottom": 44},
        "legend": legend(theme),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, words["size"], type="category", nameGap=26, data=sizes, boundaryGap=True),
        "yAxis": axis(theme, words["accuracy"], type="value", nameGap=36, min=0, max=100),
        "series": [usual, measured],
    }


def shifts(
    bars: Sequence[tuple[str, float, str]], *, theme: Theme, words: Mapping[str, str], title: str
) -> dict[str, Any]:
    """By how much a shift changes what each layer gives, in percent; bars are (name, share, colour)."""
    data = [{"value": round(100 * share, 1), "itemStyle": {"color": colour}} for _, share, colour in bars]
    label = {"show": True, "position": "right", "formatter": "{c}%", **text(theme)}
    names = axis(theme, "", type="category", data=[name for name, _, _ in bars], inverse=True)
    return {
        **base(theme, title),
        "grid": {"left": 8, "right": 60, "top": 32, "bottom": 40, "containLabel": True},
        "tooltip": {"trigger": "item", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": axis(theme, words["change"], type="value", nameGap=24, min=0),
        "yAxis": names,
        "series": [{"type": "bar", "data": data, "label": label, "barWidth": "62%"}],
    }


def legend(theme: Theme) -> dict[str, Any]:
    """Below the title, on the left."""
    return {"top": 24, "left": 0, "itemWidth": 22, "itemHeight": 8, "textStyle": text(theme)}
