"""A trace folded for the eye: into stages, into blocks drawn once with xN, and into the graph of one block."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import groupby

from explorer.records import TRAILING, WEIGHTED, BlockGraph, GraphNode, LayerRecord, Segment, Shape, ShapeTrace

Run = tuple[LayerRecord, ...]


def outline(trace: ShapeTrace, level: str) -> tuple[Segment, ...]:
    """The trace as steps of one `level`: "stage", "block" or "layer".

    Blocks that repeat (the same operations with the same widths) are folded into one segment with `repeat` > 1; at
    "layer" the layers of a folded block appear once, each with the repeat of its block.
    """
    main = _route(trace)
    if level == "stage":
        return tuple(_segment([run], run[0].stage, "", main) for run in _runs(trace.layers, lambda r: r.stage))
    segments = []
    for blocks in _folded(trace.layers):
        if level == "block":
            segments.append(_segment(blocks, blocks[0][0].block, blocks[0][0].block_type, main))
        else:
            for steps in zip(*map(_steps, blocks), strict=True):
                segments.append(_segment(list(steps), steps[0][0].name, steps[0][0].module_type, main))
    return tuple(segments)


def _runs(layers: Iterable[LayerRecord], key: Callable[[LayerRecord], object]) -> list[Run]:
    return [tuple(run) for _, run in groupby(layers, key)]


def _folded(layers: Iterable[LayerRecord]) -> list[list[Run]]:
    """Blocks in order; neighbours of one stage that are alike lie in one list."""
    blocks = _runs(layers, lambda r: (r.stage, r.block))
    return [list(alike) for _, alike in groupby(blocks, lambda run: (run[0].stage, _signature(run)))]


def _signature(block: Run) -> tuple[object, ...]:
    """What blocks must share to be drawn once: the same operations, and the same widths wherever there are weights.

    What enters may differ: each dense layer reads more channels than the one before, and does the same with them.
    """
    operations = tuple((r.kind, r.function, r.kernel, r.stride, r.padding, r.dilation) for r in block)
    widths = tuple(r.out_shape for r in block if r.kind in WEIGHTED)
    return block[0].block_type, operations, widths, block[-1].out_shape


def _steps(block: Run) -> list[Run]:
    """Layers of a block, each with the normalisation, activation and dropout behind it."""
    steps: list[list[LayerRecord]] = []
    for layer in block:
        if steps and layer.kind in TRAILING:
            steps[-1].append(layer)
        else:
            steps.append([layer])
    return [tuple(step) for step in steps]


def _segment(runs: list[Run], label: str, kind_of_block: str, main: frozenset[int]) -> Segment:
    every = [layer for run in runs for layer in run]
    return Segment(
        label=label,
        type=kind_of_block,
        kind=_leading(runs[0]),
        stage=runs[0][0].stage,
        layers=runs[0],
        last=_result(runs[-1]),
        repeat=len(runs),
        parameters=sum(layer.parameters for layer in every),
        macs=sum(layer.macs for layer in every),
        activation_bytes=sum(layer.activation_bytes for layer in every),
        main=runs[-1][-1].index in main,
    )


def _result(run: Run) -> LayerRecord:
    """The volume that leaves a stretch, before it is flattened for the next."""
    return next((layer for layer in reversed(run) if layer.kind not in {"reshape", "dropout"}), run[-1])


def _leading(run: Run) -> str:
    """The kind that gives a stretch its colour: the one that does most of the work."""
    work: dict[str, int] = {}
    for layer in run:
        if layer.kind in WEIGHTED:
            work[layer.kind] = work.get(layer.kind, 0) + layer.macs
    if work:
        return max(work, key=lambda kind: work[kind])
    return next((layer.kind for layer in run if layer.kind not in TRAILING), run[0].kind)


def _route(trace: ShapeTrace) -> frozenset[int]:
    """Indices of the records that lead to the classifier."""
    route: set[int] = set()
    waiting = [trace.heads[0]] if trace.heads else []
    while waiting:
        index = waiting.pop()
        if index >= 0 and index not in route:
            route.add(index)
            waiting.extend(trace.layers[index].inputs)
    return frozenset(route)


def block_graph(trace: ShapeTrace, block: str) -> BlockGraph:
    """The graph of one block: its operations as nodes, its skips and concats as edges."""
    layers = [layer for layer in trace.layers if layer.block == block]
    inside = {layer.index for layer in layers}
    readers: dict[int, int] = {}
    for layer in trace.layers:
        for source in layer.inputs:
            readers[source] = readers.get(source, 0) + 1
    home: dict[int, int] = {}  # record index -> node index
    parts: list[list[LayerRecord]] = []
    for layer in layers:
        source = layer.inputs[0]
        if layer.kind in TRAILING and source in inside and readers[source] == 1 and len(layer.inputs) == 1:
            parts[home[source]].append(layer)
            home[layer.index] = home[source]
        else:
            home[layer.index] = len(parts)
            parts.append([layer])
    entries: dict[int, Shape] = {}
    nodes = []
    for part in parts:
        inputs = []
        for source, shape in zip(part[0].inputs, part[0].in_shapes, strict=True):
            if source in inside:
                inputs.append(home[source])
            else:
                entries.setdefault(source, shape)
                inputs.append(-1 - list(entries).index(source))
        nodes.append(GraphNode(tuple(part), tuple(inputs)))
    return BlockGraph(block, layers[0].block_type, tuple(nodes), tuple(entries.values()))
