"""Several matrices at once, in any usual form; what is none is refused with its reason."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from explorer.blocks.pasting import pasted, written
from explorer.errors import BadMatrix
from tests.blocks.test_convolving import CALM

WANTED = (((1, 0, -1), (2, 0.5, -2)),)
LIMITS = {"rows": 16, "columns": 16, "planes": 3}


@pytest.mark.parametrize(
    "text",
    [
        "1 0 -1\n2 .5 -2",
        "1, 0, -1; 2, 0.5, -2",
        "1\t0\t-1\r\n2\t1/2\t-2\r\n",
        "[[1, 0, -1], [2, .5, -2]]",
        "[[ 1.   0.  -1. ]\n [ 2.   0.5 -2. ]]",
        "np.array([[1, 0, -1],\n          [2, 0.5, -2]], dtype=np.float64)",
        "array([[ 1. ,  0. , -1. ],\n       [ 2. ,  0.5, -2. ]])",
        "torch.tensor([[[[1, 0, -1], [2, 5e-1, -2]]]])",
        "[1 0 -1; 2 0.5 -2]",
        "((1, 0, -1), (2, 0.5, -2),)",
        "| 1 | 0 | −1 |\n| 2 | 0.5 | −2 |",
        "{{1,0,-1},{2,1 / 2,-2}}",
    ],
)
def test_a_matrix_in_any_form(text: str) -> None:
    assert pasted(text, **LIMITS) == WANTED


@pytest.mark.parametrize(
    "text", ["1 2\n3 4\n\n5 6\n7 8", "[[[1,2],[3,4]],[[5,6],[7,8]]]", "[[[1 2]\n  [3 4]]\n\n [[5 6]\n  [7 8]]]"]
)
def test_several_at_once(text: str) -> None:
    assert pasted(text, **LIMITS) == (((1, 2), (3, 4)), ((5, 6), (7, 8)))


def test_one_row_is_a_signal() -> None:
    assert pasted("1, 1/2, 1/4", **LIMITS) == (((1, 0.5, 0.25),),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("  \n ; ", "empty"),
        ("1 2\n3", "ragged"),
        ("1 two", "number"),
        ("1 nan", "number"),
        ("<script>", "number"),
        ("1e9", "most"),
        ("1/0", "most"),
        ("1 " * 17, "large"),
        ("1\n" * 17, "large"),
        ("1\n\n" * 4, "large"),
        ("1 " * 30_000, "long"),
        ("[" * 5_000, "empty"),
    ],
)
def test_what_is_no_matrix_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(BadMatrix) as found:
        pasted(text, **LIMITS)
    assert found.value.reason == reason


@CALM
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BadMatrix):
        grids = pasted(text, **LIMITS)
        assert 1 <= len(grids) <= 3
        assert all(1 <= len(row) <= 16 and len(grid) <= 16 for grid in grids for row in grid)


@settings(CALM, max_examples=60)
@given(st.integers(1, 3), st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_what_numpy_and_torch_print_is_read_again(planes: int, rows: int, columns: int, seed: int) -> None:
    """Integers: what is printed of other numbers is rounded."""
    x = np.random.default_rng(seed).integers(-99, 99, (planes, rows, columns))
    for text in (str(x), repr(x), repr(torch.from_numpy(x)), str(x.tolist())):
        found = np.array(pasted(text, **LIMITS))
        assert found.shape == x.shape
        assert np.array_equal(found, x)
    assert np.array_equal(pasted(written(tuple(map(tuple, x[0].tolist()))), **LIMITS)[0], x[0])
