"""Curves of runs: what is drawn is what was recorded, and nothing that a browser cannot read."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf, log10, nan
from typing import Any

import pytest

from explorer.figures import palette, runs
from explorer.figures.runs import MEASURES, Curve
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.records import TrainPoint
from explorer.weights import recorded

WORDS = {name: f"<{name}>" for name in (*MEASURES, "step", "layer", "gradient_norm")}
RECORDED = recorded("digits")
CURVES = [Curve(run.name, palette.CYCLE[i], run.points, dashed=i % 2 == 1) for i, run in enumerate(RECORDED)]
POINT = TrainPoint(5, 0.5, 1.0, 0.1, 2.0, 0.25, 100.0)


def plain(option: dict[str, Any]) -> dict[str, Any]:
    """As the browser reads it: strict JSON, which has neither NaN nor infinity."""
    return dict(json.loads(json.dumps(option, allow_nan=False)))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("measure", MEASURES)
def test_a_curve_holds_every_value_that_was_measured(measure: str, theme: Theme) -> None:
    option = plain(runs.learning_curves(CURVES, measure, theme=theme, labels=WORDS, steps=200, title="Title"))
    assert [series["name"] for series in option["series"]] == [curve.name for curve in CURVES]
    for curve, series in zip(CURVES, option["series"], strict=True):
        wanted = [(p.step, runs.measured(p, measure)) for p in curve.points if runs.measured(p, measure) is not None]
        assert [row[0] for row in series["data"]] == [step for step, _ in wanted]
        assert [row[1] for row in series["data"]] == pytest.approx([value for _, value in wanted], rel=1e-4)
        assert series["lineStyle"]["type"] == ("dashed" if curve.dashed else "solid")
    assert option["xAxis"]["max"] == 200
    assert option["xAxis"]["name"] == "<step>"
    assert option["yAxis"]["name"] == f"<{measure}>"
    assert option["textStyle"]["color"] == theme.ink


def test_errors_are_percent_of_what_was_wrong() -> None:
    assert runs.measured(POINT, "train_error") == 75
    assert runs.measured(POINT, "test_error") is None
    assert runs.measured(replace(POINT, test_accuracy=0.9), "test_error") == pytest.approx(10)
    assert runs.measured(POINT, "train_loss") == 2


@pytest.mark.parametrize("logarithmic", [False, True])
def test_what_an_axis_cannot_show_is_left_out(logarithmic: bool) -> None:
    values = (1.0, nan, inf, 0.0, 0.5)
    points = [replace(POINT, step=step, train_loss=value) for step, value in enumerate(values)]
    option = plain(
        runs.learning_curves(
            [Curve("a", "#000000", points)], "train_loss", theme=LIGHT, labels=WORDS, logarithmic=logarithmic
        )
    )
    kept = [row[1] for row in option["series"][0]["data"]]
    assert kept == ([1.0, 0.5] if logarithmic else [1.0, 0.0, 0.5])
    assert option["yAxis"]["type"] == ("log" if logarithmic else "value")


def test_a_long_run_is_thinned_and_ends_where_it_ended() -> None:
    points = [replace(POINT, step=step) for step in range(10_001)]
    option = runs.learning_curves([Curve("a", "#000000", points)], "train_loss", theme=LIGHT, labels=WORDS, most=100)
    data = option["series"][0]["data"]
    assert 50 <= len(data) <= 100
    assert data[-1][0] == 10_000
    assert runs.thinned([], 5) == []
    assert runs.thinned([1, 2, 3], 5) == [1, 2, 3]


@pytest.mark.parametrize("last", [False, True])
def test_a_profile_goes_from_input_to_output(last: bool) -> None:
    option = plain(runs.gradient_profile(CURVES, theme=LIGHT, labels=WORDS, last=last))
    for curve, series in zip(CURVES, option["series"], strict=True):
        norms = [point.gradient_norms for point in curve.points if point.gradient_norms][-1 if last else 0]
        assert [row[1] for row in series["data"]] == pytest.approx(norms, rel=1e-4)
        assert series["data"][0][0] == 0
        assert series["data"][-1][0] == 1


def test_a_map_has_a_cell_for_every_layer_and_probe() -> None:
    curve = CURVES[-1]
    limits = runs.exponents([curve])
    option = plain(runs.gradient_map(curve, theme=LIGHT, labels=WORDS, limits=limits, most=1000))
    probes = [(point.step, point.gradient_norms) for point in curve.points if point.gradient_norms]
    assert option["xAxis"]["data"] == [step for step, _ in probes]
    cells = {(column, row): value for column, row, value in option["series"][0]["data"]}
    for column, (_, norms) in enumerate(probes):
        for row, norm in enumerate(norms):
            assert cells[column, row] == pytest.approx(log10(norm), abs=0.006)
    assert limits[0] <= min(cells.values())
    assert max(cells.values()) <= limits[1]
    assert (option["visualMap"]["min"], option["visualMap"]["max"]) == limits


@pytest.mark.parametrize(("limits", "written"), [((-4.0, 3.0), ["1,000", "0.0001"]), ((-6.0, 7.0), ["10⁷", "10⁻⁶"])])
def test_the_scale_of_a_map_names_its_ends_the_upper_first(limits: tuple[float, float], written: list[str]) -> None:
    option = plain(runs.gradient_map(CURVES[-1], theme=LIGHT, labels=WORDS, limits=limits))
    assert option["visualMap"]["text"] == written


@pytest.mark.parametrize(("measure", "norms"), [("first_weight", "weight_norms"), ("first_gradient", "gradient_norms")])
def test_the_first_layer_is_drawn_with_its_own_norms(measure: str, norms: str) -> None:
    labels = {**WORDS, measure: measure}
    option = plain(runs.learning_curves(CURVES, measure, theme=LIGHT, labels=labels, logarithmic=True))
    for curve, series in zip(CURVES, option["series"], strict=True):
        wanted = [(point.step, getattr(point, norms)[0]) for point in curve.points if getattr(point, norms)]
        assert [row[0] for row in series["data"]] == [step for step, _ in wanted]
        assert [row[1] for row in series["data"]] == pytest.approx([norm for _, norm in wanted], rel=1e-4)


def test_runs_without_points_are_drawn_as_nothing() -> None:
    empty = Curve("a", "#000000", ())
    assert plain(runs.learning_curves([empty], "train_error", theme=LIGHT, labels=WORDS))["series"][0]["data"] == []
    assert plain(runs.gradient_profile([empty], theme=LIGHT, labels=WORDS))["series"][0]["data"] == []
    assert runs.exponents([empty]) == (-3, 2)
    plain(runs.gradient_map(empty, theme=LIGHT, labels=WORDS, limits=(-3, 2)))
