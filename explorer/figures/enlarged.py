"""A figure for a projector: every length in pixels grows by one factor, so that its proportions and its room stay.

On a stage of the same size it is the figure as a page draws it on a smaller screen, seen through a magnifying glass; a
browser's own zoom would move what lies under the pointer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

LEAST = 20.0
"""Pixels of the smallest lettering on a projector of 720 lines: what the last row of a lecture theatre can read."""

_USUAL = 1.5

_PLOTLY = {
    *("xshift", "yshift", "standoff", "ticklen", "borderpad", "borderwidth", "thickness", "itemwidth", "entrywidth"),
    *("height", "l", "r", "t", "b"),
}
_ECHARTS = {
    *("fontSize", "lineHeight", "itemWidth", "itemHeight", "itemSize", "itemGap", "nameGap", "symbolSize", "padding"),
    *("left", "right", "top", "bottom", "borderWidth", "barWidth", "barMaxWidth", "distance", "length"),
}
_STROKES = {"line", "lineStyle", "marker"}
_WRITTEN = re.compile(r"(?<=font-size:)(\d+)(?=px)")  # inside the text of a label


def enlarged(drawing: Any, least: float = LEAST) -> Any:
    """A copy of a Plotly figure or an ECharts option whose smallest lettering has `least` pixels.

    What is neither (an image, HTML) stays as it is. Raised or lowered indices keep their share of the letters beside
    them. The tools in the corner are left out.
    """
    if isinstance(drawing, dict):
        option = {name: part for name, part in drawing.items() if name != "toolbox"}
        sizes = [size for name, size in _numbers(option) if name == "fontSize"]
        return _grown(option, max(_USUAL, least / min(sizes, default=12)), _ECHARTS, "")
    if not hasattr(drawing, "to_plotly_json"):
        return drawing
    figure = drawing.to_plotly_json()
    sizes = [size for name, size in _numbers(figure) if name == "font.size"]
    factor = max(_USUAL, least / min(sizes, default=12))
    return type(drawing)(_grown(figure, factor, _PLOTLY, ""), skip_invalid=False)


def _numbers(part: Any, inside: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a nested figure with its name; the size of a font is called "font.size"."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if isinstance(value, int | float):
                lettering = name == "size" and inside.endswith("font")
                yield ("font.size" if lettering else name), float(value)
            elif isinstance(value, str):
                yield from (("font.size", float(size)) for size in _WRITTEN.findall(value))
            else:
                yield from _numbers(value, name)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _numbers(each, inside)


def _grown(part: Any, factor: float, lengths: set[str], inside: str) -> Any:
    """A copy with every length times `factor`; `inside` is the name of what holds `part`."""
    if isinstance(part, Mapping):
        return {name: _grown_entry(name, value, factor, lengths, inside) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_grown(each, factor, lengths, inside) for each in part]
    if isinstance(part, str) and "font-size" in part:
        return _WRITTEN.sub(lambda size: f"{int(size[1]) * factor:g}", part)
    return part


def _grown_entry(name: str, value: Any, factor: float, lengths: set[str], inside: str) -> Any:
    length = (
        name in lengths
        or (name == "width" and inside in _STROKES)
        or (name == "size" and (inside.endswith("font") or inside == "marker"))
    )
    if length and isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    if length and isinstance(value, list | tuple) and all(isinstance(each, int | float) for each in value):
        return [each * factor for each in value]
    return _grown(value, factor, lengths, name)
