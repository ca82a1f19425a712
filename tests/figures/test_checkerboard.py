"""Grids side by side are the numbers that were given, on one scale; a grey image is exact."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from explorer.figures.checkerboard import grey_png, grids
from explorer.figures.theme import theme_of

LIGHT = theme_of(False)


def test_grids_share_one_scale_around_zero() -> None:
    fig = grids([("a", ((1, -4),)), ("b", ((2, 0),))], theme=LIGHT, title="two", signed=True)
    assert [np.array(trace.z).tolist() for trace in fig.data] == [[[1, -4]], [[2, 0]]]
    assert {(trace.zmin, trace.zmax) for trace in fig.data} == {(-4, 4)}
    assert [note.text for note in fig.layout.annotations] == ["a", "b"]
    assert fig.layout.meta["title"] == "two"


def test_counts_begin_at_nothing_and_wide_grids_have_no_numbers() -> None:
    fig = grids([("", ((0,) * 30,))], theme=LIGHT, title="", signed=False)
    assert (fig.data[0].zmin, fig.data[0].zmax) == (0, 1)
    assert not fig.data[0].texttemplate


def test_a_grey_image_is_enlarged_without_smoothing() -> None:
    image = np.asarray(Image.open(io.BytesIO(grey_png(np.array([[0, 0.5], [1, 2]]), 3))))
    assert image.shape == (6, 6)
    assert image[::3, ::3].tolist() == [[0, 128], [255, 255]]
    assert np.array_equal(image, np.kron(image[::3, ::3], np.ones((3, 3))))
