"""Curves and bars repeat the numbers of the trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest

from explorer.figures.curves import cost_bars, size_curves
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.folding import outline
from explorer.networks import network
from explorer.records import LEVELS, NetworkInstance, ShapeTrace
from explorer.tracing import trace_shapes
from tests.figures.checks import assert_drawable

Traced = Callable[[str], ShapeTrace]
Words = Mapping[str, str]

SOME = ("lenet5", "nin-cifar10", "resnet50", "inception-v3")

some_networks = pytest.mark.parametrize("slug", SOME)
every_level = pytest.mark.parametrize("level", LEVELS)
both_themes = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@both_themes
@every_level
@some_networks
def test_the_curves_are_the_shapes_of_the_steps(
    slug: str, level: str, theme: Theme, labels: Words, traced: Traced
) -> None:
    trace = traced(slug)
    steps = outline(trace, level)
    fig = size_curves(
        steps, trace.input_shape, theme=theme, labels={**labels, "size": "size", "step": "step"}, title="t"
    )
    assert_drawable(fig, "t")
    shapes = [trace.input_shape, *(step.out_shape for step in steps)]
    n_c, n_h, n_w = zip(*(shape if len(shape) == 3 else (*shape, 1, 1) for shape in shapes), strict=True)
    fields = [1, *(max(step.rf.size) for step in steps)]
    assert [curve.name for curve in fig.data] == [
        "n<sub>H</sub>",
        "n<sub>W</sub>",
        "n<sub>C</sub>",
        "<receptive_field>",
    ]
    assert [list(curve.y) for curve in fig.data] == [list(n_h), list(n_w), list(n_c), fields]
    assert all(list(curve.x) == list(range(len(shapes))) for curve in fig.data)
    assert min(min(curve.y) for curve in fig.data) >= 1  # the axis is logarithmic


def test_height_and_width_have_curves_of_their_own(labels: Words) -> None:
    trace = trace_shapes(NetworkInstance.of(network("resnet18"), size=(64, 96)))
    fig = size_curves(outline(trace, "stage"), trace.input_shape, theme=LIGHT, labels={**labels, "size": "size"})
    rows, columns, channels, _ = (list(curve.y) for curve in fig.data)
    assert rows[:3] == [64, 16, 16]
    assert columns[:3] == [96, 24, 24]
    assert channels[:3] == [3, 64, 64]


@both_themes
@every_level
@some_networks
def test_the_bars_are_shares_of_the_totals(slug: str, level: str, theme: Theme, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps = outline(trace, level)
    fig = cost_bars(steps, theme=theme, labels=labels, title="t")
    assert_drawable(fig, "t")
    assert [bars.name for bars in fig.data] == ["<parameters>", "<macs>", "<memory>"]
    totals = (trace.parameters, trace.macs, trace.activation_bytes)
    for bars, cost, total in zip(fig.data, ("parameters", "macs", "activation_bytes"), totals, strict=True):
        assert list(bars.x) == [pytest.approx(100 * getattr(step, cost) / total) for step in steps]
        assert sum(bars.x) == pytest.approx(100)
        assert list(bars.y) == list(range(len(steps)))
    assert len(fig.layout.yaxis.ticktext) == len(steps)


def test_auxiliary_heads_cost_but_have_no_place_on_the_curve(labels: Words) -> None:
    trace = trace_shapes(NetworkInstance.of(network("googlenet"), options={"aux": True}))
    steps = outline(trace, "stage")
    curve = size_curves(steps, trace.input_shape, theme=LIGHT, labels={**labels, "size": "size"})
    assert len(curve.data[0].x) == 1 + sum(step.main for step in steps) < len(steps)
    assert len(cost_bars(steps, theme=LIGHT, labels=labels).data[0].x) == len(steps)


def test_below_a_long_network_the_stages_are_named(labels: Words, traced: Traced) -> None:
    trace = traced("densenet121")
    fig = size_curves(outline(trace, "layer"), trace.input_shape, theme=LIGHT, labels={**labels, "size": "size"})
    places = list(fig.layout.xaxis.tickvals)
    assert min(b - a for a, b in pairwise(places)) >= len(fig.data[0].x) / 16, "no name lies on another"
    assert len(places) >= 7
    steps = outline(trace, "layer")
    for place, name in list(zip(places, fig.layout.xaxis.ticktext, strict=True))[1:]:
        assert steps[place - 1].stage == name
        assert place == 1 or steps[place - 2].stage != name, "a stage is named where it begins"
