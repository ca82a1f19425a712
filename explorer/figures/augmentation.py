"""Augmented images: tiles, the laws of what is drawn, the cloud of colours, and a test set that is mirrored."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont

from explorer.figures import palette
from explorer.figures.echarts import axis, base, short, text, tip
from explorer.figures.raster import enlarged, image_of, png
from explorer.figures.theme import Theme, axis as plotly_axis, figure
from explorer.records import ColourCloud, MirroredSet

_QUALITY = 85
_BINS = 16
_ARROW = 3.0  # standard deviations
_CHANNELS = (palette.ORANGE, palette.GREEN, palette.BLUE)


def tile(pixels: np.ndarray) -> bytes:
    """An image, uint8 (H, W, 3), as a JPEG: two dozen of them travel at once."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def whole(pixels: np.ndarray) -> bytes:
    """An image, uint8 (H, W, 3), as a PNG, without any loss."""
    return png(image_of(pixels))


def mirrored_tile(pixels: np.ndarray, *, mirrored: bool, factor: int = 3) -> bytes:
    """A small image, uint8 (H, W, C), as it is or mirrored, every pixel a square."""
    return png(enlarged(image_of(np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels)), factor))


def letters(written: str, *, side: int = 72) -> bytes:
    """A line of letters, and below it the same, each mirrored: dark on light in both themes, as on paper."""
    font, margin = ImageFont.load_default(side * 0.8), side // 8
    canvas = Image.new("L", (side * len(written), 2 * side + margin), 255)
    for index, letter in enumerate(written):
        one = Image.new("L", (side, side), 255)
        ImageDraw.Draw(one).text((side / 2, side / 2), letter, 0, font, "mm")
        canvas.paste(one, (index * side, 0))
        canvas.paste(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (index * side, side + margin))
    return png(canvas)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def law(
    values: Mapping[str, Sequence[float]],
    marked: Mapping[str, Sequence[float]],
    *,
    theme: Theme,
    unit: str,
    title: str,
    channels: bool = False,
) -> dict[str, Any]:
    """Histograms of drawn numbers of one `unit`, by their names, as an ECharts option; those `marked` are dots.

    `channels`: they are those of red, green and blue, and drawn so.

    All have the same bins; heights are in percent of the draws.
    """
    together = np.concatenate([np.asarray(each, float) for each in values.values()])
    low, high = float(together.min()), float(together.max())
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    names = list(values)
    shades = _CHANNELS if channels else palette.CYCLE
    colours = {name: shades[index % len(shades)] for index, name in enumerate(names)}
    series: list[dict[str, Any]] = []
    for name in names:
        counts, _ = np.histogram(values[name], edges)
        heights = 100 * counts / max(1, len(values[name]))
        points = [[short(float(at)), short(float(height))] for at, height in zip(edges[:-1], heights, strict=True)]
        points.append([short(float(edges[-1])), points[-1][1]])
        look = {"lineStyle": {"width": 2, "color": colours[name]}, "itemStyle": {"color": colours[name]}}
        series.append({"name": name, "type": "line", "step": "end", "symbol": "none", "data": points, **look})
    for row, name in enumerate(names):
        dots = [[short(float(value)), row + 0.6] for value in marked.get(name, ())]
        look = {"itemStyle": {"color": colours[name], "opacity": 0.8}, "symbolSize": 6, "silent": True}
        series.append({"name": name, "type": "scatter", "data": dots, "yAxisIndex": 1, **look})
    return {
        **base(theme, title),
        "grid": {"left": 40, "right": 14, "top": 56 if len(names) > 1 else 32, "bottom": 44},
        "legend": {
            "show": len(names) > 1,
            "top": 26,
            "left": 0,
            "itemWidth": 16,
            "itemHeight": 8,
            "textStyle": text(theme),
            "data": names,
        },
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3g", **tip(theme)},
        "xAxis": axis(theme, unit, type="value", nameGap=26, scale=True),
        "yAxis": [axis(theme, "%", type="value", nameGap=24), {"type": "value", "show": False, "min": 0, "max": 24}],
        "series": series,
    }


def operations(counts: Mapping[str, int], marked: Mapping[str, int], *, theme: Theme, title: str) -> dict[str, Any]:
    """How often each operation of a policy was drawn, in percent, as an ECharts option; on the sheet: `marked`."""
    total, shown = max(1, sum(counts.values())), max(1, sum(marked.values()))
    names = list(counts)
    label = axis(theme, "", type="category", data=names, axisTick={"show": False})
    label["axisLabel"] = {**text(theme), "interval": 0, "rotate": 40}
    bars = [short(100 * counts[name] / total) for name in names]
    dots = [short(100 * marked.get(name, 0) / shown) for name in names]
    return {
        **base(theme, title),
        "grid": {"left": 40, "right": 10, "top": 34, "bottom": 84},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f%%", **tip(theme)},
        "xAxis": label,
        "yAxis": axis(theme, "%", type="value", nameGap=24),
        "series": [
            {"type": "bar", "data": bars, "itemStyle": {"color": palette.BLUE}, "barCategoryGap": "30%"},
            {"type": "scatter", "data": dots, "itemStyle": {"color": palette.ORANGE}, "symbol": "diamond"},
        ],
    }


# --- colours ----------------------------------------------------------------------------------------------------------


def cloud(found: ColourCloud, *, theme: Theme, channels: tuple[str, str, str], component: str, title: str) -> go.Figure:
    """Colours as points in the cube of red, green and blue, each in its own, and the components as arrows.

    An arrow goes three standard deviations from the mean to both sides. `channels` name the axes, `component` an arrow.
    """
    fig = figure(theme, height=440, title=title, showlegend=True)
    levels = (255 * found.points).round().astype(int)
    fig.add_scatter3d(
        x=levels[:, 0],
        y=levels[:, 1],
        z=levels[:, 2],
        mode="markers",
        marker={"size": 2, "opacity": 0.4, "color": [_hex(colour) for colour in levels]},
        hoverinfo="skip",
        showlegend=False,
    )
    for index, (value, vector, share) in enumerate(zip(found.values, found.vectors, found.shares, strict=True)):
        reach = _ARROW * np.sqrt(value) * vector
        ends = 255 * np.array([found.mean - reach, found.mean + reach])  # (2, 3)
        colour = palette.CYCLE[index]
        name = f"{component} {index + 1}: {100 * share:.1f}%"
        fig.add_scatter3d(
            **dict(zip("xyz", ends.T, strict=True)),
            mode="lines+markers",
            line={"color": colour, "width": 9},
            marker={"color": colour, "size": [0, 5], "symbol": "diamond"},
            name=name,
            hoverinfo="name",
        )
    style = {"backgroundcolor": palette.CLEAR, "range": [0, 255], "nticks": 4}
    axes = {f"{letter}axis": plotly_axis(theme, name, **style) for letter, name in zip("xyz", channels, strict=True)}
    for each in axes.values():  # a 3-D axis knows no margins and no gaps
        del each["automargin"], each["title"]["standoff"]
    camera = {"eye": {"x": 2.0, "y": -2.0, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.12}}
    fig.update_layout(scene={**axes, "aspectmode": "cube", "camera": camera, "dragmode": "orbit"})
    fig.update_layout(legend={"orientation": "h", "y": 1.02, "x": 0})
    return fig


def _hex(colour: np.ndarray) -> str:
    return "#" + "".join(f"{level:02X}" for level in colour)


# --- a mirrored test set ----------------------------------------------------------------------------------------------


def mirrored_bars(
    found: MirroredSet, names: Sequence[str], *, theme: Theme, as_is: str, mirrored: str, title: str
) -> dict[str, Any]:
    """Accuracy in percent by class, of a test set `as_is` and `mirrored` (two names), as an ECharts option."""
    label = axis(theme, "", type="category", data=list(names), axisTick={"show": False})
    label["axisLabel"] = {**text(theme), "interval": 0}
    rows = {as_is: (found.right, palette.SLATE), mirrored: (found.right_mirrored, palette.ORANGE)}
    return {
        **base(theme, title),
        "grid": {"left": 44, "right": 10, "top": 58, "bottom": 28},
        "legend": {"top": 26, "left": 0, "itemWidth": 16, "itemHeight": 8, "textStyle": text(theme)},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.0f%%", **tip(theme)},
        "xAxis": label,
        "yAxis": axis(theme, "%", type="value", min=0, max=100, nameGap=28),
        "series": [
            {
                "name": name,
                "type": "bar",
                "data": [short(100 * n / total) if total else 0 for n, total in zip(right, found.counts, strict=True)],
                "itemStyle": {"color": colour},
                "barCategoryGap": "30%",
            }
            for name, (right, colour) in rows.items()
        ],
    }
