"""The shape pipeline: volumes to scale, drawn obliquely, joined by their skips and concats.

Height is n_H and the slanted depth n_W on one scale; the width is n_C on another. Vectors stand as columns on a third.
All three are linear by default; "sqrt" compresses them, for networks whose last maps would be a dot.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from explorer.figures import palette
from explorer.figures.boxes import Box, boxes_of
from explorer.figures.clickable import areas, made_by, opens
from explorer.figures.theme import MONO, SANS, Theme, bare_axis, colour_of_kind, figure, mixed
from explorer.records import Segment, Shape

_LEAST = 16.0  # drawing units, less than the gap between two volumes: a thin or flat one is hit as well


@dataclass(frozen=True, slots=True)
class _Note:
    """Text at a position of the drawing."""

    x: float
    y: float
    text: str
    color: str
    family: str
    size: int = 12


def pipeline(
    segments: Sequence[Segment],
    input_shape: Shape,
    *,
    theme: Theme,
    labels: Mapping[str, str],
    scale: str = "linear",
    faces: Mapping[int, np.ndarray] | None = None,
    title: str = "",
) -> go.Figure:
    """Draw the main path of an outline.

    `labels` holds the finished strings: "input", "receptive_field", "parameters", "macs", "memory" and one per kind of
    operation. `faces` puts images (uint8, H x W x 3) on the sides of volumes: 0 is the input, 1 the first segment.
    """
    main = [s for s in segments if s.main]
    boxes = boxes_of(main, input_shape, labels, scale)
    low, high, span = min(b.bottom for b in boxes), max(b.top for b in boxes), boxes[-1].right
    lines, names = _brackets(boxes, theme, low - 58)
    fig = figure(
        theme,
        height=400,
        title=title,
        hovermode="closest",
        # Added at once: one by one, plotly would validate the whole list again for each.
        shapes=[*_skips(boxes, main, theme), *lines],
        images=_images(boxes, faces or {}),
        xaxis=bare_axis(range=[-0.02 * span, span * 1.04]),
        yaxis=bare_axis(range=[low - 92, high + 58], fixedrange=True),
    )
    written = _written([*_sizes(boxes, theme, low), *_badges(boxes, theme), *names])
    fig.add_traces([*_faces(boxes, theme, labels), written, _areas(boxes, main)])
    fig.update_layout(legend={"orientation": "h", "y": 1.0, "yanchor": "top", "x": 0.0, "xanchor": "left"})
    return fig


def _faces(boxes: Sequence[Box], theme: Theme, labels: Mapping[str, str]) -> list[go.Scatter]:
    """Front, top and side of all boxes of a kind as three traces; the front one has the legend."""
    traces = []
    for kind in dict.fromkeys(box.kind for box in boxes):
        colour = theme.muted if kind == "input" else colour_of_kind(kind)
        shades = {
            "side": mixed(colour, palette.BLACK, 0.30),
            "top": mixed(colour, palette.WHITE, 0.38),
            "front": colour,
        }
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
                    name=labels[kind],
                    showlegend=face == "front",
                    hoverinfo="skip",
                )
            )
    return traces


def _polygon(box: Box, face: str) -> tuple[list[float], list[float]]:
    (dx, dy), left, right = box.slant, box.x, box.x + box.width
    low, high = box.bottom, box.bottom + box.height
    if face == "front":
        return [left, right, right, left, left], [low, low, high, high, low]
    if face == "top":
        return [left, right, right + dx, left + dx, left], [high, high, high + dy, high + dy, high]
    return [right, right + dx, right + dx, right, right], [low, low + dy, high + dy, high, low]


def _areas(boxes: Sequence[Box], main: Sequence[Segment]) -> go.Bar:
    """What is pointed at: a volume says what it is, and a click opens the operation that makes it."""
    rectangles = [(box.x, box.bottom, box.right, box.top) for box in boxes]
    marks = ["", *(opens(made_by(segment)) for segment in main)]
    return areas(rectangles, marks, [box.hover for box in boxes], least=_LEAST)


def _images(boxes: Sequence[Box], faces: Mapping[int, np.ndarray]) -> list[dict[str, Any]]:
    """Images sheared onto the right faces of boxes, as layout images."""
    images = []
    for index, image in faces.items():
        box = boxes[index]
        (dx, dy), height = box.slant, box.height
        images.append(
            {
                "source": _sheared(image, dx, dy, height),
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


def _sheared(image: np.ndarray, dx: float, dy: float, height: float) -> str:
    """An image (uint8, H x W x 3) sheared to a side face, transparent around it: a WebP data URL."""
    zoom = 2  # pixels to a drawing unit
    out = (max(int(dx * zoom), 1), max(int((height + dy) * zoom), 1))
    source = Image.fromarray(image).convert("RGBA")
    across, down = source.width / out[0], source.height / (height * zoom)
    # Output (u, v) looks up the source at (u * across, (v - rise + rise * u / width) * down).
    rise = dy * zoom
    affine = (across, 0.0, 0.0, down * rise / out[0], down, -down * rise)
    sheared = source.transform(out, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR)
    buffer = io.BytesIO()
    sheared.save(buffer, "WEBP", quality=82)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _skips(boxes: Sequence[Box], main: Sequence[Segment], theme: Theme) -> list[dict[str, Any]]:
    """Arcs for skips: inputs of an addition or a concatenation from before the previous volume."""
    home = {layer.index: i for i, segment in enumerate(main, 1) for layer in segment.layers}
    home |= {segment.last.index: i for i, segment in enumerate(main, 1)} | {-1: 0}
    arcs = []
    for i, segment in enumerate(main, 1):
        for layer in (r for r in segment.layers if r.kind in {"add", "concat"}):
            for source in {home[s] for s in layer.inputs if s in home}:
                inside = len(segment.layers) > 4 and source == i - 1
                if source < i - 1 or inside:
                    top = max(box.top for box in boxes[source + 1 : i + 1])
                    arcs.append(_arc(boxes[source], boxes[i], layer.kind, top + 38, theme))
    return arcs


def _arc(start: Box, end: Box, kind: str, lift: float, theme: Theme) -> dict[str, Any]:
    x0, x1 = start.middle, end.middle
    foot = start.top + (22 if start.merge or start.repeat > 1 else 3)  # above the text over the box
    return {
        "type": "path",
        "path": f"M {x0},{foot} C {x0},{lift} {x1},{lift} {x1},{end.top + 20}",
        "line": {"color": mixed(colour_of_kind(kind), theme.ink, 0.15), "width": 1.6},
    }


def _written(notes: Sequence[_Note]) -> go.Scatter:
    """All text of the drawing as one trace: a browser draws it several times faster than annotations."""
    x, y, text, color, family, size = (list(column) for column in zip(*map(astuple, notes), strict=True))
    font = {"family": family, "size": size, "color": color}
    return go.Scatter(
        x=x, y=y, text=text, mode="text", textfont=font, hoverinfo="skip", showlegend=False, cliponaxis=False
    )


def _sizes(boxes: Sequence[Box], theme: Theme, low: float) -> list[_Note]:
    """Sizes below the boxes, in two rows, where they change and there is room; not of the vectors of a gate."""
    per_letter = boxes[-1].right * 0.0098
    notes, previous, taken = [], "", [-1e9, -1e9]
    last_grid = max((i for i, box in enumerate(boxes) if not _is_column(box)), default=0)
    for i, box in enumerate(boxes):
        if _is_column(box) and i < last_grid:
            continue
        half = per_letter * len(box.label) / 2
        row = next((r for r, end in enumerate(taken) if box.middle - half > end), None)
        if box.label == previous or row is None:
            continue
        taken[row], previous = box.middle + half, box.label
        notes.append(_Note(box.middle, low - 12 - 19 * row, box.label, theme.ink, MONO))
    return notes


def _is_column(box: Box) -> bool:
    return box.label.startswith("1×1×")


def _badges(boxes: Sequence[Box], theme: Theme) -> list[_Note]:
    """Above the boxes: how inputs merge (+ adds, || concatenates) and how often a block repeats."""
    notes = []
    for box in boxes:
        parts = []
        if box.merge:
            colour = mixed(colour_of_kind(box.merge), theme.ink, 0.5)
            parts.append(f'<span style="color:{colour}"><b>{"+" if box.merge == "add" else "||"}</b></span>')
        if box.repeat > 1:
            parts.append(f"<b>×{box.repeat}</b>")
        if parts:
            notes.append(_Note(box.middle, box.top + 12, " ".join(parts), theme.ink, SANS, 14))
    return notes


def _brackets(boxes: Sequence[Box], theme: Theme, y: float) -> tuple[list[dict[str, Any]], list[_Note]]:
    """A line below the boxes of each stage, and its name; names that would overlap are on two rows."""
    stages: dict[str, list[Box]] = {}
    for box in boxes[1:]:
        stages.setdefault(box.stage, []).append(box)
    per_letter = boxes[-1].right * 0.0078
    lines, names, taken = [], [], [-1e9, -1e9]
    for stage, members in stages.items():
        x0, x1 = members[0].x, members[-1].right
        line = {"color": theme.muted, "width": 1}
        lines.append({"type": "line", "x0": x0, "x1": x1, "y0": y, "y1": y, "line": line})
        middle, half = (x0 + x1) / 2, per_letter * len(stage) / 2
        row = next((r for r, end in enumerate(taken) if middle - half > end), 1)
        taken[row] = middle + half
        names.append(_Note(middle, y - 11 - 15 * row, stage, theme.muted, SANS))
    return lines, names
