"""A layer's sheet: statistics with the standard library, on small literal maps."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from explorer.inspection import layer_sheet

MAPS = np.array([[[0, 1], [2, 0]], [[-1, -2], [0, -3]], [[7, 0], [0, 0]], [[2, 2], [-5, 1]]], np.float32)


def test_the_numbers_are_those_of_all_values() -> None:
    found, values = layer_sheet(MAPS, "index"), MAPS.ravel().tolist()
    assert (found.low, found.high) == (-5, 7)
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.std == pytest.approx(statistics.pstdev(values))
    assert found.active == pytest.approx(6 / 16)
    assert found.dead == 0.25, "one channel of four is never above zero"


def test_strongest_first_means_falling_maxima_and_equal_ones_by_number() -> None:
    assert layer_sheet(MAPS, "strength").order == (2, 0, 3, 1)
    assert layer_sheet(MAPS, "strength").ranges == ((0, 7), (0, 2), (-5, 2), (-3, 0))
    assert layer_sheet(MAPS, "index").order == (0, 1, 2, 3)
