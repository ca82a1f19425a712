"""Receptive fields of chains, compared with reference tables and with counting pixels one by one."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from explorer.arithmetic import field_of_input, rf_linear, rf_pad, rf_union, rf_window
from explorer.records import Pair, ReceptiveField

TABLES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "networks" / "facts.json").read_text())[
    "receptive_fields"
]


def square(size: int, jump: int, start: int) -> ReceptiveField:
    return ReceptiveField((size, size), (jump, jump), (start, start))


@pytest.mark.parametrize("name", TABLES["chains"])
def test_a_chain_of_the_table(name: str) -> None:
    rf = field_of_input()
    padding = 0
    for row in TABLES["chains"][name]:
        padding += row["pad"] * rf.jump[0]
        rf = rf_window(rf, (row["k"],) * 2, (row["stride"],) * 2, (row["pad"],) * 2)
        assert rf == square(row["rf"], row["jump"], -padding), row["layer"]


def test_a_linear_layer_is_a_convolution_as_large_as_the_map() -> None:
    known = TABLES["if_linear_is_seen_as_convolution"]
    assert rf_linear(square(195, 32, 0), (6, 6)).size == (known["alexnet"],) * 2
    assert rf_linear(square(212, 32, -90), (7, 7)).size == (known["vgg16"],) * 2


def reach(n: int, windows: list[tuple[int, int, int, int]]) -> list[set[int]]:
    """The cells that every unit after windows (f, s, p, d) over `n` cells depends on."""
    cells = [{i} for i in range(n)]
    for f, s, p, d in windows:
        below = cells
        count = (len(below) + 2 * p - d * (f - 1) - 1) // s + 1
        cells = []
        for i in range(count):
            at = [i * s - p + k * d for k in range(f)]
            cells.append({c for j in at if 0 <= j < len(below) for c in below[j]})
    return cells


@pytest.mark.parametrize("seed", range(40))
def test_a_window_is_the_pixels_a_unit_depends_on(seed: int) -> None:
    draw = Random(seed)
    n = 160
    rows = [(draw.randint(1, 5), draw.randint(1, 3), draw.randint(0, 2), draw.randint(1, 2)) for _ in range(3)]
    columns = [(draw.randint(1, 5), s, draw.randint(0, 2), draw.randint(1, 2)) for _, s, _, _ in rows]
    rf = field_of_input()
    for (f_h, s_h, p_h, d_h), (f_w, s_w, p_w, d_w) in zip(rows, columns, strict=True):
        rf = rf_window(rf, (f_h, f_w), (s_h, s_w), (p_h, p_w), (d_h, d_w))
    down, across = reach(n, rows), reach(n, columns)
    i, j = len(down) // 2, len(across) // 3  # far enough from the border for the whole window to be real pixels
    top, left, bottom, right = rf.window(i, j)
    assert 0 <= top < bottom <= n
    assert 0 <= left < right <= n
    assert (min(down[i]), max(down[i]) + 1) == (top, bottom)
    assert (min(across[j]), max(across[j]) + 1) == (left, right)
    assert (min(down[i + 1]) - min(down[i]), min(across[j + 1]) - min(across[j])) == rf.jump


def test_padding_alone_moves_the_window_of_the_first_unit() -> None:
    before = rf_window(field_of_input(), (3, 3), (2, 2))
    apart = rf_window(rf_pad(before, (1, 2)), (3, 5), (1, 1))
    assert apart == rf_window(before, (3, 5), (1, 1), (1, 2))


def test_where_branches_meet_the_window_holds_all_of_theirs() -> None:
    base = rf_window(field_of_input(), (7, 7), (2, 2), (3, 3))
    tall = rf_window(base, (7, 1), (1, 1), (3, 0))
    wide = rf_window(base, (1, 5), (1, 1), (0, 2))
    met = rf_union([wide, tall, base])
    assert (met.size, met.start, met.jump) == ((19, 15), (-9, -7), (2, 2))


def test_branches_that_look_to_different_sides_are_wider_together_than_the_widest() -> None:
    left = ReceptiveField((5, 5), (1, 1), (-4, -4))
    right = ReceptiveField((5, 5), (1, 1), (0, 0))
    assert rf_union([left, right]) == ReceptiveField((9, 9), (1, 1), (-4, -4))


@pytest.mark.parametrize(("unit", "window"), [((0, 0), (-3, -1, 4, 2)), ((2, 5), (5, 4, 12, 7))])
def test_the_window_of_a_unit(unit: Pair, window: tuple[int, int, int, int]) -> None:
    assert ReceptiveField((7, 3), (4, 1), (-3, -1)).window(*unit) == window
