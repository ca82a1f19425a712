"""What a click in a figure opens: the operation that made what is shown there, and an area exactly over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from math import prod

import plotly.graph_objects as go
import pytest

from explorer.figures.boxes import boxes_of
from explorer.figures.clickable import made_by
from explorer.figures.curves import cost_bars, size_curves
from explorer.figures.graph import block_graph as drawn
from explorer.figures.theme import LIGHT
from explorer.figures.volumes import pipeline
from explorer.folding import block_graph, outline
from explorer.networks import networks
from explorer.records import LEVELS, TRAILING, LayerRecord, ShapeTrace

Traced = Callable[[str], ShapeTrace]
Words = Mapping[str, str]

every_network = pytest.mark.parametrize("slug", networks())
SOME = pytest.mark.parametrize(
    "slug", ["lenet5", "vgg16", "resnet50", "googlenet", "densenet121", "efficientnet-lite0"]
)


def opened(mark: str, trace: ShapeTrace) -> LayerRecord | None:
    """The operation that a point opens."""
    return trace.layers[int(mark.removeprefix("op:")) - 1] if mark else None


@every_network
@pytest.mark.parametrize("level", LEVELS)
def test_a_volume_opens_the_operation_that_made_it(slug: str, level: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps = [step for step in outline(trace, level) if step.main]
    fig = pipeline(steps, trace.input_shape, theme=LIGHT, labels=labels)
    clicked = next(each for each in fig.data if isinstance(each, go.Bar))
    assert clicked.customdata[0] == "", "the image is made by no operation"
    for step, mark in zip(steps, clicked.customdata[1:], strict=True):
        made = opened(mark, trace)
        assert made is not None
        assert prod(made.out_shape) == prod(step.out_shape), step.label
        between = trace.layers[made.index + 1 : step.last.index + 1]
        alone = {layer.kind for layer in step.layers} <= TRAILING
        assert alone or (made.kind not in TRAILING and {layer.kind for layer in between} <= TRAILING), step.label


@SOME
@pytest.mark.parametrize("scale", ["linear", "sqrt"])
def test_its_area_lies_over_the_volume_and_over_no_other(slug: str, scale: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps = outline(trace, "block")
    areas = pipeline(steps, trace.input_shape, theme=LIGHT, labels=labels, scale=scale).data[-1]
    ends = [(x - width / 2, x + width / 2) for x, width in zip(areas.x, areas.width, strict=True)]
    assert all(right <= left for (_, right), (left, _) in pairwise(ends))
    for box, (left, right), base, tall in zip(
        boxes_of(steps, trace.input_shape, labels, scale), ends, areas.base, areas.y, strict=True
    ):
        assert left <= box.x + 1e-9
        assert right >= box.right - 1e-9
        assert base <= box.bottom + 1e-9
        assert base + tall >= box.top - 1e-9
        assert min(right - left, tall) >= 16, "large enough to be hit"


@SOME
def test_points_of_the_curves_open_the_same_as_the_volumes(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    steps = outline(trace, "block")
    words = {**labels, "size": "size", "step": "step"}
    for curve in size_curves(steps, trace.input_shape, theme=LIGHT, labels=words).data:
        assert list(curve.customdata) == ["", *(f"op:{made_by(step) + 1}" for step in steps)]
        assert len(curve.customdata) == len(curve.x)


@every_network
def test_a_bar_opens_the_largest_of_its_stage(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    stages = outline(trace, "stage")
    sizes: tuple[Callable[[LayerRecord], int], ...] = (
        lambda layer: layer.parameters,
        lambda layer: layer.macs,
        lambda layer: 4 * prod(layer.out_shape),
    )
    for bars, size in zip(cost_bars(stages, theme=LIGHT, labels=labels).data, sizes, strict=True):
        for stage, mark in zip(stages, bars.customdata, strict=True):
            found = opened(mark, trace)
            assert found is not None
            assert found.stage == stage.stage
            assert size(found) == max(size(layer) for layer in trace.layers if layer.stage == stage.stage)


@SOME
def test_a_box_of_the_block_graph_opens_its_operation(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    for block in {step.label for step in outline(trace, "block")}:
        graph = block_graph(trace, block)
        fig = drawn(graph, theme=LIGHT, labels=labels)
        areas = next(each for each in fig.data if isinstance(each, go.Bar))
        rectangles = [shape for shape in fig.layout.shapes if shape.type == "rect"]
        for node, mark, x, rectangle in zip(graph.nodes, areas.customdata, areas.x, rectangles, strict=False):
            assert opened(mark, trace) == node.layers[0]
            assert x == pytest.approx((rectangle.x0 + rectangle.x1) / 2)
