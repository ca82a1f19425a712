"""Positions and sizes of the volumes of a shape pipeline, in drawing units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod, sqrt

from explorer.figures.lanes import Item, Row, arranged, branches, columns, read_by
from explorer.figures.notation import bytes_text, count_text, operation_text, shape_text
from explorer.records import WEIGHTED, LayerRecord, Segment, Shape

SCALES = ("linear", "sqrt")

_TALLEST = 200.0  # drawing units of the largest n_H
_SLANT = (0.44, 0.30)  # where one unit of n_W goes: right and up
_WIDEST = 110.0  # drawing units of the largest n_C
_THINNEST = 2.5
_COLUMN = 9.0  # width of a vector
_GAP = 17.0
_FORK = 26.0  # where lines part or meet
_LANE = 22.0  # between two lanes: room for the channels below the upper one


@dataclass(frozen=True, slots=True)
class Box:
    """A volume as drawn: its front at `x`, `width` x `height`, and `slant`, the vector along which n_W recedes.

    It is centred on the height `y`: 0 on the main road, another in a `lane`. `reads` are the numbers of the boxes that
    it is computed from. `merge` is "add" or "concat" where inputs meet in it, `branches` how many run beside each other
    inside of it.
    """

    x: float
    y: float
    width: float
    height: float
    slant: tuple[float, float]
    kind: str
    shape: Shape
    hover: str
    repeat: int = 1
    stage: str = ""
    merge: str = ""
    reads: tuple[int, ...] = ()
    branches: int = 0
    lane: bool = False

    @property
    def label(self) -> str:
        return shape_text(self.shape)

    @property
    def bottom(self) -> float:
        return self.y - (self.height + self.slant[1]) / 2

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


def screens(segments: Sequence[Segment]) -> int:
    """How many screens wide a drawing should be at least, 1 to 3, so that its volumes are told apart."""
    return min(1 + columns(arranged(segments)) // 33, 3)


def boxes_of(segments: Sequence[Segment], input_shape: Shape, labels: Mapping[str, str], scale: str) -> list[Box]:
    """The input and every segment of the main path, from left to right, parallel branches above each other.

    `scale` is one of `SCALES`.
    """
    main = [segment for segment in segments if segment.main]
    ruler = _Ruler(*_largest(main, input_shape), linear=scale == "linear")
    measures = [ruler.measures(shape) for shape in (input_shape, *(segment.out_shape for segment in main))]
    spots = _Placing(measures).spots(arranged(segments))
    (x, y, _), hover = spots[0], f"<b>{labels['input']}</b><br>{shape_text(input_shape)}"
    boxes = [Box(x, y, *measures[0], kind="input", shape=input_shape, hover=hover)]
    block = None
    for number, (segment, reads) in enumerate(zip(main, read_by(segments)[1:], strict=True), 1):
        kinds = {layer.kind for layer in segment.layers}
        (x, y, lane), inside = spots[number], lanes_inside(segment)
        boxes.append(
            Box(
                x,
                y,
                *measures[number],
                kind=segment.kind,
                shape=segment.out_shape,
                hover=_hover_text(segment, labels) + "".join(f"<br>{line}" for line in inside),
                # Among the layers of one repeated block, only the first shows the number of repeats.
                repeat=segment.repeat if segment.layers[0].block != block else 1,
                stage=segment.stage,
                merge="add" if "add" in kinds else "concat" if "concat" in kinds else "",
                reads=reads,
                branches=len(inside),
                lane=lane,
            )
        )
        block = segment.layers[0].block
    return boxes


def lanes_inside(segment: Segment) -> list[str]:
    """The branches that a block concatenates, each as the kernels along it; none where there is nothing parallel."""
    if "concat" not in {layer.kind for layer in segment.layers}:
        return []
    *_, last = [(), *branches(segment.layers)]
    return [" → ".join(kernels) for lane in last if (kernels := [_kernel(layer) for layer in lane if _counts(layer)])]


def _counts(layer: LayerRecord) -> bool:
    return layer.kind in WEIGHTED or layer.kind == "pool"


def _kernel(layer: LayerRecord) -> str:
    size = "×".join(map(str, layer.kernel or ()))
    return f"{size} {layer.kind}" if layer.kind == "pool" else size


class _Placing:
    """Where each volume stands; `measures` are their widths, heights and slants."""

    def __init__(self, measures: Sequence[tuple[float, float, tuple[float, float]]]) -> None:
        self.measures = measures

    def spots(self, row: Row) -> dict[int, tuple[float, float, bool]]:
        """(x, y, whether in a lane) of every volume of an arrangement."""
        return {number: (x, y, lane) for number, x, y, lane in self._placed(row, 0.0, 0.0, lane=False)}

    def _placed(self, item: Item, x: float, y: float, *, lane: bool) -> Iterator[tuple[int, float, float, bool]]:
        if isinstance(item, int):
            yield item, x, y, lane
        elif isinstance(item, Row):
            for part, start in self._along(item):
                yield from self._placed(part, x + start, y, lane=lane)
        else:
            top = y + self._extent(item)[1]
            for row in item.lanes:
                _, above, below = self._extent(row)
                yield from self._placed(row, x, top - above, lane=True)
                top -= above + below + _LANE

    def _along(self, row: Row) -> list[tuple[Item, float]]:
        """The parts of a row, each with its distance from the start."""
        found, x = [], 0.0
        for k, part in enumerate(row.items):
            if k:
                forks = not (isinstance(part, int) and isinstance(row.items[k - 1], int))
                x += _FORK if forks else _GAP
            found.append((part, x))
            x += self._extent(part)[0]
        return found

    def _extent(self, item: Item) -> tuple[float, float, float]:
        """Width, and how far it reaches above and below its axis."""
        if isinstance(item, int):
            width, height, (dx, dy) = self.measures[item] if item >= 0 else (0.0, 0.0, (0.0, 0.0))
            return width + dx, (height + dy) / 2, (height + dy) / 2
        if isinstance(item, Row):
            last, start = self._along(item)[-1]
            sizes = [self._extent(part) for part in item.items]
            return start + self._extent(last)[0], max(above for _, above, _ in sizes), max(size[2] for size in sizes)
        sizes = [self._extent(lane) for lane in item.lanes]
        height = sum(above + below for _, above, below in sizes) + _LANE * (len(sizes) - 1)
        over = 0.0 if item.gated else height / 2
        return max(width for width, _, _ in sizes), over, height - over


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
