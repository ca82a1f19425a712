"""A convolution, and a transposed one, with all their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grid = tuple[tuple[float, ...], ...]
Grids = tuple[Grid, ...]
Padding = Literal["valid", "same", "full", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convolution:
    """An input of n_C grids, and filters of as many grids as a group has channels.

    `stride`, `dilation`, and the zeros `before` and `after` the input are (rows, columns). `bias` has a number for each
    filter, or is empty. `flipped`: a convolution in the sense of mathematics, which slides the kernel turned by 180
    degrees; else cross-correlation, which is what networks compute. `line`: it has one axis, and grids of one row.
    """

    inputs: Grids
    kernels: tuple[Grids, ...]
    bias: tuple[float, ...] = ()
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)
    groups: int = 1
    flipped: bool = False
    line: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the input."""
        return len(self.inputs[0]), len(self.inputs[0][0])

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns of the kernel."""
        return len(self.kernels[0][0]), len(self.kernels[0][0][0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Transposed:
    """A transposed convolution of one grid: every input cell adds the kernel, times its value, to the output.

    Along both axes (along the columns alone where it is a `line`): the stamps of neighbours lie `stride` cells apart,
    `padding` cells are cut off at both ends, `extra` are added at the far end (PyTorch's `output_padding`).
    """

    inputs: Grid
    kernel: Grid
    stride: int = 1
    padding: int = 0
    extra: int = 0
    line: bool = False


@dataclass(frozen=True, slots=True)
class Misfit:
    """A setting that cannot be: why, its numbers, and the nearest that can: the name of a setting and its value.

    `reason` is "window" (it is larger than the padded input), "groups" (they do not divide the channels or the
    filters), "cut" (a transposed convolution that cuts off more than a stamp adds) or "extra" (as many cells or more
    than the stride would be added). `axis` is "rows" or "columns" where it is about one of them.
    """

    reason: Literal["window", "groups", "cut", "extra"]
    numbers: tuple[tuple[str, int], ...]
    setting: str
    value: int
    axis: str = ""


@dataclass(frozen=True, slots=True)
class LearnedKernels:
    """One kernel learned twice from the same start, as cross-correlation and as convolution, and the mean squared error
    of each at the end.
    """

    correlated: Grid
    convolved: Grid
    errors: tuple[float, float]
