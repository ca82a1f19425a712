"""Folding loses nothing: every record is in one segment, costs add up, the drawn edges are the real ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod

import pytest

from explorer.folding import block_graph, longest_route, outline
from explorer.networks import network, networks
from explorer.records import LEVELS, TRAILING, WEIGHTED, LayerRecord, NetworkInstance, Segment, ShapeTrace
from explorer.tracing import trace_shapes

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())
every_level = pytest.mark.parametrize("level", LEVELS)


@every_level
@every_network
def test_costs_add_up_to_the_totals(slug: str, level: str, traced: Traced) -> None:
    trace, steps = traced(slug), outline(traced(slug), level)
    assert sum(step.parameters for step in steps) == trace.parameters
    assert sum(step.macs for step in steps) == trace.macs
    assert sum(step.activation_bytes for step in steps) == trace.activation_bytes
    assert sum(len(step.layers) * step.repeat for step in steps) == len(trace.layers)


def repetitions(trace: ShapeTrace, step: Segment) -> list[tuple[LayerRecord, ...]]:
    first, length = step.layers[0].index, len(step.layers)
    return [trace.layers[first + i * length : first + (i + 1) * length] for i in range(step.repeat)]


def filters(run: tuple[LayerRecord, ...]) -> list[tuple[object, ...]]:
    """What the convolutions of a stretch are, but for the channels they read."""
    weighted = [layer for layer in run if layer.kind in WEIGHTED]
    return [(r.kind, r.kernel, r.stride, r.padding, r.dilation, r.bias, r.out_shape) for r in weighted]


@pytest.mark.parametrize("level", ["stage", "block"])
@every_network
def test_the_steps_expand_to_the_whole_trace(slug: str, level: str, traced: Traced) -> None:
    trace = traced(slug)
    expanded = [layer for step in outline(trace, level) for run in repetitions(trace, step) for layer in run]
    assert tuple(expanded) == trace.layers


@every_network
def test_what_is_folded_is_alike(slug: str, traced: Traced) -> None:
    """A block drawn once with xN stands for N blocks of the same convolutions: only what they read may grow."""
    trace = traced(slug)
    unlike = [
        f"{step.label} x{step.repeat}"
        for step in outline(trace, "block")
        if any(filters(run) != filters(step.layers) for run in repetitions(trace, step))
    ]
    assert unlike == []


@every_network
def test_layers_of_a_folded_block_carry_its_repeat(slug: str, traced: Traced) -> None:
    blocks, layers = outline(traced(slug), "block"), iter(outline(traced(slug), "layer"))
    for block in blocks:
        inside: list[Segment] = []
        alone: list[Segment] = []  # a block of one layer is not folded
        while sum(len(step.layers) for step in inside) < len(block.layers):
            inside.append(next(layers))
        assert tuple(layer for step in inside for layer in step.layers) == block.layers
        while len(inside) == 1 and sum(len(step.layers) for step in alone) < (block.repeat - 1) * len(block.layers):
            alone.append(next(layers))
        assert {step.repeat for step in [*inside, *alone]} == {1 if len(inside) == 1 else block.repeat}
        assert sum(step.macs for step in [*inside, *alone]) == block.macs
    assert next(layers, None) is None


@every_network
def test_as_many_layers_as_operations_of_a_main_kind(slug: str, traced: Traced) -> None:
    """One that only trails (a norm, an activation) counts where it has nothing to trail behind."""
    layers = traced(slug).layers
    after = {r.index for r in layers if r.kind in TRAILING and r.inputs == (r.index - 1,)}
    after = {i for i in after if layers[i].block == layers[i - 1].block and layers[i].stage == layers[i - 1].stage}
    assert sum(step.repeat for step in outline(traced(slug), "layer")) == len(layers) - len(after)


@pytest.mark.parametrize(("slug", "convolutions", "dense"), [("vgg16", 13, 3), ("vgg19", 16, 3), ("alexnet", 5, 3)])
def test_every_layer_of_a_plain_stack_stands_alone(slug: str, convolutions: int, dense: int, traced: Traced) -> None:
    steps = outline(traced(slug), "layer")
    assert [sum(step.kind == kind for step in steps) for kind in ("conv", "linear")] == [convolutions, dense]
    assert {step.repeat for step in steps} == {1}


@every_level
@every_network
def test_what_a_step_reads_is_what_its_operations_read(slug: str, level: str, traced: Traced) -> None:
    steps, ends = outline(traced(slug), level), []
    for step in steps:
        ends.append({layer.index for run in spread(traced(slug), step, steps) for layer in run})
    for at, step in enumerate(steps):
        sources = {s for i in ends[at] for s in traced(slug).layers[i].inputs}
        found = {before for before in range(at) if ends[before] & sources} | ({-1} if -1 in sources else set())
        assert set(step.reads) == found


def spread(trace: ShapeTrace, step: Segment, steps: Sequence[Segment]) -> list[list[LayerRecord]]:
    """All repetitions of a step: the layers of a folded block alternate."""
    block = step.layers[0].block
    alike = [each for each in steps if each.repeat == step.repeat > 1 and each.layers[0].block == block]
    length = sum(len(each.layers) for each in alike) or len(step.layers)
    return [[trace.layers[r.index + i * length] for r in step.layers] for i in range(step.repeat)]


@every_network
def test_the_longest_route_has_the_networks_depth(slug: str, traced: Traced) -> None:
    route = longest_route(outline(traced(slug), "layer"))
    weighted = sum(step.repeat * sum(layer.kind in WEIGHTED for layer in step.layers) for step in route)
    assert weighted == traced(slug).depth
    assert traced(slug).heads[0] == route[-1].layers[-1].index


@every_network
def test_a_layer_takes_what_trails_behind_it_along(slug: str, traced: Traced) -> None:
    for step in outline(traced(slug), "layer"):
        assert all(layer.kind in TRAILING for layer in step.layers[1:])
        assert all(b.inputs == (a.index,) for a, b in pairwise(step.layers))


@pytest.mark.parametrize("level", ["stage", "block"])
@every_network
def test_a_step_ends_with_its_last_volume_before_it_is_flattened(slug: str, level: str, traced: Traced) -> None:
    trace = traced(slug)
    for step in outline(trace, level):
        end = repetitions(trace, step)[-1]
        assert step.last in end
        assert {layer.kind for layer in end if layer.index > step.last.index} <= {"reshape", "dropout"}
        assert step.last.kind not in {"reshape", "dropout"} or {layer.kind for layer in end} <= {"reshape", "dropout"}


@every_level
@every_network
def test_a_step_with_weights_has_their_colour(slug: str, level: str, traced: Traced) -> None:
    for step in outline(traced(slug), level):
        weighted = {layer.kind for layer in step.layers if layer.kind in WEIGHTED}
        assert step.kind in (weighted or {layer.kind for layer in step.layers})


@every_network
def test_stages_are_steps_in_their_declared_order(slug: str, traced: Traced) -> None:
    names = [step.label for step in outline(traced(slug), "stage")]
    declared = [stage.name for stage in network(slug).stages]
    assert names == [name for name in declared if name in names]


@pytest.mark.parametrize("slug", ["googlenet", "googlenet-torchvision", "inception-v3"])
@every_level
def test_only_auxiliary_heads_lie_off_the_main_route(slug: str, level: str) -> None:
    trace = trace_shapes(NetworkInstance.of(network(slug), options={"aux": True}))
    off = {step.stage for step in outline(trace, level) if not step.main}
    assert off <= {stage.name for stage in network(slug).stages if stage.name.startswith("auxiliary head")}
    assert off


@every_level
@every_network
def test_by_default_everything_lies_on_the_main_route(slug: str, level: str, traced: Traced) -> None:
    assert all(step.main for step in outline(traced(slug), level))


@pytest.mark.parametrize(
    ("slug", "folds"),
    [
        ("resnet50", {"layer1.1": 2, "layer2.1": 3, "layer3.1": 5, "layer4.1": 2}),
        ("resnet34", {"layer1.0": 3, "layer2.1": 3, "layer3.1": 5, "layer4.1": 2}),
        ("cifar-resnet110", {"layer1.0": 18, "layer2.1": 17, "layer3.1": 17}),
        ("inception-v4", {"inception_a.0": 4, "inception_b.0": 7, "inception_c.0": 3}),
    ],
)
def test_known_repeats(slug: str, folds: dict[str, int], traced: Traced) -> None:
    found = {step.label: step.repeat for step in outline(traced(slug), "block") if step.repeat > 1}
    assert found == folds


# --- the graph of a block ---------------------------------------------------------------------------------------------


@every_network
def test_every_edge_of_every_block_leads_to_what_is_read(slug: str, traced: Traced) -> None:
    trace = traced(slug)
    for step in outline(trace, "block"):
        graph = block_graph(trace, step.label)
        drawn = [layer for node in graph.nodes for layer in node.layers]
        assert sorted(layer.index for layer in drawn) == [r.index for r in trace.layers if r.block == step.label]
        home = {layer.index: i for i, node in enumerate(graph.nodes) for layer in node.layers}
        for i, node in enumerate(graph.nodes):
            first = node.layers[0]
            assert len(node.inputs) == len(first.inputs)
            for edge, source, shape in zip(node.inputs, first.inputs, first.in_shapes, strict=True):
                assert -len(graph.entries) <= edge < i
                assert edge == home.get(source, edge)
                assert (edge >= 0) == (source in home)
                assert (graph.nodes[edge].out_shape if edge >= 0 else graph.entries[-1 - edge]) == shape
            for before, after in zip(node.layers, node.layers[1:], strict=False):
                assert after.inputs == (before.index,)


def test_the_graph_of_a_residual_block_has_its_skip(traced: Traced) -> None:
    graph = block_graph(traced("resnet18"), "layer1.0")
    assert graph.type == "BasicBlock"
    assert graph.entries == ((64, 56, 56),)
    assert [[layer.kind for layer in node.layers] for node in graph.nodes] == [
        ["conv", "norm", "activation"],
        ["conv", "norm"],
        ["add", "activation"],
    ]
    assert [node.inputs for node in graph.nodes] == [(-1,), (0,), (1, -1)]


def test_the_graph_of_a_block_with_a_projection(traced: Traced) -> None:
    graph = block_graph(traced("resnet50"), "layer2.0")
    assert [node.inputs for node in graph.nodes] == [(-1,), (0,), (1,), (-1,), (2, 3)]
    assert graph.nodes[3].out_shape == graph.nodes[2].out_shape == (512, 28, 28)


def test_the_graph_of_an_inception_module_has_four_branches(traced: Traced) -> None:
    graph = block_graph(traced("googlenet"), "inception4a")
    (concat,) = [node for node in graph.nodes if node.kind == "concat"]
    assert len(concat.inputs) == 4
    starts = [node for node in graph.nodes if node.inputs == (-1,)]
    assert [node.kind for node in starts] == ["conv", "conv", "conv", "pool"]
    assert sum(graph.nodes[i].out_shape[0] for i in concat.inputs) == concat.out_shape[0] == 512


def test_the_graph_of_a_gated_block_has_its_gate(traced: Traced) -> None:
    trace = traced("efficientnet-b0")
    (block,) = {r.block for r in trace.layers if r.kind == "multiply" and r.out_shape == (32, 112, 112)}
    graph = block_graph(trace, block)
    (gate,) = [node for node in graph.nodes if node.kind == "multiply"]
    volume, weights = (graph.nodes[i] for i in gate.inputs)
    assert volume.kind == "depthwise"
    assert prod(weights.out_shape) == 32


def test_entries_are_numbered_by_what_comes_from_outside(traced: Traced) -> None:
    graph = block_graph(traced("densenet121"), "features.denseblock1.denselayer3")
    assert graph.entries == ((64, 56, 56), (32, 56, 56), (32, 56, 56))
    assert graph.nodes[0].inputs == (-1, -2, -3)
