"""A fully connected layer, one that is only local, and a convolution, between the same input and output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explorer.records.traced import Formula

if TYPE_CHECKING:
    import numpy as np

Wiring = Literal["dense", "local", "conv"]
WIRINGS: tuple[Wiring, ...] = ("dense", "local", "conv")
"""Every output from every input; each from its window, with weights of its own; each from its window, all with the
same weights.
"""


@dataclass(frozen=True, slots=True)
class WiringCost:
    """What a wiring costs: its weights, its parameters (with biases), and its connections (multiply-adds)."""

    wiring: Wiring
    weights: Formula
    parameters: Formula
    connections: Formula


@dataclass(frozen=True, slots=True)
class WeightMatrix:
    """The matrix that maps a small input, read row by row, to its output: `entries` are (row, column, weight).

    Entries with the same weight have the same number; whatever is not named is zero and is no weight at all.
    """

    wiring: Wiring
    rows: int
    columns: int
    weights: int
    entries: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class ShiftedOutput:
    """The output of a wiring, float64 (n', n'), for an image and for the same scene moved to the right.

    `gap` is how far the second is from the first moved along, as a share of the first's largest value; 0: the same
    numbers. `likeness` is their correlation.
    """

    wiring: Wiring
    before: np.ndarray
    after: np.ndarray
    gap: float
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class ShiftedScene:
    """Two views of a scene, uint8 (n, n), the second with everything `shift` pixels further right; and the outputs."""

    before: np.ndarray
    after: np.ndarray
    shift: int
    outputs: tuple[ShiftedOutput, ...]


@dataclass(frozen=True, slots=True)
class SameKernel:
    """A kernel of f cells whose output is as long as its input: zeros `before` and `after`, and how many cells to the
    right of its output the middle of its window lies.
    """

    f: int
    before: int
    after: int
    offset: float
