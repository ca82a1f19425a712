"""The numbers below a filtered photograph are those of the photograph."""

from __future__ import annotations

import pytest

from explorer.blocks.filtering import filtered
from explorer.blocks.kernels import KERNELS
from explorer.blocks.zooming import zoomed
from explorer.images import load, thumbnail
from explorer.records.filtered import Filter

WORDS = dict.fromkeys(("image", "image-0", "image-1", "image-2", "kernel", "across", "along", "result"), "")
FILTERS = {
    "plain": Filter(KERNELS["sobel-vertical"]),
    "padded": Filter(KERNELS["gaussian"], padding=2),
    "strided": Filter(KERNELS["laplace"], stride=3, padding=1),
    "dilated": Filter(KERNELS["vertical"], dilation=4, padding=4),
    "five": Filter(KERNELS["gaussian-5"], over="each"),
    "sum": Filter(KERNELS["sharpen"], over="sum", padding=1),
    "rectangular": Filter(((1.0, 2.0, -3.0, 4.0),), over="each", stride=2),
    "wide": Filter(((1.0,) * 9,) * 2, dilation=2),
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("corner", [(0, 0), (-1, -1), (7, 3)])
def test_every_output_is_the_one_of_the_whole_image(name: str, corner: tuple[int, int]) -> None:
    asked = FILTERS[name]
    pixels = thumbnail(load("coffee"), 1 if asked.over == "grey" else 3, 60)
    found = filtered(pixels[..., 0] if asked.over == "grey" else pixels, asked)
    at = (corner[0] % found.values.shape[1], corner[1] % found.values.shape[2])
    seen = zoomed(found, asked, at, WORDS)
    assert seen is not None
    view, here = seen
    (step,) = view.steps
    planes = {plane.key: plane for plane in view.planes}
    assert len(step.outputs) == len(found.values)
    for number, key in enumerate(step.outputs):
        plane = planes[key]
        assert max(planes[each].rows for each in step.inputs) <= 24
        top, left = at[0] - here[0], at[1] - here[1]
        expected = found.values[number, top : top + plane.rows, left : left + plane.columns]
        assert list(plane.values) == pytest.approx(expected.ravel().tolist(), abs=1e-9)
        added = [0.0] * len(plane.values)  # by the links that the page draws
        for _, source, weight in [pair for pair in step.pairs if pair[0] == number]:
            x, w = planes[step.inputs[source]], planes[step.weights[weight]]
            for y_cell, x_cell, w_cell in step.taps:
                added[y_cell] += x.values[x_cell] * w.values[w_cell]
        assert added == pytest.approx(list(plane.values), abs=1e-9)
        for key_in in step.inputs:
            rim = planes[key_in].rim
            cut = [planes[key_in].values[r * planes[key_in].columns] for r in range(rim[0])]
            assert cut == [0] * rim[0]


def test_a_magnitude_shows_its_two_legs() -> None:
    asked = Filter(KERNELS["sobel-vertical"], magnitude=True)
    found = filtered(thumbnail(load("cat"), 1, 40)[..., 0], asked)
    seen = zoomed(found, asked, (10, 12), WORDS)
    assert seen is not None
    view, (row, column) = seen
    across, along = (plane for plane in view.planes if plane.key.startswith("y"))
    cell = row * across.columns + column
    assert across.values[cell] ** 2 + along.values[cell] ** 2 == pytest.approx(found.values[0, 10, 12] ** 2)


def test_a_window_too_wide_to_be_read_is_not_shown() -> None:
    asked = Filter(KERNELS["blur-5"], dilation=7)
    found = filtered(thumbnail(load("cat"), 1, 60)[..., 0], asked)
    assert zoomed(found, asked, (0, 0), WORDS) is None
