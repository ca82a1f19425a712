"""A small layer as a matrix: what is linked, against torch."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.blocks.wiring import code, wired
from explorer.records import LinkedView, Plane
from explorer.records.sharing import WIRINGS, Wiring

WORDS = dict.fromkeys(("input", "kernel", "matrix", "output", "sliding", "product"), "")
SMALL = [(6, 3, 1, False), (9, 2, 3, False), (4, 3, 1, True), (5, 2, 2, True), (3, 3, 1, True)]


def planes_of(view: LinkedView) -> dict[str, Plane]:
    return {plane.key: plane for plane in view.planes}


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize(("n", "f", "s", "planar"), SMALL)
def test_output_is_matrix_times_input_and_every_link_adds_up(
    wiring: Wiring, n: int, f: int, s: int, planar: bool
) -> None:
    view = wired(wiring, n, f, s, planar=planar, words=WORDS)
    planes = planes_of(view)
    matrix = np.array(planes["m"].values).reshape(planes["m"].rows, planes["m"].columns)
    assert (matrix @ planes["u"].values).tolist() == list(planes["v"].values)
    for step in view.steps:
        x, w, y = (planes[keys[0]] for keys in (step.inputs, step.weights, step.outputs))
        added = [0.0] * len(y.values)
        for y_cell, x_cell, w_cell in step.taps:
            added[y_cell] += x.values[x_cell] * w.values[w_cell]
        assert added == list(y.values) == list(planes["v"].values)
    assert len(view.steps) == (2 if wiring == "conv" else 1)


@pytest.mark.parametrize(("n", "f", "s", "planar"), SMALL)
def test_the_convolution_is_torchs_and_equal_weights_have_one_place(n: int, f: int, s: int, planar: bool) -> None:
    planes = planes_of(wired("conv", n, f, s, planar=planar, words=WORDS))
    x = torch.tensor(planes["x0"].values).reshape((1, 1, n, n) if planar else (1, 1, n))
    w = torch.tensor(planes["w0"].values).reshape((1, 1, f, f) if planar else (1, 1, f))
    y = (F.conv2d if planar else F.conv1d)(x, w, stride=s)
    assert list(planes["y0"].values) == y.flatten().tolist()
    for weight, value in zip(planes["m"].cells, planes["m"].values, strict=True):
        assert value == (planes["w0"].values[weight] if weight >= 0 else 0)
    assert len(set(planes["w0"].values)) == len(planes["w0"].values)


@pytest.mark.parametrize(("n", "f", "s", "planar"), SMALL)
def test_the_code_prints_the_matrix_that_is_shown(n: int, f: int, s: int, planar: bool) -> None:
    scope: dict[str, torch.Tensor] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code(n, f, s, planar=planar), scope)
    plane = planes_of(wired("conv", n, f, s, planar=planar, words=WORDS))["m"]
    assert scope["matrix"].flatten().tolist() == list(plane.values)
