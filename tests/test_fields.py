"""Matrices in an address: written shortly, read strictly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from explorer.fields import matrix
from tests.blocks.test_convolving import CALM

FIELD = matrix("x", 3, 4, 2)


@pytest.mark.parametrize(
    ("grids", "text"),
    [
        ((((10, 10, 10, 0), (10, 10, 10, 0)),), "m10x3_0*10x3_0"),
        ((((1, 0, -1),),), "m1_0_-1"),
        ((((0.5,),), ((1 / 3,),)), "m0.5m0.333333"),
        ((((-1e-9, 1e-6),),), "m0_0.000001"),
    ],
)
def test_a_matrix_is_written_shortly(grids: tuple[tuple[tuple[float, ...], ...], ...], text: str) -> None:
    assert FIELD.write(grids) == text
    assert FIELD.write(FIELD.parse(text)) == text


@CALM
@given(st.data(), st.integers(1, 2), st.integers(1, 3), st.integers(1, 4))
def test_a_matrix_comes_back_from_the_address(data: st.DataObject, planes: int, rows: int, columns: int) -> None:
    number = st.integers(-9_999_000_000, 9_999_000_000).map(lambda n: n / 1e6)
    row = st.lists(number, min_size=columns, max_size=columns).map(tuple)
    grids = tuple(tuple(data.draw(st.lists(row, min_size=rows, max_size=rows))) for _ in range(planes))
    assert np.allclose(FIELD.parse(FIELD.write(grids)), grids, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "1",
        "m1_",
        "m1*1_2",
        "m1m1_2",
        "m1x5",
        "m1x4_1",
        "m1*1*1*1",
        "m1m1m1",
        "m10000",
        "mnan",
        "m1e9",
        "m1x0",
        "m١",
        "m" * 99,
        "m1" + "_1" * 30_000,
        "m<script>",
    ],
)
def test_what_is_no_matrix_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        FIELD.parse(text)


@CALM
@given(st.text(alphabet="m*_x-.0123456789a", max_size=40))
def test_no_text_does_harm(text: str) -> None:
    try:
        grids = FIELD.parse(text)
    except ValueError:
        return
    assert 1 <= len(grids) <= 2
    assert all(1 <= len(row) <= 4 and len(grid) <= 3 for grid in grids for row in grid)
