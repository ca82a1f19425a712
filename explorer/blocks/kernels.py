"""Kernels that have names, as they are slid over an image: cross-correlation, positive where light turns to dark.

Each is a grid of numbers, rows from the top. An edge kernel is named after the edge that it finds, as the course does:
`vertical` finds vertical edges, by the difference of a column to the left and one to the right. The kernel turned by
180 degrees finds the same edges with the opposite sign.

Sources: Sobel 1968 as in Duda & Hart 1973; Scharr 2000 (dissertation, Heidelberg); the rest as in Gonzalez & Woods,
"Digital Image Processing", chapter 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Kernel = tuple[tuple[float, ...], ...]


def turned(kernel: Kernel) -> Kernel:
    """A kernel turned by 180 degrees: what cross-correlation must slide to give the convolution with `kernel`."""
    return tuple(row[::-1] for row in kernel[::-1])


def _across(kernel: Kernel) -> Kernel:
    """Rows as columns: the same for edges that lie the other way."""
    return tuple(zip(*kernel, strict=True))


def _outer(row: tuple[float, ...], total: float) -> Kernel:
    """A separable kernel: the outer product of a row with itself, divided by `total`."""
    return tuple(tuple(a * b / total for b in row) for a in row)


_VERTICAL: Kernel = ((1, 0, -1), (1, 0, -1), (1, 0, -1))
_SOBEL: Kernel = ((1, 0, -1), (2, 0, -2), (1, 0, -1))
_SCHARR: Kernel = ((3, 0, -3), (10, 0, -10), (3, 0, -3))

KERNELS: Mapping[str, Kernel] = MappingProxyType(
    {
        "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
        "vertical": _VERTICAL,
        "horizontal": _across(_VERTICAL),
        "falling": ((0, 1, 1), (-1, 0, 1), (-1, -1, 0)),
        "rising": ((1, 1, 0), (1, 0, -1), (0, -1, -1)),
        "sobel-vertical": _SOBEL,
        "sobel-horizontal": _across(_SOBEL),
        "scharr-vertical": _SCHARR,
        "scharr-horizontal": _across(_SCHARR),
        "laplace": ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
        "laplace-diagonal": ((1, 1, 1), (1, -8, 1), (1, 1, 1)),
        "blur": _outer((1, 1, 1), 9),
        "blur-5": _outer((1, 1, 1, 1, 1), 25),
        "gaussian": _outer((1, 2, 1), 16),
        "gaussian-5": _outer((1, 4, 6, 4, 1), 256),
        "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
        "shift": ((0, 0, 0), (0, 0, 1), (0, 0, 0)),
    }
)
"""Kernels by code; each is named by the string `kernel.<code>`. `falling` and `rising` find edges along the diagonals:
from the upper left to the lower right, and from the lower left to the upper right.
"""
