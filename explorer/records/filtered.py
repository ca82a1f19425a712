"""One kernel slid over a photograph, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    from explorer.records.traced import Formula

Result = Literal["image", "signed", "magnitude"]


@dataclass(frozen=True, slots=True)
class Filter:
    """A kernel, rows from the top, slid over an image as PyTorch slides it, without flipping it.

    `over`: "grey", the grey image; "sum", all three colours summed into one map; or "each" colour by itself. With
    `magnitude` a second result is made with the kernel's transpose, and the two are the legs of a right triangle: its
    hypotenuse is shown.
    """

    kernel: tuple[tuple[float, ...], ...]
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    over: str = "grey"
    magnitude: bool = False


class FilterMisfit(NamedTuple):
    """A window that spans more pixels than there are, with padding; `dilation` is the largest that fits, 0 for none."""

    span: int
    room: int
    dilation: int


@dataclass(frozen=True, slots=True, eq=False)
class Filtered:
    """A filtered image: `before` uint8 (H, W) or (H, W, 3), `values` float64 (1 or 3, H', W').

    `result` says how values are coloured: as an image from black at 0 to white at `limit`; from blue at -limit over
    near-white at 0 to orange at +limit; or as a magnitude from 0 to limit. `beyond` is the share of the values outside.
    `low` and `high` are the smallest and the largest value, `total` is the sum of the weights. `sides` are the formulas
    of H' and W'.
    """

    before: np.ndarray
    values: np.ndarray
    result: Result
    limit: float
    beyond: float
    low: float
    high: float
    total: float
    sides: tuple[Formula, Formula]
