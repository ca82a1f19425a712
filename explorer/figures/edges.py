"""The lines between the volumes of a shape pipeline: arcs for skips, forks into lanes and joins out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from explorer.figures.boxes import Box
from explorer.figures.theme import Theme, colour_of_kind, mixed
from explorer.records import Segment


def edges(boxes: Sequence[Box], main: Sequence[Segment], theme: Theme) -> list[dict[str, Any]]:
    """Arcs for skips, lines that fork into lanes and meet again, strokes for the lanes inside a block.

    Volumes that follow each other on the main road stand close and need no line.
    """
    skips = {(source, end): kind for source, end, kind in _joined(main) if _is_skip(boxes, main, source, end)}
    shapes = [_arc(boxes, source, end, kind, theme) for (source, end), kind in skips.items()]
    for end, box in enumerate(boxes):
        for source in (s for s in box.reads if (s, end) not in skips):
            if box.lane or boxes[source].lane or _between(boxes, source, end):
                shapes.append(_line(boxes[source], box, theme))
    return [*shapes, *(_strokes(box, theme) for box in boxes if box.branches > 1)]


def _joined(main: Sequence[Segment]) -> Iterator[tuple[int, int, str]]:
    """(source, end, kind) of what is added or concatenated, by the numbers of the boxes."""
    home = {layer.index: i for i, segment in enumerate(main, 1) for layer in segment.layers}
    home |= {segment.last.index: i for i, segment in enumerate(main, 1)} | {-1: 0}
    for i, segment in enumerate(main, 1):
        for layer in (r for r in segment.layers if r.kind in {"add", "concat"}):
            yield from ((source, i, layer.kind) for source in {home[s] for s in layer.inputs if s in home})


def _is_skip(boxes: Sequence[Box], main: Sequence[Segment], source: int, end: int) -> bool:
    """Whether an edge passes over volumes: those between its ends, or what a block computes inside."""
    if source == end - 1:
        return len(main[end - 1].layers) > 4
    start = boxes[source]
    between = _between(boxes, source, end)
    return any(not start.lane or box.bottom < start.y < box.top for box in between)


def _between(boxes: Sequence[Box], source: int, end: int) -> list[Box]:
    return [box for box in boxes[source + 1 : end] if boxes[source].right < box.x and box.right < boxes[end].x]


def _arc(boxes: Sequence[Box], source: int, end: int, kind: str, theme: Theme) -> dict[str, Any]:
    start, goal = boxes[source], boxes[end]
    lift = max(box.top for box in (goal, *_between(boxes, source, end))) + 38
    foot = start.top + (22 if start.merge or start.repeat > 1 else 3)  # above the text over the box
    return {
        "type": "path",
        "path": f"M {start.middle},{foot} C {start.middle},{lift} {goal.middle},{lift} {goal.middle},{goal.top + 20}",
        "line": {"color": mixed(colour_of_kind(kind), theme.ink, 0.15), "width": 1.6},
    }


def _line(start: Box, end: Box, theme: Theme) -> dict[str, Any]:
    """Along its own lane as far as it goes, then through the gap before its end."""
    turn = max(start.right, end.x - 24)
    middle = (turn + end.x) / 2
    path = f"M {start.right},{start.y} L {turn},{start.y} C {middle},{start.y} {middle},{end.y} {end.x},{end.y}"
    return {"type": "path", "path": path, "line": {"color": theme.muted, "width": 1.3}, "layer": "below"}


def _strokes(box: Box, theme: Theme) -> dict[str, Any]:
    """Short strokes before a volume: the branches that are joined in it."""
    heights = [box.y + 6.0 * (k - (box.branches - 1) / 2) for k in range(box.branches)]
    path = " ".join(f"M {box.x - 13},{y} L {box.x - 3},{y}" for y in heights)
    return {
        "type": "path",
        "path": path,
        "line": {"color": mixed(colour_of_kind("concat"), theme.ink, 0.5), "width": 1.6},
    }
