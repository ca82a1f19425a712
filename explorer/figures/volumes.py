"""The shape pipeline: volumes to scale, drawn obliquely, joined by their skips and concats.

Height is n_H and the slanted depth n_W on one scale; the width is n_C on another. Vectors stand as columns on a third.
All three are linear by default; "sqrt" compresses them, for networks whose last maps would be a dot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from explorer.figures.theme import MONO, SANS, Theme, bare_axis, colour_of_kind, figure, mixed
from explorer.figures.words import bytes_text, count_text, operation_text, shape_text
from explorer.records import Segment, Shape

SCALES = ("linear", "sqrt")

_TALLEST = 200.0  # drawing units of the largest n_H
_SLANT = (0.44, 0.30)  # where one unit of n_W goes: right and up
_WIDEST = 110.0  # drawing units of the largest n_C
_THINNEST = 2.5
_COLUMN = 9.0  # width of a vector
_GAP = 17.0


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    width: float
    height: float
    slant: tuple[float, float]
    kind: str
    label: str
    hover: str
    repeat: int
    stage: str
    merge: str

    @property
    def bottom(self) -> float:
        return -(self.height + self.slant[1]) / 2

    @property
    def top(self) -> float:
        return self.bottom + self.height + self.slant[1]

    @property
    def right(self) -> float:
        return self.x + self.width + self.slant[0]

    @property
    def middle(self) -> float:
        return (self.x + self.right) / 2


def pipeline(
    segments: Sequence[Segment],
    input_shape: Shape,
    *,
    theme: Theme,
    words: Mapping[str, str],
    scale: str = "linear",
    faces: Mapping[int, np.ndarray] | None = None,
    title: str = "",
) -> go.Figure:
    """Draw the main route of an outline.

    `words` holds the finished strings: "input", "receptive_field", "parameters", "macs", "memory" and one per kind of
    operation. `faces` puts pictures (uint8, H x W x 3) on the sides of volumes: 0 is the input, 1 the first segment.
    """
    main = [s for s in segments if s.main]
    boxes = _boxes(main, input_shape, words, scale)
    fig = figure(theme, height=430, title=title, dragmode="pan", hovermode="closest")
    low = min(box.bottom for box in boxes)
    for trace in _faces(boxes, theme, words):
        fig.add_trace(trace)
    fig.add_trace(_hover(boxes))
    for image in _pictures(boxes, faces or {}):
        fig.add_layout_image(image)
    _skips(fig, boxes, main, theme)
    _captions(fig, boxes, theme, low)
    span = boxes[-1].right
    high = max(box.top for box in boxes)
    fig.update_layout(
        xaxis=bare_axis(range=[-0.012 * span, span * 1.012]),
        yaxis=bare_axis(range=[low - 92, high + 58], fixedrange=True),
        legend={"orientation": "h", "y": 1.0, "yanchor": "top", "x": 1.0, "xanchor": "right", "traceorder": "normal"},
    )
    return fig


def scales_text(segments: Sequence[Segment], input_shape: Shape) -> tuple[int, int, int]:
    """(pixels, channels, vector entries) that the tallest, widest and longest volume stand for, for the caption."""
    spatial, channels, entries = _largest([s for s in segments if s.main], input_shape)
    return int(spatial), int(channels), int(entries)


def _largest(main: Sequence[Segment], input_shape: Shape) -> tuple[float, float, float]:
    volumes = [input_shape, *(s.out_shape for s in main if len(s.out_shape) == 3)]
    vectors = [s.out_shape[0] for s in main if _is_vector(s.out_shape)]
    grids = [v for v in volumes if not _is_vector(v)]
    return max(max(v[1:]) for v in volumes), max(v[0] for v in grids or volumes), max(vectors, default=1)


def _is_vector(shape: Shape) -> bool:
    return len(shape) == 1 or shape[1:] == (1, 1)


def _boxes(main: Sequence[Segment], input_shape: Shape, words: Mapping[str, str], scale: str) -> list[_Box]:
    spatial, channels, entries = _largest(main, input_shape)

    def length(value: float, largest: float, full: float) -> float:
        return full * (value / largest if scale == "linear" else sqrt(value / largest))

    def place(x: float, shape: Shape, **rest: Any) -> _Box:
        if _is_vector(shape):
            tall = max(length(shape[0], entries, _TALLEST * 0.8), 6.0)
            return _Box(x, _COLUMN, tall, (_COLUMN * 0.5, _COLUMN * 0.35), **rest)
        rows, columns = (max(length(n, spatial, _TALLEST), 3.0) for n in shape[1:])
        width = max(length(shape[0], channels, _WIDEST), _THINNEST)
        return _Box(x, width, rows, (columns * _SLANT[0], columns * _SLANT[1]), **rest)

    size = shape_text(input_shape)
    entry = place(
        0.0,
        input_shape,
        kind="input",
        label=size,
        hover=f"<b>{words['input']}</b><br>{size}",
        repeat=1,
        stage="",
        merge="",
    )
    boxes = [entry]
    for segment in main:
        kinds = {layer.kind for layer in segment.layers}
        boxes.append(
            place(
                boxes[-1].right + _GAP,
                segment.out_shape,
                kind=segment.kind,
                label=shape_text(segment.out_shape),
                hover=_hover_text(segment, words),
                repeat=segment.repeat,
                stage=segment.stage,
                merge="add" if "add" in kinds else "concat" if "concat" in kinds else "",
            )
        )
    return boxes


def _hover_text(segment: Segment, words: Mapping[str, str]) -> str:
    name = segment.label + (f" · {segment.type}" if segment.type else "")
    repeat = f" ×{segment.repeat}" if segment.repeat > 1 else ""
    what = operation_text(segment.layers[0]) if len(segment.layers) <= 4 else words[segment.kind]
    size = " × ".join(map(str, segment.rf.size))
    return (
        f"<b>{name}{repeat}</b><br>{what}<br>{shape_text(segment.in_shape)} → <b>{shape_text(segment.out_shape)}</b>"
        f"<br>{words['parameters']} {segment.parameters:,}<br>{words['macs']} {count_text(segment.macs)}"
        f"<br>{words['receptive_field']} {size}<br>{words['memory']} {bytes_text(segment.activation_bytes)}"
    )


def _faces(boxes: Sequence[_Box], theme: Theme, words: Mapping[str, str]) -> list[go.Scatter]:
    """Front, top and side of all boxes of a kind as three traces; the front one carries the legend."""
    traces = []
    for kind in dict.fromkeys(box.kind for box in boxes):
        colour = theme.muted if kind == "input" else colour_of_kind(kind)
        shades = {"side": mixed(colour, "#000000", 0.30), "top": mixed(colour, "#FFFFFF", 0.38), "front": colour}
        for face, fill in shades.items():
            xs: list[float | None] = []
            ys: list[float | None] = []
            for box in (b for b in boxes if b.kind == kind):
                px, py = _polygon(box, face)
                xs += [*px, None]
                ys += [*py, None]
            traces.append(
                go.Scatter(
                    x=xs,
                    y=ys,
                    mode="lines",
                    fill="toself",
                    fillcolor=fill,
                    line={"color": theme.edge, "width": 0.7},
                    name=words[kind],
                    showlegend=face == "front",
                    hoverinfo="skip",
                )
            )
    return traces


def _polygon(box: _Box, face: str) -> tuple[list[float], list[float]]:
    (dx, dy), left, right = box.slant, box.x, box.x + box.width
    low, high = box.bottom, box.bottom + box.height
    if face == "front":
        return [left, right, right, left, left], [low, low, high, high, low]
    if face == "top":
        return [left, right, right + dx, left + dx, left], [high, high, high + dy, high + dy, high]
    return [right, right + dx, right + dx, right, right], [low, low + dy, high + dy, high, low]


def _hover(boxes: Sequence[_Box]) -> go.Scatter:
    """Invisible points that carry the hover text: polygons cannot."""
    xs, ys, texts = [], [], []
    for box in boxes:
        for share in (-0.35, 0.0, 0.35):  # three to a box, so that a tall one is caught along its height
            xs.append(box.middle)
            ys.append(share * (box.top - box.bottom))
            texts.append(box.hover)
    return go.Scatter(
        x=xs,
        y=ys,
        mode="markers",
        marker={"size": 26, "color": "rgba(0,0,0,0)"},
        hovertext=texts,
        hoverinfo="text",
        showlegend=False,
    )


def _pictures(boxes: Sequence[_Box], faces: Mapping[int, np.ndarray]) -> list[dict[str, Any]]:
    """Pictures sheared onto the right faces of boxes, as layout images."""
    images = []
    for index, picture in faces.items():
        box = boxes[index]
        (dx, dy), height = box.slant, box.height
        images.append(
            {
                "source": _sheared(picture, dx, dy, height),
                "xref": "x",
                "yref": "y",
                "x": box.x + box.width,
                "y": box.top,
                "sizex": dx,
                "sizey": height + dy,
                "sizing": "stretch",
                "layer": "above",
            }
        )
    return images


def _sheared(picture: np.ndarray, dx: float, dy: float, height: float) -> Image.Image:
    """A picture (uint8, H x W x 3) as the parallelogram of a side face, transparent around it."""
    zoom = 3  # pixels to a drawing unit
    out = (max(int(dx * zoom), 1), max(int((height + dy) * zoom), 1))
    source = Image.fromarray(picture).convert("RGBA")
    across, down = source.width / out[0], source.height / (height * zoom)
    # Output (u, v) looks up the source at (u * across, (v - (out_dy - slope * u)) * down).
    rise = dy * zoom
    affine = (across, 0.0, 0.0, down * rise / out[0], down, -down * rise)
    return source.transform(out, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)


def _skips(fig: go.Figure, boxes: Sequence[_Box], main: Sequence[Segment], theme: Theme) -> None:
    """Arcs for volumes that pass over something: what an addition or a concatenation takes from further back."""
    home = {layer.index: i for i, segment in enumerate(main, 1) for layer in segment.layers}
    home |= {segment.last.index: i for i, segment in enumerate(main, 1)} | {-1: 0}
    for i, segment in enumerate(main, 1):
        for layer in segment.layers:
            if layer.kind not in {"add", "concat"}:
                continue
            for source in {home[s] for s in layer.inputs if s in home}:
                inside = len(segment.layers) > 4 and source == i - 1
                if source < i - 1 or inside:
                    _arc(fig, boxes[source], boxes[i], layer.kind, max(b.top for b in boxes[source + 1 : i + 1]), theme)


def _arc(fig: go.Figure, start: _Box, end: _Box, kind: str, top: float, theme: Theme) -> None:
    x0, x1 = start.middle, end.middle
    lift = top + 24
    fig.add_shape(
        type="path",
        path=f"M {x0},{start.top + 3} C {x0},{lift + 14} {x1},{lift + 14} {x1},{end.top + 20}",
        line={"color": mixed(colour_of_kind(kind), theme.ink, 0.15), "width": 1.6},
    )


def _captions(fig: go.Figure, boxes: Sequence[_Box], theme: Theme, low: float) -> None:
    """Sizes under the boxes (where they fit), repeats above them, stage names under brackets."""
    total, previous, taken = boxes[-1].right, "", [-1e9, -1e9]
    for box in boxes:
        if box.label != previous:
            need = total * 0.0088 * len(box.label)
            row = next((r for r, end in enumerate(taken) if box.middle - need / 2 > end), None)
            if row is not None:
                taken[row] = box.middle + need / 2
                fig.add_annotation(
                    x=box.middle,
                    y=low - 12 - 19 * row,
                    text=box.label,
                    showarrow=False,
                    font={"family": MONO, "size": 12, "color": theme.ink},
                )
                previous = box.label
        _badge(fig, box, theme)
    _brackets(fig, boxes, theme, low - 58)


def _badge(fig: go.Figure, box: _Box, theme: Theme) -> None:
    """Above a box: how its inputs merge (+ adds, ‖ concatenates) and how often it repeats."""
    parts = []
    if box.merge:
        colour = mixed(colour_of_kind(box.merge), theme.ink, 0.3)
        parts.append(f'<span style="color:{colour}"><b>{"+" if box.merge == "add" else "‖"}</b></span>')
    if box.repeat > 1:
        parts.append(f"<b>×{box.repeat}</b>")
    if parts:
        font = {"size": 14, "color": theme.ink}
        fig.add_annotation(x=box.middle, y=box.top + 12, text=" ".join(parts), showarrow=False, font=font)


def _brackets(fig: go.Figure, boxes: Sequence[_Box], theme: Theme, y: float) -> None:
    stages: dict[str, list[_Box]] = {}
    for box in boxes[1:]:
        stages.setdefault(box.stage, []).append(box)
    total, end = boxes[-1].right, -1e9
    for i, (stage, members) in enumerate(stages.items()):
        x0, x1 = members[0].x, members[-1].right
        fig.add_shape(type="line", x0=x0, x1=x1, y0=y, y1=y, line={"color": theme.muted, "width": 1})
        middle, need = (x0 + x1) / 2, total * 0.0075 * len(stage)
        lower = middle - need / 2 < end
        end = max(end, middle + need / 2) if not lower else end
        fig.add_annotation(
            x=middle,
            y=y - (26 if lower and i else 11),
            text=stage,
            showarrow=False,
            font={"family": SANS, "size": 12, "color": theme.muted},
        )
