"""A transposed convolution is PyTorch's in all three ways, and a checkerboard where its stamps overlap unevenly."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from scipy import signal
from torch.nn import functional as F

from explorer.arithmetic.taps import outcome
from explorer.blocks.transposing import (
    bilinear,
    counts,
    inner_counts,
    misfit,
    output,
    pytorch,
    size,
    three_ways,
    upsampled,
)
from explorer.images import as_input, load
from explorer.records.convolving import Transposed
from tests.blocks.convolutions import array, transposed
from tests.blocks.test_convolving import CALM, run

WORDS = dict.fromkeys(
    ("input", "kernel", "output", "stuffed", "turned", "matrix", "vector", "result", "stamp", "stuff", "multiply"), "."
)
EXAMPLE = Transposed(inputs=((2, 1), (3, 2)), kernel=((1, 2, 1), (2, 0, 1), (0, 2, 1)), stride=2, padding=1, extra=1)


def theirs(t: Transposed) -> np.ndarray:
    x, w = torch.from_numpy(array(t.inputs))[None, None], torch.from_numpy(array(t.kernel))[None, None]
    if t.line:
        y = F.conv_transpose1d(x[:, :, 0], w[:, :, 0], None, t.stride, t.padding, t.extra)
        return y[0].numpy()
    return F.conv_transpose2d(x, w, None, t.stride, t.padding, t.extra)[0, 0].numpy()


@CALM
@given(transposed())
def test_all_three_ways_are_pytorchs(t: Transposed) -> None:
    wanted = theirs(t)
    assert np.array_equal(array(output(t)), wanted)
    assert size(t).value == wanted.shape[1]
    planes = {plane.key: plane for plane in three_ways(t, WORDS).planes}
    for key in ("y", "yz", "ym"):
        assert np.array_equal(planes[key].values, wanted.ravel())


@CALM
@given(transposed())
def test_the_matrix_is_that_of_the_convolution_transposed(t: Transposed) -> None:
    """C has the gradients of a convolution's outputs: its transpose is what stands on screen."""
    planes = {plane.key: plane for plane in three_ways(t, WORDS).planes}
    shown = array(planes["m"].values).reshape(planes["m"].rows, planes["m"].columns)
    y = torch.zeros(theirs(t).shape, dtype=torch.float64, requires_grad=True)
    w = torch.from_numpy(array(t.kernel))[None, None]
    p, s = ((0, t.padding), (1, t.stride)) if t.line else (t.padding, t.stride)
    back = F.conv2d(y[None, None], w, None, s, p).flatten()
    rows = [torch.autograd.grad(cell, y, retain_graph=True)[0].flatten() for cell in back]
    assert np.array_equal(torch.stack(rows).numpy().T, shown[:, : len(rows)])
    assert len(rows) == shown.shape[1]


@CALM
@given(transposed())
def test_equal_cells_are_the_same_in_all_three(t: Transposed) -> None:
    """Planes that share an alias hold the same numbers: a cell's value is that of the cell that it is, a zero none."""
    view = three_ways(t, WORDS)
    first = {plane.alias: plane for plane in reversed(view.planes)}
    for plane in view.planes:
        places = plane.cells or range(len(plane.values))
        assert [v for v, i in zip(plane.values, places, strict=True) if i >= 0] == [
            first[plane.alias].values[i] for i in places if i >= 0
        ]
        assert not any(v for v, i in zip(plane.values, places, strict=True) if i < 0)
    for step in view.steps:
        values = {plane.key: plane.values for plane in view.planes}
        (out,) = outcome(step, values, len(values[step.outputs[0]]))
        assert out == values[step.outputs[0]]


@settings(CALM, max_examples=60)
@given(transposed())
def test_the_code_on_screen_gives_the_same_twice(t: Transposed) -> None:
    found = run(pytorch(t))
    assert np.allclose(np.array(found["y"]).ravel(), theirs(t).ravel())
    assert np.allclose(found["y"], found["same"])


def test_the_example_by_hand() -> None:
    """Four stamps, cut by one at each end and longer by one: the cell of all four is 2·1 + 1·0 + 3·2 + 2·2 = 12."""
    found = output(EXAMPLE)
    assert found == ((0, 4, 0, 1), (10, 7, 6, 3), (0, 7, 0, 2), (6, 3, 4, 2))


@pytest.mark.parametrize(
    ("f", "s", "p", "extra", "setting", "value"),
    [(3, 2, 3, 0, "padding", 2), (1, 1, 1, 0, "padding", 0), (3, 2, 1, 2, "extra", 1), (3, 1, 0, 1, "extra", 0)],
)
def test_what_cannot_be_has_a_nearest_that_can(f: int, s: int, p: int, extra: int, setting: str, value: int) -> None:
    found = misfit(f, s, p, extra)
    assert found
    assert (found.setting, found.value) == (setting, value)
    assert misfit(f, s, **{"padding": p, "extra": extra, setting: value}) is None  # type: ignore[arg-type]


# --- the checkerboard -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("f", "s"), [(3, 2), (4, 2), (2, 3), (5, 3), (3, 3), (1, 1)])
def test_how_often_a_cell_is_written(f: int, s: int) -> None:
    ones = torch.ones(1, 1, 8, 8)
    wanted = F.conv_transpose2d(ones, torch.ones(1, 1, f, f), stride=s)[0, 0]
    assert np.array_equal(array(counts(8, f, s)), wanted.numpy())
    inside = wanted[f : -f or None, f : -f or None]
    assert {a * b for a in inner_counts(f, s) for b in inner_counts(f, s)} == set(map(int, inside.flatten().tolist()))
    assert (len(set(inner_counts(f, s))) == 1) == (f % s == 0)


@pytest.mark.parametrize("f", [2, 3, 4, 6])
def test_linear_weights_are_scipys_triangle(f: int) -> None:
    assert np.allclose(bilinear(f), signal.windows.triang(f))


@pytest.mark.parametrize(
    ("f", "s", "kernel", "even"),
    [
        (3, 2, "ones", False),
        (4, 2, "ones", True),
        (3, 2, "bilinear", True),
        (4, 2, "bilinear", True),
        (5, 3, "bilinear", True),
        (4, 3, "bilinear", False),
        (5, 2, "bilinear", False),
    ],
)
def test_an_even_grey_stays_even_or_does_not(f: int, s: int, kernel: str, even: bool) -> None:
    stamped, smooth = upsampled(np.full((16, 16), 0.5), f, s, kernel)
    inside = stamped[2 * f : -2 * f, 2 * f : -2 * f]
    assert inside.size
    assert np.allclose(inside, inside[0, 0]) == even
    assert np.allclose(smooth, 0.5), "resized first, every output is the mean of equally many"


def test_a_photograph_keeps_its_brightness_and_grows() -> None:
    pixels = as_input(load("cat"), (1, 32, 32))[..., 0] / 255
    for kernel in ("ones", "bilinear"):
        stamped, smooth = upsampled(pixels, 3, 2, kernel)
        assert smooth.shape == (64, 64)
        assert stamped.mean() == pytest.approx(pixels.mean(), abs=0.05)
        assert smooth.mean() == pytest.approx(pixels.mean(), abs=0.02)
