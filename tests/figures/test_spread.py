"""Curves with the spread of several runs: what is drawn is what was given."""

from __future__ import annotations

import json

import pytest

from explorer.figures import palette
from explorer.figures.spread import Band, spread_curves
from explorer.figures.theme import DARK, LIGHT, Theme

AXES = {"across": "<epoch>", "upright": "<accuracy>"}
SEVERAL = Band("a", palette.BLUE, (1.0, 2.0, 3.0), ((50.0, 40.0, 70.0), (60.0, 55.0, 62.5), (61.0, 61.0, 61.0)))
ONE = Band("b", palette.GREEN, (1.0, 2.0), ((10.0, 10.0, 10.0), (12.0, 12.0, 12.0)))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_line_is_the_mean_and_a_band_reaches_from_the_lowest_to_the_highest(theme: Theme) -> None:
    option = json.loads(json.dumps(spread_curves([SEVERAL, ONE], theme=theme, **AXES, last=75, title="T")))
    lowest, width, line, other = option["series"]
    assert line["data"] == [[1, 50], [2, 60], [3, 61]]
    assert other["data"] == [[1, 10], [2, 12]]
    assert [low + more for (_, low), (_, more) in zip(lowest["data"], width["data"], strict=True)] == [70, 62.5, 61]
    assert [low for _, low in lowest["data"]] == [40, 55, 61]
    assert lowest["stack"] == width["stack"] == "a"
    assert lowest["tooltip"] == width["tooltip"] == {"show": False}
    assert "areaStyle" not in lowest
    assert width["areaStyle"]["color"] == palette.BLUE
    assert [entry["name"] for entry in option["legend"]["data"]] == ["a", "b"]
    assert (option["xAxis"]["name"], option["xAxis"]["max"]) == ("<epoch>", 75)
    assert (option["yAxis"]["name"], option["yAxis"]["max"]) == ("<accuracy>", 100)
    assert option["textStyle"]["color"] == theme.ink


def test_before_the_first_test_there_is_an_empty_figure() -> None:
    option = spread_curves([Band("a", palette.BLUE, (), ())], theme=LIGHT, **AXES, last=1)
    (line,) = option["series"]
    assert line["data"] == []
