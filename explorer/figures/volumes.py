"""The shape pipeline: volumes to scale, drawn obliquely, joined by their skips and concats; branches lie in lanes.

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
from explorer.figures.boxes import Box, boxes_of, screens
from explorer.figures.clickable import areas, made_by, opens
from explorer.figures.edges import edges
from explorer.figures.theme import MONO, SANS, Theme, bare_axis, colour_of_kind, figure, mixed
from explorer.records import Segment, Shape

_ROOM = {1: 736, 2: 768, 3: 1229}
"""Pixels of lettering that a drawing of so many screens has room for: on a phone, or enlarged on a projector."""

_LOWEST, _TALLEST = 400, 720  # pixels of the figure
_WRITING = 150  # of which for what stands above and below the boxes


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where the boxes end below and above, and the units of the drawing that a pixel is across and down at most."""

    low: float
    high: float
    across: float
    down: float

    @classmethod
    def of(cls, boxes: Sequence[Box], screens: int) -> _Sheet:
        low = min(box.bottom - 16 * box.lane for box in boxes)
        high = max(box.top for box in boxes)
        down = max(1.0, (high - low) / (_TALLEST - _WRITING))
        return cls(low, high, boxes[-1].right / _ROOM[screens], down)

    @property
    def height(self) -> int:
        """Pixels."""
        return max(_LOWEST, int((self.high - self.low) / self.down) + _WRITING)

    def below(self, pixels: float) -> float:
        return self.low - pixels * self.down


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
    boxes = boxes_of(segments, input_shape, labels, scale)
    sheet = _Sheet.of(boxes, screens(segments))
    lines, names = _brackets(boxes, theme, sheet)
    fig = figure(
        theme,
        height=sheet.height,
        title=title,
        hovermode="closest",
        # Added at once: one by one, plotly would validate the whole list again for each.
        shapes=[*edges(boxes, main, theme), *lines],
        images=_images(boxes, faces or {}),
        xaxis=bare_axis(range=[-0.02 * boxes[-1].right, 1.04 * boxes[-1].right]),
        yaxis=bare_axis(range=[sheet.below(92), sheet.high + 58 * sheet.down], fixedrange=True),
    )
    written = [*_sizes(boxes, theme, sheet), *_channels(boxes, theme, sheet), *_badges(boxes, theme, sheet), *names]
    fig.add_traces([*_faces(boxes, theme, labels), _written(written), _areas(boxes, main)])
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


def _written(notes: Sequence[_Note]) -> go.Scatter:
    """All text of the drawing as one trace: a browser draws it several times faster than annotations."""
    x, y, text, color, family, size = (list(column) for column in zip(*map(astuple, notes), strict=True))
    font = {"family": family, "size": size, "color": color}
    return go.Scatter(
        x=x, y=y, text=text, mode="text", textfont=font, hoverinfo="skip", showlegend=False, cliponaxis=False
    )


def _sizes(boxes: Sequence[Box], theme: Theme, sheet: _Sheet) -> list[_Note]:
    """Sizes of the main road below its boxes, in two rows, where they change and there is room."""
    notes, previous, taken = [], "", [-1e9, -1e9]
    for box in (box for box in boxes if not box.lane):
        half = 8.2 * sheet.across * len(box.label) / 2
        row = next((r for r, end in enumerate(taken) if box.middle - half > end), None)
        if box.label == previous or row is None:
            continue
        taken[row], previous = box.middle + half, box.label
        notes.append(_Note(box.middle, sheet.below(12 + 19 * row), box.label, theme.ink, MONO))
    return notes


def _channels(boxes: Sequence[Box], theme: Theme, sheet: _Sheet) -> list[_Note]:
    """n_C below the last box of each lane, what the lane hands on, where there is room."""
    goes_on = {(source, box.y) for box in boxes if box.lane for source in box.reads}
    ends = [box for number, box in enumerate(boxes) if box.lane and (number, box.y) not in goes_on]
    notes: list[_Note] = []
    taken: dict[float, float] = {}
    for box in ends:
        text = str(box.shape[0])
        half = 7.2 * sheet.across * (len(text) + 0.5) / 2
        if box.middle - half > taken.get(box.y, -1e9):
            taken[box.y] = box.middle + half
            notes.append(_Note(box.middle, box.bottom - 9 * sheet.down, text, theme.muted, MONO))
    return notes


def _badges(boxes: Sequence[Box], theme: Theme, sheet: _Sheet) -> list[_Note]:
    """Above the boxes: how inputs merge (+ adds, || concatenates), of how many branches, how often a block repeats."""
    notes = []
    for box in boxes:
        parts = []
        if box.merge:
            colour, sign = mixed(colour_of_kind(box.merge), theme.ink, 0.5), "+" if box.merge == "add" else "||"
            count = f" {box.branches}" if box.branches > 1 else ""
            parts.append(f'<span style="color:{colour}"><b>{sign}</b>{count}</span>')
        if box.repeat > 1:
            parts.append(f"<b>×{box.repeat}</b>")
        if parts:
            notes.append(_Note(box.middle, box.top + 12 * sheet.down, " ".join(parts), theme.ink, SANS, 14))
    return notes


def _brackets(boxes: Sequence[Box], theme: Theme, sheet: _Sheet) -> tuple[list[dict[str, Any]], list[_Note]]:
    """A line below the boxes of each stage, and its name; names that would overlap are on two rows."""
    stages: dict[str, list[Box]] = {}
    for box in boxes[1:]:
        stages.setdefault(box.stage, []).append(box)
    lines, names, taken = [], [], [-1e9, -1e9]
    for stage, members in stages.items():
        x0, x1 = min(box.x for box in members), max(box.right for box in members)
        line, y = {"color": theme.muted, "width": 1}, sheet.below(58)
        lines.append({"type": "line", "x0": x0, "x1": x1, "y0": y, "y1": y, "line": line})
        middle, half = (x0 + x1) / 2, 7.0 * sheet.across * len(stage) / 2
        row = next((r for r, end in enumerate(taken) if middle - half > end), 1)
        taken[row] = middle + half
        names.append(_Note(middle, sheet.below(69 + 15 * row), stage, theme.muted, SANS))
    return lines, names
