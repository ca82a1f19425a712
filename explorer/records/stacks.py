"""A stack of sliding windows along one axis: what each layer reads, and what one output reads through all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from explorer.records.traced import Formula


class WindowLayer(NamedTuple):
    """A convolution or a pooling along one axis: window of `f` cells, stride `s`, padding `p`, dilation `d`."""

    f: int
    s: int = 1
    p: int = 0
    d: int = 1


class StackMisfit(NamedTuple):
    """A layer, counted from 1, whose window spans more cells than there are, with padding; `nearest`: an input that
    would do, the smallest.
    """

    layer: int
    span: int
    room: int
    nearest: int


@dataclass(frozen=True, slots=True)
class GrownField:
    """The receptive field after one more layer, as formulas: `side` is its number of cells, `size` how many input
    pixels a cell depends on, `jump` the distance in pixels from one cell's window to the next one's, `start` the first
    pixel of the first cell's window (negative: in the padding).
    """

    side: Formula
    size: Formula
    jump: Formula
    start: Formula

    def window(self, cell: int) -> tuple[int, int]:
        """First pixel of a cell's window, and the one after its last."""
        first = self.start.value + cell * self.jump.value
        return first, first + self.size.value

    def centre(self, cell: int) -> float:
        """The middle of a cell's window, in pixels."""
        first, after = self.window(cell)
        return (first + after) / 2


@dataclass(frozen=True, slots=True)
class Reach:
    """What one output of a stack reads of one of its layers: from cell `first` on, over how many ways each cell.

    Zero ways: the cell lies inside the window and is not read. Cells of the padding are left out.
    """

    first: int
    ways: tuple[int, ...]

    @property
    def cells(self) -> int:
        """How many cells are read."""
        return sum(count > 0 for count in self.ways)


@dataclass(frozen=True, slots=True)
class StackedPair:
    """A stack of equal layers and the one layer that sees as much, both from C to C channels, without biases.

    `size` is the side of the window that both see; `stacked` and `single` are their parameters, which times the places
    of the map are also their multiply-adds.
    """

    size: Formula
    stacked: Formula
    single: Formula
