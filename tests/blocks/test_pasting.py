"""Matrices as they are pasted."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from explorer.blocks.pasting import read_grid, written

SOBEL = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))


@pytest.mark.parametrize(
    "pasted",
    [
        "1 0 -1\n2 0 -2\n1 0 -1",
        "1, 0, −1; 2, 0, −2; 1, 0, −1",
        "[[1, 0, -1], [2, 0, -2], [1, 0, -1]]",
        "1\t0\t-1\r\n2\t0\t-2\r\n1\t0\t-1\r\n",
        "[[1 0 -1]\n [2 0 -2]\n [1 0 -1]]",
        "  1 0 -1  \n\n 2/1 0 -4/2\n+1 .0 -1.",
        "（1，0，−1；2，0，−2；1，0，−1）".strip("（）"),
        str(np.array(SOBEL)),
        f"{SOBEL}".replace("), (", ";"),
        str(torch.tensor(SOBEL)).removeprefix("tensor(").removesuffix(")"),
    ],
)
def test_what_people_paste_is_read(pasted: str) -> None:
    assert read_grid(pasted, 11) == (SOBEL, "")


@pytest.mark.parametrize(
    ("pasted", "problem"),
    [
        ("", "empty"),
        (" \n;[]", "empty"),
        ("1 2\n3", "ragged"),
        ("1 a\n2 3", "number"),
        ("1/0", "number"),
        ("nan 1", "number"),
        ("1e9", "number"),
        ("1 2 3 4", "large"),
        ("1\n2\n3\n4", "large"),
        ("10000", "number"),
        ("<script>", "number"),
    ],
)
def test_what_cannot_be_read_is_named(pasted: str, problem: str) -> None:
    assert read_grid(pasted, 3) == ((), problem)


def test_a_ninth_is_a_number() -> None:
    assert read_grid("1/9 1/9", 3)[0] == ((0.111111, 0.111111),)


@given(
    st.integers(1, 5).flatmap(
        lambda columns: st.lists(
            st.lists(
                st.integers(-9_999_000, 9_999_000).map(lambda n: n / 1000), min_size=columns, max_size=columns
            ).map(tuple),
            min_size=1,
            max_size=5,
        ).map(tuple)
    )
)
def test_what_is_written_is_read_again(grid: tuple[tuple[float, ...], ...]) -> None:
    assert read_grid(written(grid), 5) == (grid, "")
