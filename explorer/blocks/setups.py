"""Convolutions that are worth looking at, by name, and what becomes of their numbers when the sizes are changed.

"slide" are the course's own numbers: the vertical edge between light and dark, its first 6 x 6 and 7 x 7 examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.blocks.kernels import KERNELS, Kernel, turned
from explorer.records.convolving import Grid, Grids, Padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A named state: numbers and settings. `kernels` are the grids of one filter after the other.

    `mode` and `padding` as in `convolving.padding_of`; pairs are (rows, columns). `kernel` is the code of a kernel with
    a name where it is one.
    """

    inputs: Grids
    kernels: tuple[Grids, ...]
    kernel: str = ""
    bias: tuple[float, ...] = ()
    mode: Padding = "valid"
    padding: tuple[int, int] = (0, 0)
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    flipped: bool = False
    line: bool = False


# --- inputs -----------------------------------------------------------------------------------------------------------

PATTERNS = ("edge", "impulse", "ramp", "checkerboard", "disc", "noise")
"""Inputs of any size; see `patterned`."""

_MODULUS, _FACTOR, _SHIFT = 10_007, 337, 89  # of a sequence that looks random and is the same everywhere


def patterned(code: str, channels: int, rows: int, columns: int) -> Grids:
    """An input of a pattern: half light (10) and half dark, a single 1, a ramp, a checkerboard, a disc, or noise of
    whole numbers from 0 to 9. Each further channel is shifted by a cell.
    """
    return tuple(
        tuple(tuple(_cell(code, i, j, c, rows, columns) for j in range(columns)) for i in range(rows))
        for c in range(channels)
    )


def _cell(code: str, i: int, j: int, c: int, rows: int, columns: int) -> float:
    if code == "edge":
        return 10 if j - c < columns // 2 else 0
    if code == "impulse":
        return int(i == rows // 2 and (j - c) % columns == columns // 2)
    if code == "ramp":
        return j + c
    if code == "checkerboard":
        return 10 * ((i + j + c) % 2)
    if code == "disc":
        return (
            10
            if (2 * i + 1 - rows) ** 2 + (2 * j + 1 - columns) ** 2 < (0.8 - c / 4) ** 2 * min(rows or 1, columns) ** 2
            else 0
        )
    return (_FACTOR * (i * 16 + j + 256 * c) ** 2 + _SHIFT * (j + 1)) % _MODULUS % 10


def fitted(grids: Grids, count: int, rows: int, columns: int) -> Grids:
    """So many grids of another size: cut, or continued from their beginning."""
    return tuple(
        tuple(tuple(grid[i % len(grid)][j % len(grid[0])] for j in range(columns)) for i in range(rows))
        for grid in (grids[c % len(grids)] for c in range(count))
    )


# --- kernels ----------------------------------------------------------------------------------------------------------


def stretched(grid: Grid, rows: int, columns: int) -> Grid:
    """A kernel of another size: every cell takes the nearest of the old ones."""
    high, wide = len(grid), len(grid[0])
    return tuple(tuple(grid[i * high // rows][j * wide // columns] for j in range(columns)) for i in range(rows))


def filters_of(given: tuple[Grids, ...], count: int, reads: int, rows: int, columns: int) -> tuple[Grids, ...]:
    """So many filters, each of `reads` grids of a size.

    Filters and grids beyond those that are given repeat them; each further round of filters is turned by a quarter.
    """
    found = []
    for k in range(count):
        source = given[k % len(given)]
        turns = k // len(given) if rows == columns else 2 * (k // len(given))
        found.append(tuple(_quarter(stretched(source[c % len(source)], rows, columns), turns) for c in range(reads)))
    return tuple(found)


def _quarter(grid: Grid, turns: int) -> Grid:
    if turns % 4 == 2:
        return turned(grid)
    for _ in range(turns % 4):
        grid = tuple(zip(*grid[::-1], strict=True))
    return grid


# --- the named states -------------------------------------------------------------------------------------------------

_HALF: Grid = ((10, 10, 10, 0, 0, 0),) * 6
_DIGITS: Grid = (
    (3, 0, 1, 2, 7, 4),
    (1, 5, 8, 9, 3, 1),
    (2, 7, 2, 5, 1, 3),
    (0, 1, 3, 1, 7, 8),
    (4, 2, 1, 6, 2, 8),
    (2, 4, 5, 2, 3, 9),
)
_SEVEN: Grid = (
    (2, 3, 7, 4, 6, 2, 9),
    (6, 6, 9, 8, 7, 4, 3),
    (3, 4, 8, 3, 8, 9, 7),
    (7, 8, 3, 6, 6, 3, 4),
    (4, 2, 1, 8, 3, 4, 6),
    (3, 2, 4, 1, 9, 8, 3),
    (0, 1, 3, 9, 2, 1, 4),
)
_LETTER: Grid = tuple(
    tuple(float(cell == "#") * 9 for cell in row)
    for row in (
        "................",
        "................",
        "...##########...",
        "...##########...",
        "...##...........",
        "...##...........",
        "...##...........",
        "...########.....",
        "...########.....",
        "...##...........",
        "...##...........",
        "...##...........",
        "...##...........",
        "...##...........",
        "................",
        "................",
    )
)


def _own(kernel: Kernel) -> tuple[Grids, ...]:
    return ((kernel,),)


SETUPS: Mapping[str, Setup] = MappingProxyType(
    {
        "slide-edge": Setup(inputs=(_HALF,), kernels=_own(KERNELS["vertical"]), kernel="vertical"),
        "slide-numbers": Setup(inputs=(_DIGITS,), kernels=_own(KERNELS["vertical"]), kernel="vertical"),
        "slide-volume": Setup(
            inputs=(_HALF, _DIGITS, tuple(zip(*_HALF, strict=True))),
            kernels=((KERNELS["vertical"],) * 3, (KERNELS["horizontal"],) * 3),
            bias=(1, -2),
        ),
        "slide-stride": Setup(inputs=(_SEVEN,), kernels=_own(((3, 4, 4), (1, 0, 2), (-1, 0, 3))), stride=(2, 2)),
        "slide-same": Setup(
            inputs=(_DIGITS,), kernels=_own(KERNELS["blur"]), kernel="blur", mode="any", padding=(1, 1)
        ),
        "decay": Setup(
            inputs=(((0, 4, 0, 0, 0, 0, 2, 2, 2, 2, 0, 0),),),
            kernels=_own(((1, 1 / 2, 1 / 4),)),
            mode="full",
            flipped=True,
            line=True,
        ),
        "moving-mean": Setup(
            inputs=(((0, 0, 0, 9, 9, 9, 0, 9, 0, 0, 0, 0),),), kernels=_own(((1 / 3,) * 3,)), mode="same", line=True
        ),
        "flip": Setup(
            inputs=patterned("impulse", 1, 7, 7), kernels=_own(((1, 2, 3), (4, 5, 6), (7, 8, 9))), flipped=True
        ),
        "even": Setup(inputs=patterned("impulse", 1, 7, 7), kernels=_own(((1, 1), (1, 1))), mode="same"),
        "dilated": Setup(
            inputs=(_SEVEN,), kernels=_own(KERNELS["laplace-diagonal"]), kernel="laplace-diagonal", dilation=(2, 2)
        ),
        "rectangular": Setup(inputs=(_SEVEN,), kernels=_own(((1, 2, 3, 2, 1),)), stride=(1, 2)),
        "depthwise": Setup(
            inputs=(_HALF, _DIGITS, tuple(zip(*_HALF, strict=True))),
            kernels=((KERNELS["vertical"],), (KERNELS["laplace"],), (KERNELS["horizontal"],)),
            groups=3,
            mode="same",
        ),
        "pointwise": Setup(
            inputs=(_HALF, _DIGITS, tuple(zip(*_HALF, strict=True))),
            kernels=((((1,),), ((1,),), ((1,),)), (((2,),), ((0,),), ((-1,),))),
        ),
        "letter": Setup(
            inputs=(_LETTER,), kernels=_own(KERNELS["sobel-horizontal"]), kernel="sobel-horizontal", mode="same"
        ),
    }
)
"""Named states, by code; each is named by the string `convolution.case.<code>`."""
