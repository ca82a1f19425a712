"""The graph of a block: one box per node, one line per edge, and no overlapping boxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import plotly.graph_objects as go
import pytest

from explorer.figures import graph as drawing
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.folding import block_graph, outline
from explorer.networks import networks
from explorer.records import ShapeTrace
from tests.figures.checks import assert_drawable

Traced = Callable[[str], ShapeTrace]
Words = Mapping[str, str]

SOME = (
    ("lenet5", "c1"),
    ("resnet18", "layer1.0"),
    ("resnet50", "layer2.0"),
    ("googlenet", "inception3a"),
    ("densenet121", "features.denseblock1.denselayer4"),
    ("mobilenet-v3-small", "features.4"),
    ("inception-v4", "inception_c.0"),
)


def boxes(fig: go.Figure) -> list[tuple[float, float, float, float]]:
    return [(s.x0, s.y0, s.x1, s.y1) for s in fig.layout.shapes if s.type == "rect"]


def edges(fig: go.Figure) -> list[str]:
    return [shape.path for shape in fig.layout.shapes if shape.type == "path"]


def overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("slug", "block"), SOME)
def test_every_node_and_every_edge_is_drawn(slug: str, block: str, theme: Theme, labels: Words, traced: Traced) -> None:
    graph = block_graph(traced(slug), block)
    fig = drawing.block_graph(graph, theme=theme, labels=labels, title="t")
    assert_drawable(fig, "t")
    assert len(boxes(fig)) == len(fig.layout.annotations) == len(graph.nodes) + len(graph.entries)
    assert len(edges(fig)) == sum(len(node.inputs) for node in graph.nodes)
    entries = sum(labels["input"] in note.text for note in fig.layout.annotations)
    assert entries == len(graph.entries)


@pytest.mark.parametrize("slug", networks())
def test_no_two_boxes_overlap_and_all_are_in_sight(slug: str, labels: Words, traced: Traced) -> None:
    trace = traced(slug)
    for block in {step.label for step in outline(trace, "block")}:
        fig = drawing.block_graph(block_graph(trace, block), theme=LIGHT, labels=labels)
        placed = boxes(fig)
        assert not any(overlap(a, b) for i, a in enumerate(placed) for b in placed[:i]), block
        (left, right), (low, high) = fig.layout.xaxis.range, fig.layout.yaxis.range
        assert all(left < x0 and x1 < right and low < y0 and y1 < high for x0, y0, x1, y1 in placed)


def test_the_skip_of_a_residual_block_goes_over_what_it_skips(labels: Words, traced: Traced) -> None:
    graph = block_graph(traced("resnet18"), "layer1.0")
    fig = drawing.block_graph(graph, theme=LIGHT, labels=labels)
    arcs = [shape for shape in fig.layout.shapes if shape.type == "path" and shape.line.width > 2]
    assert len(arcs) == 1
    straight = [shape for shape in fig.layout.shapes if shape.type == "path" and shape.line.width < 2]
    assert len(straight) == 3


def test_room_is_left_above_for_arcs_only(labels: Words, traced: Traced) -> None:
    above = {}
    for slug, block in (("resnet18", "layer1.0"), ("googlenet", "inception3a")):
        fig = drawing.block_graph(block_graph(traced(slug), block), theme=LIGHT, labels=labels)
        above[slug] = fig.layout.yaxis.range[1] - max(top for _, _, _, top in boxes(fig))
    assert above["googlenet"] < 0.2 < 0.5 < above["resnet18"]


def test_a_node_names_its_operations_and_its_shape(labels: Words, traced: Traced) -> None:
    graph = block_graph(traced("resnet50"), "layer2.0")
    texts = [note.text for note in drawing.block_graph(graph, theme=LIGHT, labels=labels).layout.annotations]
    assert "<b>1×1 conv, 128</b><br>BN · ReLU<br>" in texts[0]
    assert "56×56×128" in texts[0]
    assert "<b>3×3 conv, 128, /2</b>" in texts[1]
    assert "28×28×128" in texts[1]


@pytest.mark.parametrize(("slug", "block"), [("googlenet", "inception3a"), ("inception-v3", "Mixed_7b")])
def test_branches_lie_in_the_order_they_run_as_the_paper_draws_them(
    slug: str, block: str, labels: Words, traced: Traced
) -> None:
    graph = block_graph(traced(slug), block)
    placed = boxes(drawing.block_graph(graph, theme=LIGHT, labels=labels))
    first = [y for (_, y, _, _), node in zip(placed, graph.nodes, strict=False) if node.inputs == (-1,)]
    assert len(first) == 4
    assert first == sorted(first, reverse=True)


@pytest.mark.parametrize(("slug", "block"), [("resnet18", "layer1.0"), ("resnet50", "layer1.1")])
def test_a_block_that_adds_its_own_input_names_both_terms(slug: str, block: str, labels: Words, traced: Traced) -> None:
    fig = drawing.block_graph(block_graph(traced(slug), block), theme=LIGHT, labels=labels)
    assert [trace.text for trace in fig.data if trace.text] == [("x", "F(x)")]
    texts = [note.text for note in fig.layout.annotations]
    assert sum(text.startswith("<b>F(x) + x</b>") for text in texts) == 1
    assert texts[-1].startswith("<b>x</b><br>")


@pytest.mark.parametrize(("slug", "block"), [("resnet50", "layer1.0"), ("googlenet", "inception3a"), ("lenet5", "c1")])
def test_no_terms_where_the_input_is_projected_or_nothing_is_added(
    slug: str, block: str, labels: Words, traced: Traced
) -> None:
    graph = block_graph(traced(slug), block)
    assert graph.residual_sum is None
    assert not any(trace.text for trace in drawing.block_graph(graph, theme=LIGHT, labels=labels).data)


@pytest.mark.parametrize(("slug", "block"), [("efficientnet-b0", "features.2.1"), ("mobilenet-v3-large", "features.5")])
def test_a_gate_hangs_below_the_volume_that_it_weighs(slug: str, block: str, labels: Words, traced: Traced) -> None:
    """All but the pool and its two convolutions lie on one line; the pool below what it reads, the last below the x."""
    graph = block_graph(traced(slug), block)
    placed = boxes(drawing.block_graph(graph, theme=LIGHT, labels=labels))
    vectors = [i for i, node in enumerate(graph.nodes) if node.out_shape[1:] == (1, 1)]
    (product,) = [i for i, node in enumerate(graph.nodes) if node.kind == "multiply"]
    assert len(vectors) == 3
    road = {placed[i][1] for i in range(len(placed)) if i not in vectors}
    assert len(road) == 1
    assert {placed[i][1] < min(road) for i in vectors} == {True}
    volume = graph.nodes[product].inputs[0]
    assert (placed[vectors[0]][0], placed[vectors[-1]][0]) == (placed[volume][0], placed[product][0])
