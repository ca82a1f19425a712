"""A figure for a projector: larger letters, the same proportions, the same data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from explorer.figures.curves import cost_bars, size_curves
from explorer.figures.enlarged import LEAST, enlarged
from explorer.figures.graph import block_graph
from explorer.figures.runs import Curve, gradient_map, learning_curves
from explorer.figures.theme import LIGHT
from explorer.figures.volumes import pipeline
from explorer.folding import block_graph as graph_of, outline
from explorer.networks import network
from explorer.records import NetworkInstance, TrainPoint
from explorer.tracing import trace_shapes
from tests.figures.checks import assert_drawable, drawn, values

INSTANCE = NetworkInstance.of(network("resnet18"))
TRACE = trace_shapes(INSTANCE)
SHAPE = INSTANCE.input_shape


def plotly(labels: Mapping[str, str]) -> dict[str, Any]:
    words, segments = {**labels, "step": "step", "size": "size"}, outline(TRACE, "block")
    return {
        "volumes": pipeline(segments, SHAPE, theme=LIGHT, labels=words, title="x"),
        "curves": size_curves(segments, SHAPE, theme=LIGHT, labels=words, title="x"),
        "shares": cost_bars(segments, theme=LIGHT, labels=words, title="x"),
        "graph": block_graph(graph_of(TRACE, "layer2.0"), theme=LIGHT, labels=words, title="x"),
    }


def lettering(figure: dict[str, Any]) -> list[float]:
    return sorted(size for path, size in values(figure) if path.endswith(("font.size", "fontSize")))


@pytest.mark.parametrize("name", ["volumes", "curves", "shares", "graph"])
def test_a_plotly_figure_is_lettered_for_the_last_row_and_keeps_its_data(name: str, labels: Mapping[str, str]) -> None:
    before = plotly(labels)[name]
    after = enlarged(before)
    assert_drawable(after, "x")
    sizes, large = lettering(drawn(before)), lettering(drawn(after))
    assert min(sizes) < LEAST <= min(large) + 1e-9
    factor = large[0] / sizes[0]
    assert large == pytest.approx([factor * size for size in sizes])
    assert after.layout.height == pytest.approx(factor * before.layout.height)
    assert [trace.y for trace in after.data] == [trace.y for trace in before.data]
    assert [shape.path for shape in after.layout.shapes] == [shape.path for shape in before.layout.shapes]


def test_a_size_inside_a_text_grows_as_well(labels: Mapping[str, str]) -> None:
    after = enlarged(plotly(labels)["graph"])
    inside = {part.split("px")[0] for note in after.layout.annotations for part in note.text.split("font-size:")[1:]}
    assert inside
    assert min(map(float, inside)) >= LEAST


def test_an_echarts_option_loses_its_tools_and_keeps_its_points() -> None:
    points = tuple(TrainPoint(k, 0.1, 0.1, 0.1, 2.0, k / 20, 9.0, gradient_norms=(0.5, 2.0)) for k in (0, 5, 10))
    curve = Curve("plain", "red", points)
    for before in (
        learning_curves([curve], "train_error", theme=LIGHT, labels={"step": "s", "train_error": "e"}),
        gradient_map(curve, theme=LIGHT, labels={"step": "s", "layer": "l", "gradient_norm": "g"}, limits=(-1, 1)),
    ):
        after = enlarged(before)
        assert "toolbox" in before
        assert "toolbox" not in after
        assert min(lettering(before)) < LEAST <= min(lettering(after)) + 1e-9
        assert [series["data"] for series in after["series"]] == [series["data"] for series in before["series"]]
        assert after["grid"]["left"] / before["grid"]["left"] == pytest.approx(
            lettering(after)[0] / lettering(before)[0]
        )


def test_a_picture_stays_as_it_is() -> None:
    assert enlarged(b"png") == b"png"
