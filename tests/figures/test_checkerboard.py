"""Grids side by side are the numbers that were given, on one scale; a grey image is exact."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from explorer.figures.checkerboard import grey_png, grids
from explorer.figures.svg import file_of
from explorer.figures.theme import theme_of

LIGHT = theme_of(False)


def _cells(html: str) -> list[tuple[str, str]]:
    """(colour, number) of each cell, in the order of the drawing; "" for a cell without a number."""
    cells: list[tuple[str, str]] = []
    for part in ElementTree.fromstring(file_of(html)):
        if part.tag.endswith("rect"):
            cells.append((part.get("fill", ""), ""))
        elif part.get("text-anchor") == "middle":
            cells[-1] = (cells[-1][0], part.text or "")
    return cells


def test_grids_share_one_scale_around_zero() -> None:
    html = grids([("a", ((1, -4),)), ("b", ((2, 4), (0, 1)))], theme=LIGHT, said="two < three")
    assert "two &lt; three" in html
    cells = _cells(html)
    assert [number for _, number in cells] == ["1", "−4", "2", "4", "0", "1"]
    colour = [colour for colour, _ in cells]
    assert colour[0] == colour[5]  # a 1 is a 1 in either grid
    assert len(set(colour)) == 5
    red, blue = (lambda code: int(code[1:3], 16)), (lambda code: int(code[5:7], 16))
    assert red(colour[3]) > blue(colour[3]), "orange above 0"
    assert red(colour[1]) < blue(colour[1]), "blue below 0"
    assert colour[4] == LIGHT.paper.lower() or colour[4] == LIGHT.paper


def test_wide_grids_have_no_numbers() -> None:
    assert {number for _, number in _cells(grids([("", ((0,) * 30,))], theme=LIGHT, said=""))} == {""}


def test_a_grey_image_is_enlarged_without_smoothing() -> None:
    image = np.asarray(Image.open(io.BytesIO(grey_png(np.array([[0, 0.5], [1, 2]]), 3))))
    assert image.shape == (6, 6)
    assert image[::3, ::3].tolist() == [[0, 128], [255, 255]]
    assert np.array_equal(image, np.kron(image[::3, ::3], np.ones((3, 3))))
