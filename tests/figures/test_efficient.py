"""Figures of cheaper convolutions and scaling: what they draw is what they are given."""

from __future__ import annotations

import io
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from explorer.blocks.spiral import through
from explorer.figures.efficient import Line, bars, curves, heat, kernels_png, lines
from explorer.figures.palette import VIRIDIS
from explorer.figures.scaling import surface
from explorer.figures.svg import file_of
from explorer.figures.theme import DARK, LIGHT, Theme

SVG = "{http://www.w3.org/2000/svg}"


def test_lines_hold_their_points_and_names() -> None:
    series = [Line("a", 0, [(1, 2), (3, 4)]), Line("b", 1, [(1, 5)], "dots", ["B0"]), Line("c", 2, [(2, 2)], "star")]
    option = lines(series, theme=LIGHT, across="x", upright="y", title="t", log=(True, False), low=(1, None))
    assert [[point["value"] for point in each["data"]] for each in option["series"]] == [
        [[1, 2], [3, 4]],
        [[1, 5]],
        [[2, 2]],
    ]
    assert option["series"][1]["data"][0]["name"] == "B0"
    assert (option["xAxis"]["type"], option["yAxis"]["type"]) == ("log", "value")
    assert option["xAxis"]["min"] == 1
    assert "min" not in option["yAxis"]


def test_bars_say_their_numbers() -> None:
    option = bars(["a", "b"], [("s", 0, [1234, None]), ("t", 1, [1.5, 2])], theme=DARK, across="x", title="t")
    first, second = option["series"]
    assert first["data"] == [{"value": 1234, "label": {"formatter": "1,234"}}, None]
    assert [each["label"]["formatter"] for each in second["data"]] == ["1.5", "2"]
    assert first["stack"] == second["stack"]
    assert option["yAxis"]["data"] == ["a", "b"]


def test_a_heat_map_leaves_out_what_is_not_there() -> None:
    values = np.array([[1.0, 2.0], [np.nan, 3.0]])
    words = {"down": "d", "across": "a"}
    option = heat(values, ["r", "s"], ["c", "e"], theme=LIGHT, words=words, title="t", most=4)
    assert option["series"][0]["data"] == [[0, 0, 1], [1, 0, 2], [1, 1, 3]]
    assert (option["visualMap"]["min"], option["visualMap"]["max"]) == (0, 4)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_curves_are_the_points(theme: Theme) -> None:
    found = through(3, "relu", 0)
    html = curves([("in", found.points), ("n = 3 < 4", found.back)], theme=theme, title="t", label="a spiral")
    assert 'aria-label="a spiral"' in html
    root = ElementTree.fromstring(file_of(html))
    assert [each.text for each in root.iter(f"{SVG}text")] == ["t", "in", "n = 3 < 4"]
    windows = root.findall(f"{SVG}svg")
    for window, points in zip(windows, (found.points, found.back), strict=True):
        assert window.get("viewBox") == "-1.15 -1.15 2.3 2.3"
        lines = window.findall(f"{SVG}polyline")
        pieces = [[tuple(map(float, pair.split(","))) for pair in str(each.get("points")).split()] for each in lines]
        assert all(one[-1] == following[0] for one, following in pairwise(pieces))
        drawn = np.array([pieces[0][0], *(point for piece in pieces for point in piece[1:])])
        assert drawn * (1, -1) == pytest.approx(points, abs=6e-4)
        assert len({each.get("stroke") for each in lines}) == len(lines)
    assert windows[0].get("x") != windows[1].get("x")


def test_kernels_share_one_scale() -> None:
    rows = [np.array([[[2.0, 0], [0, -2]]]), np.array([[[1.0, 0], [0, 0]]])]
    image = np.asarray(Image.open(io.BytesIO(kernels_png(rows))))
    factor = image.shape[1] // 2
    assert image.shape == (5 * factor, 2 * factor, 4)
    assert image[2 * factor + 1, 0, 3] == 0  # the gap
    top, below, zero = image[0, 0, :3], image[3 * factor, 0, :3], image[0, factor, :3]
    assert int(np.abs(top.astype(int) - zero).sum()) > int(np.abs(below.astype(int) - zero).sum()) > 0


def test_the_surface_has_a_cell_for_every_pair() -> None:
    drawn = surface(
        [1.0, 1.1],
        [1.0, 1.2, 1.3],
        [[2, 1.6], [1.4, 1.2], [1.1, 1.0]],
        here=(1.09, 1.3),
        paper=(1.0, 1.15),
        words={"here": "h", "paper": "p", "beta": "b", "gamma": "g"},
        title="t",
    )
    cells = re.findall(r'<td(?: class="(.*?)")? data-opens="(\d)" style="background:(.*?)">(.*?)</td>', drawn)
    assert [(mark, number, alpha) for mark, number, _, alpha in cells] == [
        ("", "5", "1.10"), ("here", "6", "1.00"),
        ("paper", "3", "1.40"), ("", "4", "1.20"),
        ("", "1", "2.00"), ("", "2", "1.60"),
    ]  # fmt: skip
    assert (cells[4][2].upper(), cells[1][2].upper()) == (VIRIDIS[-1], VIRIDIS[5])
    assert re.findall(r'scope="row">(.*?)<', drawn) == ["1.30", "1.20", "1.00"]
    assert re.findall(r'scope="col">(.*?)<', drawn) == ["1.00", "1.10"]


def test_a_cell_that_is_both_chosen_and_published_is_marked_twice() -> None:
    words = {"here": "h", "paper": "p", "beta": "<b>", "gamma": "g"}
    drawn = surface([1.0], [1.0], [[2.0]], here=(1, 1), paper=(1.3, 1.3), words=words, title="t")
    assert '<td class="here paper" data-opens="1"' in drawn
    assert "&lt;b&gt;" in drawn
