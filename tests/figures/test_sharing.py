"""Fully connected against convolution: what is drawn is what was counted."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.arithmetic.sharing import same_kernel, weight_matrices, wiring_costs
from explorer.figures import palette
from explorer.figures.sharing import costs, drifts, map_png, matrix, strip
from explorer.figures.theme import DARK, LIGHT
from tests.figures.checks import assert_drawable


def test_costs_are_bars_with_their_numbers() -> None:
    found = wiring_costs(32, 3, 5, 6)
    words = {"parameters": "p", "connections": "c"}
    bars = costs(found, {"dense": "D", "local": "L", "conv": "C"}, theme=LIGHT, words=words, title="")["series"]
    assert [bar["label"]["formatter"] for bar in bars[0]["data"]] == ["14,455,392", "357,504", "456"]
    assert [bar["value"] for bar in bars[1]["data"]] == [each.connections.value for each in found]


@pytest.mark.parametrize(("n", "f", "planar"), [(10, 1, False), (9, 3, False), (4, 2, True), (4, 3, True)])
def test_equal_weights_have_equal_colours_and_others_differ(n: int, f: int, planar: bool) -> None:
    for found in weight_matrices(n, f, 1, planar=planar):
        option = matrix(found, theme=DARK, cell="{row} {column} {weight}", title="")
        colours: dict[int, set[str]] = {}
        for cell, (row, column, weight) in zip(option["series"][0]["data"], found.entries, strict=True):
            assert cell["value"] == [column, row, weight]
            assert cell["name"] == f"{row} {column} {weight + 1}"
            colours.setdefault(weight, set()).add(cell["itemStyle"]["color"])
        assert all(len(each) == 1 for each in colours.values())
        assert len(set().union(*colours.values())) == found.weights


@pytest.mark.parametrize("f", [1, 3, 4, 8])
def test_a_strip_has_the_window_and_its_middle(f: int) -> None:
    kernel = same_kernel(f)
    drawn = strip(kernel, theme=LIGHT, words={"input": "x", "output": "y"}, title="f")
    assert_drawable(drawn, "f")
    window = [each for each in drawn.layout.shapes if each.fillcolor == palette.AMBER]
    output = next(each for each in drawn.layout.shapes if each.fillcolor == palette.BLUE)
    assert len(window) == f
    middle = (min(each.x0 for each in window) + max(each.x1 for each in window)) / 2
    assert middle - (output.x0 + output.x1) / 2 == pytest.approx(kernel.offset)
    dotted = [each for each in drawn.layout.shapes if each.line.dash == "dot"]
    assert len(dotted) == f - 1 == len([each for each in drawn.layout.annotations if each.text == "0"]) - (f % 2)


def test_maps_share_their_scale() -> None:
    one, two = (Image.open(io.BytesIO(map_png(np.array([[value]]), 2.0))).getpixel((0, 0)) for value in (2.0, -2.0))
    ends = [tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in (palette.SIGNED[-1], palette.SIGNED[0])]
    assert [one, two] == ends


def test_drifts_are_lines_over_layers() -> None:
    option = drifts([("a", (0.0, 0.0)), ("b", (0.0, -0.5))], theme=LIGHT, words={"layers": "", "cells": ""}, title="")
    assert [line["data"] for line in option["series"]] == [[[0, 0], [1, 0]], [[0, 0], [1, -0.5]]]
