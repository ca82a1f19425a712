"""What a click in a figure opens: an operation, named in the `customdata` of a point, and areas that are clicked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from explorer.figures import palette
from explorer.records import TRAILING, LayerRecord, Segment

Rectangle = tuple[float, float, float, float]
"""(left, bottom, right, top), in the units of the axes."""


def opens(index: int) -> str:
    """The mark of a point that opens the operation `index` of a trace; "" for one that opens nothing (-1)."""
    return f"op:{index + 1}" if index >= 0 else ""


def made_by(segment: Segment) -> int:
    """The operation that makes a segment's volume: its last but for normalisation, activation, dropout and reshaping.

    Of the last repetition, whose output is the segment's.
    """
    ends = [layer for layer in segment.layers if layer.kind == segment.last.kind]  # of the first repetition
    made = [layer for layer in segment.layers if layer.kind not in TRAILING and layer.index <= ends[-1].index]
    return segment.last.index - (ends[-1].index - made[-1].index if made else 0)


def largest(segment: Segment, size: Callable[[LayerRecord], int]) -> int:
    """The operation of a segment with most of something, the first of equals."""
    return max(segment.layers, key=size).index


def areas(rectangles: Sequence[Rectangle], marks: Sequence[str], texts: Sequence[str], least: float = 0.0) -> go.Bar:
    """Invisible areas to point at and to click; at least `least` wide and high, so that small things are hit."""
    sides = [(max(right - left, least), max(top - bottom, least)) for left, bottom, right, top in rectangles]
    middles = [((left + right) / 2, (bottom + top) / 2) for left, bottom, right, top in rectangles]
    return go.Bar(
        x=[x for x, _ in middles],
        width=[width for width, _ in sides],
        base=[y - height / 2 for (_, y), (_, height) in zip(middles, sides, strict=True)],
        y=[height for _, height in sides],
        marker={"color": palette.CLEAR, "line": {"width": 0}},
        customdata=list(marks),
        hovertext=list(texts),
        hoverinfo="text",
        showlegend=False,
    )
