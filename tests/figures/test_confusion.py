"""History, confusion matrix and probabilities: plain data that a browser can draw, with the right numbers."""

from __future__ import annotations

import json
from math import isfinite, log
from typing import Any

import pytest

from explorer.figures import confusion as figures
from explorer.figures.confusion import Line
from explorer.figures.theme import DARK, LIGHT, Theme
from tests.figures.checks import values

COUNTS = ((980, 0, 3), (1, 1000, 0), (0, 3, 20))
CLASSES = ("0", "1", "2")


def assert_plain(option: dict[str, Any], title: str) -> None:
    assert json.loads(json.dumps(option))["title"]["text"] == title
    assert all(isfinite(value) for _, value in values(option) if isinstance(value, float))


def matrix(theme: Theme = LIGHT, counts: Any = COUNTS, classes: Any = CLASSES) -> dict[str, Any]:
    return figures.confusion(counts, classes, theme=theme, truth="truth", answer="answer", title="title")


def test_every_cell_with_images_is_written_and_the_others_are_empty() -> None:
    option = matrix()
    assert_plain(option, "title")
    cells = {tuple(cell["value"][:2]): cell["value"][3] for cell in option["series"][0]["data"]}
    assert cells == {(j, i): n for i, row in enumerate(COUNTS) for j, n in enumerate(row) if n}
    assert option["series"][0]["label"]["show"]
    assert option["yAxis"]["inverse"], "the first class is at the top, as in a matrix"


def test_colour_grows_with_the_logarithm() -> None:
    shares = {cell["value"][3]: cell["value"][2] for cell in matrix()["series"][0]["data"]}
    assert shares[1000] == 1
    assert shares[1000] > shares[980] > shares[20] > shares[3] > shares[1] > 0.05


def test_the_scale_of_colours_reads_the_logarithm_and_not_the_count() -> None:
    option = matrix()
    scale = option["visualMap"]
    assert (scale["min"], scale["max"]) == (0, 1)
    for cell in option["series"][0]["data"]:
        column, row = cell["value"][:2]
        share = log(1 + COUNTS[row][column]) / log(1 + 1000)
        assert cell["value"][scale["dimension"]] == pytest.approx(share, abs=1e-4)


def test_ink_stands_on_its_colour() -> None:
    inks = {cell["value"][3]: cell["label"]["color"] for cell in matrix()["series"][0]["data"]}
    assert inks[1] != inks[1000]


def test_many_classes_are_not_written_into_their_cells() -> None:
    classes = tuple(f"class {i}" for i in range(30))
    counts = tuple(tuple(int(i == j) for j in range(30)) for i in range(30))
    option = matrix(counts=counts, classes=classes)
    assert not option["series"][0]["label"]["show"]
    assert option["xAxis"]["axisLabel"]["rotate"]


def test_an_empty_matrix_can_be_drawn() -> None:
    assert_plain(matrix(counts=((0, 0), (0, 0)), classes=("a", "b")), "title")


def test_the_commonest_confusions_come_first() -> None:
    assert figures.commonest(COUNTS) == ((0, 2, 3), (2, 1, 3), (1, 0, 1))
    assert figures.commonest(COUNTS, 1) == ((0, 2, 3),)
    assert figures.commonest(((5, 0), (0, 5))) == ()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_bars_are_in_percent_and_the_answer_stands_out(theme: Theme) -> None:
    option = figures.answer_bars((0.1, 0.899, 0.001), CLASSES, theme=theme, title="softmax")
    assert_plain(option, "softmax")
    bars = option["series"][0]["data"]
    assert [bar["value"] for bar in bars] == [10, 89.9, 0.1]
    colours = [bar["itemStyle"]["color"] for bar in bars]
    assert colours[1] not in (colours[0], colours[2])
    assert [bar["label"]["show"] for bar in bars] == [True, True, False]


def test_the_history_is_as_long_as_the_run_from_its_first_epoch() -> None:
    lines = [Line("training", "#0072B2", [(1, 0.123456789)]), Line("log", "#D55E00", [(30, 0.05)], dots=True)]
    option = figures.history(lines, theme=LIGHT, epoch="epoch", epochs=30, title="loss", digits=4)
    assert_plain(option, "loss")
    assert option["xAxis"]["max"] == 30
    assert [series["type"] for series in option["series"]] == ["line", "scatter"]
    assert option["series"][0]["data"] == [[1, 0.12346]]
