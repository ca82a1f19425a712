"""Place labels beside the discs of a scatter, without overlaps; those without room are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LETTER, _LINE = 6.2, 15.0  # pixels a letter of 11 px is wide on average, and a line of them high
_GAP = 3.0  # pixels between a disc and its name


class Disc(NamedTuple):
    """A disc on a canvas: its centre and diameter in pixels (y downwards), and its label."""

    x: float
    y: float
    diameter: float
    name: str


class LabelBox(NamedTuple):
    """The box of a disc's label: centre and size in pixels.

    Its width is estimated from average letters, so the text is anchored at the edge next to its disc: `anchor`.
    """

    x: float
    y: float
    width: float
    height: float = _LINE
    anchor: str = "center"

    @property
    def edge(self) -> float:
        """x of the text's anchor, in pixels from the left."""
        return self.x + {"left": -0.5, "right": 0.5, "center": 0.0}[self.anchor] * self.width

    def overlaps(self, other: LabelBox) -> bool:
        """Whether two boxes overlap."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


def place_labels(discs: Sequence[Disc], width: float, height: float) -> list[LabelBox | None]:
    """The box of each label on a canvas of `width` x `height` pixels, or None where there is no room.

    Earlier discs come first.
    """
    taken = [LabelBox(disc.x, disc.y, disc.diameter, disc.diameter) for disc in discs]
    boxes: list[LabelBox | None] = []
    for disc in discs:
        free = (spot for spot in _around(disc) if _inside(spot, width, height) and not any(map(spot.overlaps, taken)))
        spot = next(free, None)
        boxes.append(spot)
        taken += [spot] if spot else []
    return boxes


def _around(disc: Disc) -> Iterator[LabelBox]:
    """Candidate boxes around a disc, in order of preference."""
    width = _LETTER * len(disc.name)
    aside, over = disc.diameter / 2 + _GAP + width / 2, disc.diameter / 2 + _LINE / 2
    sideways = {"left": aside, "right": -aside, "center": 0.0}
    for anchor, dy in (
        ("left", 0.0), ("right", 0.0), ("center", -over), ("center", over),
        ("left", -over), ("left", over), ("right", -over), ("right", over),
    ):  # fmt: skip
        yield LabelBox(disc.x + sideways[anchor], disc.y + dy, width, anchor=anchor)


def _inside(spot: LabelBox, width: float, height: float) -> bool:
    return spot.width / 2 <= spot.x <= width - spot.width / 2 and spot.height / 2 <= spot.y <= height - spot.height / 2
