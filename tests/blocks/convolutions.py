"""Random convolutions, for property tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from explorer.blocks.convolving import padding_of
from explorer.records.convolving import Convolution, Transposed

NUMBERS = st.integers(-9, 9)


def grid(draw: Any, rows: int, columns: int) -> tuple[tuple[float, ...], ...]:
    row = st.lists(NUMBERS, min_size=columns, max_size=columns).map(tuple)
    return tuple(draw(st.lists(row, min_size=rows, max_size=rows)))


@st.composite
def convolutions(draw: Any, *, plain: bool = False) -> Convolution:
    """Any convolution that can be; `plain`: one grid, one filter, stride and dilation 1, no padding."""
    line = draw(st.booleans())
    size, window, stride, dilation, before, after = [], [], [], [], [], []
    for axis in (0, 1):
        one = line and axis == 0
        f = 1 if one else draw(st.integers(1, 4))
        d, s = (1, 1) if plain or one else (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
        mode = "valid" if plain or one else draw(st.sampled_from(("valid", "same", "full", "any")))
        n = 1 if one else draw(st.integers(1 if mode in ("same", "full") else d * (f - 1) + 1, 9 + d * f))
        start, end = padding_of(n, f, s, d, mode, draw(st.integers(0, 3)), odd_at_end=draw(st.booleans()))
        for known, value in zip((size, window, stride, dilation, before, after), (n, f, s, d, start, end), strict=True):
            known.append(value)
    groups = 1 if plain else draw(st.integers(1, 3))
    reads, fills = (1, 1) if plain else (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    filters = groups * fills
    return Convolution(
        inputs=tuple(grid(draw, *size) for _ in range(groups * reads)),
        kernels=tuple(tuple(grid(draw, *window) for _ in range(reads)) for _ in range(filters)),
        bias=tuple(draw(st.lists(NUMBERS, min_size=filters, max_size=filters))) if not plain else (),
        stride=(stride[0], stride[1]),
        dilation=(dilation[0], dilation[1]),
        before=(before[0], before[1]),
        after=(after[0], after[1]),
        groups=groups,
        flipped=draw(st.booleans()),
        line=line,
    )


@st.composite
def transposed(draw: Any) -> Transposed:
    """Any transposed convolution that can be, and whose output has a cell."""
    line = draw(st.booleans())
    f, s = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    p, extra = draw(st.integers(0, f - 1)), draw(st.integers(0, s - 1))
    least = next(n for n in range(1, 12) if (n - 1) * s - 2 * p + f + extra >= 1)
    rows, columns = 1 if line else draw(st.integers(least, least + 2)), draw(st.integers(least, least + 3))
    kernel = grid(draw, 1 if line else f, f)
    return Transposed(inputs=grid(draw, rows, columns), kernel=kernel, stride=s, padding=p, extra=extra, line=line)


def array(grids: Any) -> np.ndarray:
    return np.array(grids, dtype=np.float64)
