"""Linked grids of pooling, the course's numbers, and pooling as a special convolution."""

from __future__ import annotations

import contextlib
import io
import json

import numpy as np
import pytest
from scipy.ndimage import uniform_filter

from explorer.arithmetic import pooling
from explorer.arithmetic.taps import outcome
from explorer.blocks.pooling import PRESETS, PoolPreset, PoolTitles, as_convolution, changed, linked
from explorer.blocks.snippets import pooling_code
from explorer.records.nonlinear import PoolSetting

TITLES = PoolTitles(*"abcdefg")
BY_SLUG = {preset.slug: preset for preset in PRESETS}
EVERY = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.slug)

SLIDES = {  # A. Ng, Convolutional Neural Networks, week 1: typed from the slides
    "slide-max": [[9, 2], [6, 3]],
    "slide-average": [[3.75, 1.25], [4, 2]],
    "slide-overlap": [[9, 9, 5], [9, 9, 5], [8, 6, 9]],
}


@pytest.mark.parametrize("slug", SLIDES)
def test_the_slides_numbers(slug: str) -> None:
    assert pooling.pool(BY_SLUG[slug].grid, BY_SLUG[slug].setting) == SLIDES[slug]


@EVERY
def test_the_linked_planes_hold_what_their_links_add_up_to(preset: PoolPreset) -> None:
    view = linked(preset.grid, preset.setting, TITLES)
    planes = {plane.key: plane for plane in view.planes}
    values = {key: plane.values for key, plane in planes.items()}
    for step in view.steps:
        (target,) = step.outputs
        assert outcome(step, values, len(planes[target].values))[0] == pytest.approx(planes[target].values)
    rows = np.array(pooling.pool(preset.grid, preset.setting))
    assert np.array(planes["y"].values).reshape(rows.shape) == pytest.approx(rows)


@EVERY
def test_the_pasted_code_gives_both_grids(preset: PoolPreset) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(pooling_code(preset.grid, preset.setting), {})
    forward, backward = map(json.loads, out.getvalue().splitlines())
    ones = [[1.0] * len(row) for row in forward]
    assert np.array(pooling.pool(preset.grid, preset.setting)) == pytest.approx(np.array(forward))
    assert np.array(pooling.backward(preset.grid, ones, preset.setting)) == pytest.approx(np.array(backward))


def test_average_pooling_is_a_filter_and_a_maximum_is_not_linear() -> None:
    found = as_convolution(3, 2, 4)
    assert found.difference < 1e-12
    assert found.mean_additive < 1e-12 < 0.5 < found.max_additive
    assert (found.weights, found.full, found.zero) == (4 * 9, 16 * 9, 12 * 9)
    grid = np.arange(25.0).reshape(5, 5) ** 2
    smooth = uniform_filter(grid, 3)[1:-1, 1:-1]
    assert np.array(pooling.pool(grid.tolist(), PoolSetting(3, 1, 0, "mean"))) == pytest.approx(smooth)


def test_an_edge_inside_a_window_may_move_unseen() -> None:
    edge = BY_SLUG["edge"]
    assert changed(edge.grid, edge.setting, 1) == (12, 36, 0, 9)
    cells, _, pooled, _ = changed(edge.grid, edge.setting, 2)
    assert (cells, pooled) == (12, 6)
