"""Figures of non-linearities and normalisation: what is drawn is what was given."""

from __future__ import annotations

import math

import pytest

from explorer.blocks.activations import ACTIVATIONS, curve
from explorer.figures import nonlinear as figures
from explorer.figures.theme import DARK, LIGHT
from explorer.records.nonlinear import ChannelStatistics

WORDS = dict.fromkeys(
    ("x", "value", "slope", "other", "band", "share", "layers", "gradient", "layer", "channel", "density", "change"), ""
) | {"value": "g", "slope": "slope", "other": "other", "band": "band"}


@pytest.mark.parametrize("slug", ACTIVATIONS)
def test_the_tangent_touches_the_curve_with_its_slope(slug: str) -> None:
    entry = ACTIVATIONS[slug]
    drawn = curve(slug, entry.usual, 1.5)
    option = figures.curve(drawn, curve("tanh", {}, 1.5), theme=LIGHT, words=WORDS, title=slug)
    lines = [each for each in option["series"] if each["type"] == "line"]
    (x0, y0), (x1, y1) = lines[-1]["data"]
    assert (y1 - y0) / (x1 - x0) == pytest.approx(drawn.slope)
    assert (y0 + y1) / 2 == pytest.approx(drawn.value)
    assert len(lines) == 4 + len(drawn.band)
    assert option["yAxis"]["min"] <= min(drawn.values) <= max(drawn.values) <= option["yAxis"]["max"]


def test_a_histogram_adds_up_to_all_values() -> None:
    option = figures.histogram([0, 1, 2, 4], [1, 2, 5], theme=DARK, colour="c", words=WORDS, title="")
    assert option["series"][0]["data"] == [[0.5, 12.5], [1.5, 25.0], [3.0, 62.5]]


def test_gradients_are_powers_of_ten_and_nothing_is_left_out_but_zero() -> None:
    lines = [("a", (1.0, 0.1, 0.0), "c"), ("b", (1.0, 1e-30, 1e9), "c")]
    option = figures.decay(lines, theme=LIGHT, words=WORDS, title="", predicted=("p", (1, 0.25, 0.0625)))
    a, b, predicted = (each["data"] for each in option["series"])
    assert a == [[0, 0.0], [1, -1.0]]
    assert b == [[0, 0.0], [1, -30.0], [2, 9.0]]
    assert predicted[2] == [2, round(2 * math.log10(0.25), 4)]
    assert option["xAxis"]["max"] == 2


def test_shares_are_percent_by_layer_from_one() -> None:
    option = figures.shares_by_layer([("a", (0.5, 0.25), "c")], theme=LIGHT, words=WORDS, title="")
    assert option["series"][0]["data"] == [[1, 50.0], [2, 25.0]]


def test_a_box_is_one_standard_deviation_and_its_whiskers_two() -> None:
    option = figures.boxes([("n", [(1.0, 2.0)], "c")], theme=LIGHT, words=WORDS, title="")
    assert option["series"][0]["data"] == [[-3.0, -1.0, 1.0, 3.0, 5.0]]


def test_a_straight_line_keeps_the_area_of_a_channel_also_when_it_turns_it_round() -> None:
    one = ChannelStatistics(0, 0.0, 1.0, (-1.0, 0.0, 2.0), (3, 1), 0.0)
    steps = [("z", 1.0, 0.0, "c"), ("y", -2.0, 1.0, "c")]
    option = figures.channel(one, steps, theme=LIGHT, words=WORDS, title="")
    z, y = (each["data"] for each in option["series"])
    assert z == [[-0.5, 0.75], [1.0, 0.125]]
    assert y == [[-1.0, 0.0625], [2.0, 0.375]]


def test_batches_stand_beside_evaluation_mode() -> None:
    words = dict.fromkeys(("size", "accuracy", "training", "evaluation"), "")
    option = figures.by_batch([(2, 0.5), (4, 0.75)], 0.9, theme=LIGHT, words=words, title="")
    usual, measured = option["series"]
    assert (usual["data"], measured["data"]) == ([90.0, 90.0], [50.0, 75.0])


def test_shifts_are_percent_in_the_order_of_the_network() -> None:
    option = figures.shifts([("input", 0.2, "c"), ("a1", 0.05, "d")], theme=LIGHT, words=WORDS, title="")
    assert [bar["value"] for bar in option["series"][0]["data"]] == [20.0, 5.0]
    assert option["yAxis"]["data"] == ["input", "a1"]
