"""Positions and sizes of the volumes of a shape pipeline, in drawing units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt

from explorer.figures.notation import bytes_text, count_text, operation_text, shape_text
from explorer.records import Segment, Shape

SCALES = ("linear", "sqrt")

_TALLEST = 200.0  # drawing units of the largest n_H
_SLANT = (0.44, 0.30)  # where one unit of n_W goes: right and up
_WIDEST = 110.0  # drawing units of the largest n_C
_THINNEST = 2.5
_COLUMN = 9.0  # width of a vector
_GAP = 17.0


@dataclass(frozen=True, slots=True)
class Box:
    """A volume as drawn: its front at `x`, `width` x `height`, and `slant`, the vector along which n_W recedes.

    All boxes are centred on one horizontal line. `merge` is "add" or "concat" where inputs meet in it.
    """

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


def scales_text(segments: Sequence[Segment], input_shape: Shape) -> tuple[int, int, int]:
    """(pixels, channels, vector entries) of the tallest, widest and longest volume, for the caption."""
    spatial, channels, entries = _largest([s for s in segments if s.main], input_shape)
    return int(spatial), int(channels), int(entries)


def _largest(main: Sequence[Segment], input_shape: Shape) -> tuple[float, float, float]:
    volumes = [input_shape, *(s.out_shape for s in main if len(s.out_shape) == 3)]
    vectors = [prod(s.out_shape) for s in main if _is_vector(s.out_shape)]
    grids = [v for v in volumes if not _is_vector(v)]
    return max(max(v[1:]) for v in volumes), max(v[0] for v in grids or volumes), max(vectors, default=1)


def _is_vector(shape: Shape) -> bool:
    return len(shape) != 3 or shape[1:] == (1, 1)


@dataclass(frozen=True, slots=True)
class _Ruler:
    """The three scales of a drawing: what its tallest, widest and longest volume measure."""

    spatial: float
    channels: float
    entries: float
    linear: bool

    def length(self, value: float, largest: float, full: float, least: float) -> float:
        share = value / largest
        return max(full * (share if self.linear else sqrt(share)), least)

    def measures(self, shape: Shape) -> tuple[float, float, tuple[float, float]]:
        """(width, height, slant) of a volume or a vector in drawing units."""
        if _is_vector(shape):
            tall = self.length(prod(shape), self.entries, _TALLEST * 0.8, 6.0)
            return _COLUMN, tall, (_COLUMN * 0.5, _COLUMN * 0.35)
        width = self.length(shape[0], self.channels, _WIDEST, _THINNEST)
        rows, columns = (self.length(n, self.spatial, _TALLEST, 3.0) for n in shape[1:])
        return width, rows, (columns * _SLANT[0], columns * _SLANT[1])


def boxes_of(main: Sequence[Segment], input_shape: Shape, labels: Mapping[str, str], scale: str) -> list[Box]:
    """The input and every segment from left to right, with a gap between; `scale` is one of `SCALES`."""
    ruler = _Ruler(*_largest(main, input_shape), linear=scale == "linear")
    size = shape_text(input_shape)
    hover = f"<b>{labels['input']}</b><br>{size}"
    boxes = [
        Box(0.0, *ruler.measures(input_shape), kind="input", label=size, hover=hover, repeat=1, stage="", merge="")
    ]
    block = None
    for segment in main:
        kinds = {layer.kind for layer in segment.layers}
        boxes.append(
            Box(
                boxes[-1].right + _GAP,
                *ruler.measures(segment.out_shape),
                kind=segment.kind,
                label=shape_text(segment.out_shape),
                hover=_hover_text(segment, labels),
                # Among the layers of one repeated block, only the first shows the number of repeats.
                repeat=segment.repeat if segment.layers[0].block != block else 1,
                stage=segment.stage,
                merge="add" if "add" in kinds else "concat" if "concat" in kinds else "",
            )
        )
        block = segment.layers[0].block
    return boxes


def _hover_text(segment: Segment, labels: Mapping[str, str]) -> str:
    name = segment.label + (f" · {segment.type}" if segment.type else "")
    repeat = f" ×{segment.repeat}" if segment.repeat > 1 else ""
    what = operation_text(segment.layers[0], labels) if len(segment.layers) <= 4 else labels[segment.kind]
    size = " × ".join(map(str, segment.rf.size))
    return (
        f"<b>{name}{repeat}</b><br>{what}<br>{shape_text(segment.in_shape)} → <b>{shape_text(segment.out_shape)}</b>"
        f"<br>{labels['parameters']} {segment.parameters:,}<br>{labels['macs']} {count_text(segment.macs)}"
        f"<br>{labels['receptive_field']} {size}<br>{labels['memory']} {bytes_text(segment.activation_bytes)}"
    )
