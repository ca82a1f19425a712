"""Pooling by hand equals torch over random shapes, strides and paddings; a setting that cannot be is recognised."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st

from explorer.arithmetic import pooling
from explorer.records.nonlinear import PoolSetting

NUMBERS = st.integers(-4, 4).map(float)  # few enough for many ties


@st.composite
def grids(draw: st.DrawFn) -> list[list[float]]:
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    line = st.lists(NUMBERS, min_size=columns, max_size=columns)
    return draw(st.lists(line, min_size=rows, max_size=rows))


SETTINGS = st.builds(
    PoolSetting,
    side=st.integers(1, 6),
    stride=st.integers(1, 5),
    padding=st.integers(0, 3),
    operation=st.sampled_from(("max", "mean")),
    whole=st.booleans(),
)


def by_torch(x: torch.Tensor, setting: PoolSetting) -> torch.Tensor:
    if setting.whole:
        return x.amax((2, 3), keepdim=True) if setting.operation == "max" else x.mean((2, 3), keepdim=True)
    pool = F.max_pool2d if setting.operation == "max" else F.avg_pool2d
    return pool(x, setting.side, setting.stride, setting.padding)


@settings(max_examples=300, deadline=None)
@given(grid=grids(), setting=SETTINGS, data=st.data())
def test_pooling_both_ways_is_torchs(grid: list[list[float]], setting: PoolSetting, data: st.DataObject) -> None:
    rows, columns = len(grid), len(grid[0])
    x = torch.tensor([[grid]], dtype=torch.float64, requires_grad=True)
    if pooling.problem(rows, columns, setting):
        with pytest.raises(RuntimeError):
            by_torch(x, setting)
        best = pooling.nearest(rows, columns, setting)
        assert not pooling.problem(rows, columns, best)
        by_torch(x, best)
        return
    y = by_torch(x, setting)
    assert torch.allclose(torch.tensor([[pooling.pool(grid, setting)]], dtype=torch.float64), y)
    assert (pooling.size(rows, setting), pooling.size(columns, setting)) == y.shape[2:]
    arriving = [[data.draw(NUMBERS) for _ in range(y.shape[3])] for _ in range(y.shape[2])]
    if setting.whole and setting.operation == "max":  # amax shares among equals; pooling takes the first of them
        y = F.adaptive_max_pool2d(x, 1)
    (back,) = torch.autograd.grad(y, x, torch.tensor([[arriving]], dtype=torch.float64))
    found = torch.tensor(pooling.backward(grid, arriving, setting), dtype=torch.float64)
    assert torch.allclose(found, back[0, 0])


@settings(max_examples=100, deadline=None)
@given(grid=grids(), setting=SETTINGS)
def test_readers_and_ties_are_counted(grid: list[list[float]], setting: PoolSetting) -> None:
    rows, columns = len(grid), len(grid[0])
    if pooling.problem(rows, columns, setting):
        return
    ones = torch.ones(1, 1, rows, columns, dtype=torch.float64, requires_grad=True)
    side, stride, padding = (setting.side, setting.stride, setting.padding)
    if setting.whole:
        counts = torch.ones(rows, columns)
    else:
        kernel = torch.ones(1, 1, side, side, dtype=torch.float64)
        (back,) = torch.autograd.grad(F.conv2d(ones, kernel, stride=stride, padding=padding).sum(), ones)
        counts = back[0, 0]
    assert torch.tensor(pooling.readers(rows, columns, setting)).tolist() == counts.tolist()
    tied = 0
    for _, window in pooling.windows(rows, columns, setting):
        values = sorted(grid[r][c] for r, c in window)
        tied += len(values) > 1 and values[-1] == values[-2]
    assert pooling.ties(grid, setting) == tied


def test_a_window_fits_and_half_of_it_may_be_padding() -> None:
    assert pooling.problem(4, 4, PoolSetting(5, 1)) == "window"
    assert pooling.problem(4, 4, PoolSetting(3, 1, 2)) == "padding"
    assert pooling.problem(4, 4, PoolSetting(5, 1, 1)) == ""
    assert pooling.nearest(4, 4, PoolSetting(3, 1, 2)) == PoolSetting(3, 1, 1)


def test_a_shift_brings_zeros_in() -> None:
    assert pooling.shifted([[1, 2, 3], [4, 5, 6]], 2) == [[0, 0, 1], [0, 0, 4]]
    assert pooling.shifted([[1, 2]], 5) == [[0, 0]]
