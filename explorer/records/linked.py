"""Grids of numbers that are linked cell by cell: which inputs a window reads, which outputs an input feeds.

A convolution, a pooling, a fully connected layer, a sum of two paths are all the same kind of thing: every output cell
is a sum (or a maximum) over links, and each link has an input cell and, mostly, a weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Look = Literal["signed", "grey", "plain"]
Operation = Literal["sum", "max", "mean"]
Pairing = tuple[int, int, int]
Tap = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """One grid: `rows` x `columns` cells with their values, row by row, including a rim of padding.

    `key` names it in its view and in an address ("x0", "w1", "y"), `title` is what stands above it. `rim` is how many
    of the rows and columns (top, bottom, left, right) are padding. `alias`: planes that share one show the same things
    in other places, and `cells` says which of them each cell is, -1 for none (a stuffed zero); "" for a plane of its
    own. `look` colours values from negative to positive, or as grey of an image, or not at all. `low` and `high` are
    the ends of that scale; equal, they are taken from the values. An `editable` plane can be typed and pasted into.
    """

    key: str
    title: str
    rows: int
    columns: int
    values: tuple[float, ...]
    rim: tuple[int, int, int, int] = (0, 0, 0, 0)
    alias: str = ""
    cells: tuple[int, ...] = ()
    look: Look = "signed"
    low: float = 0.0
    high: float = 0.0
    editable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedStep:
    """One operation from planes to planes.

    `inputs`, `weights` and `outputs` are keys of planes. `pairs` says which planes meet: (output, input, weight) as
    positions in those lists, -1 where there is no weight. `taps` says which cells meet in each pair: (output cell,
    input cell, weight cell), cells counted row by row in the plane as it is drawn, -1 for no weight. `bias` has a
    number for each output plane, or is empty. `operation`: the products are added, averaged, or the largest is taken.
    `title` stands above the step. A step that reads what the one before gives is drawn behind it, another one below.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    pairs: tuple[Pairing, ...]
    taps: tuple[Tap, ...]
    weights: tuple[str, ...] = ()
    bias: tuple[float, ...] = ()
    operation: Operation = "sum"
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedView:
    """Planes and the steps between them, in order. `walk` are the planes whose cells are played, one after the other.

    Walking over outputs shows each of them when it has been computed; over inputs, what they have added so far.
    """

    planes: tuple[Plane, ...]
    steps: tuple[LinkedStep, ...]
    walk: tuple[str, ...]
