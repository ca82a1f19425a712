"""Fold a trace for display: into stages, blocks (repeated ones once, with xN) or layers; the graph of one block.

Law: records only, no torch: a recorded trace is folded before it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from explorer.records import TRAILING, WEIGHTED, BlockGraph, GraphNode, LayerRecord, Segment, Shape, ShapeTrace

Run = tuple[LayerRecord, ...]


def outline(trace: ShapeTrace, level: str) -> tuple[Segment, ...]:
    """The trace as segments of one `level`: "stage", "block" or "layer".

    Blocks that repeat (the same operations with the same widths) are folded into one segment with `repeat` > 1; at
    "layer" the layers of a folded block appear once, each with the repeat of its block. A block that is one layer is
    not folded there: in VGG every convolution is a segment of its own.
    """
    folds = list(_folds(trace.layers, level))
    home = {record.index: at for at, (runs, _, _) in enumerate(folds) for run in runs for record in run} | {-1: -1}
    main = _main_path(trace)
    return tuple(
        _segment(runs, label, kind, main, _reads(runs, at, home)) for at, (runs, label, kind) in enumerate(folds)
    )


def _folds(layers: Sequence[LayerRecord], level: str) -> Iterator[tuple[list[Run], str, str]]:
    """(the repetitions of a stretch, its label, its type) for every segment of a level."""
    if level == "stage":
        yield from (([run], run[0].stage, "") for run in _consecutive(layers, lambda r: r.stage))
        return
    for blocks in _repeated_blocks(layers):
        steps = list(zip(*map(_steps, blocks), strict=True))
        if level == "block":
            yield blocks, blocks[0][0].block, blocks[0][0].block_type
        elif len(steps) == 1:
            yield from (([step], step[0].name, step[0].module_type) for step in steps[0])
        else:
            yield from ((list(step), step[0][0].name, step[0][0].module_type) for step in steps)


def _reads(runs: Sequence[Run], at: int, home: Mapping[int, int]) -> tuple[int, ...]:
    """The segments before the one `at` whose outputs its records read, in the order of their inputs."""
    sources = (home[source] for run in runs for record in run for source in record.inputs)
    return tuple(dict.fromkeys(source for source in sources if source < at))


def longest_route(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The segments on the longest path to the classifier: the one that a network's depth is counted on.

    Of parallel branches it takes the one with most convolutions; a gate (the branch into a multiplication) is no path.
    """
    length, before = {-1: 0}, {-1: -1}
    for at, segment in enumerate(segments):
        volumes = segment.reads[:1] if segment.layers[0].kind == "multiply" else segment.reads
        before[at] = max(volumes, key=length.__getitem__)
        weighted = sum(record.kind in WEIGHTED for record in segment.layers)
        length[at] = length[before[at]] + weighted * segment.repeat
    at = max(i for i, segment in enumerate(segments) if segment.main)
    route = []
    while at >= 0:
        route.append(segments[at])
        at = before[at]
    return tuple(reversed(route))


def _consecutive(layers: Iterable[LayerRecord], key: Callable[[LayerRecord], object]) -> list[Run]:
    return [tuple(run) for _, run in groupby(layers, key)]


def _repeated_blocks(layers: Iterable[LayerRecord]) -> list[list[Run]]:
    """Blocks in execution order; consecutive ones of a stage with equal signatures are in one list."""
    blocks = _consecutive(layers, lambda r: (r.stage, r.block))
    return [list(alike) for _, alike in groupby(blocks, lambda run: (run[0].stage, _signature(run)))]


def _signature(block: Run) -> tuple[object, ...]:
    """Key that is equal for repeated blocks: the operations, and the output shapes of those with weights.

    Inputs may differ: each dense layer reads more channels than the one before, and does the same with them.
    """
    operations = tuple((r.kind, r.function, r.kernel, r.stride, r.padding, r.dilation) for r in block)
    widths = tuple(r.out_shape for r in block if r.kind in WEIGHTED)
    return block[0].block_type, operations, widths, block[-1].out_shape


def _steps(block: Run) -> list[Run]:
    """Layers of a block, each with the normalisation, activation and dropout that read it."""
    steps: list[list[LayerRecord]] = []
    for layer in block:
        if steps and layer.kind in TRAILING and layer.inputs == (steps[-1][-1].index,):
            steps[-1].append(layer)
        else:
            steps.append([layer])
    return [tuple(step) for step in steps]


def _segment(runs: list[Run], label: str, kind_of_block: str, main: frozenset[int], reads: tuple[int, ...]) -> Segment:
    layers = [layer for run in runs for layer in run]
    return Segment(
        label=label,
        type=kind_of_block,
        kind=_dominant_kind(runs[0]),
        stage=runs[0][0].stage,
        layers=runs[0],
        last=_output_record(runs[-1]),
        repeat=len(runs),
        parameters=sum(layer.parameters for layer in layers),
        macs=sum(layer.macs for layer in layers),
        activation_bytes=sum(layer.activation_bytes for layer in layers),
        main=runs[-1][-1].index in main,
        reads=reads,
    )


def _output_record(run: Run) -> LayerRecord:
    """The record of a run's output, before flatten and dropout."""
    return next((layer for layer in reversed(run) if layer.kind not in {"reshape", "dropout"}), run[-1])


def _dominant_kind(run: Run) -> str:
    """The kind that gives a run its colour: the one with most MACs."""
    macs: dict[str, int] = {}
    for layer in run:
        if layer.kind in WEIGHTED:
            macs[layer.kind] = macs.get(layer.kind, 0) + layer.macs
    if macs:
        return max(macs, key=lambda kind: macs[kind])
    return next((layer.kind for layer in run if layer.kind not in TRAILING), run[0].kind)


def _main_path(trace: ShapeTrace) -> frozenset[int]:
    """Indices of the records on a path to the classifier."""
    path: set[int] = set()
    pending = [trace.heads[0]] if trace.heads else []
    while pending:
        index = pending.pop()
        if index >= 0 and index not in path:
            path.add(index)
            pending.extend(trace.layers[index].inputs)
    return frozenset(path)


def block_graph(trace: ShapeTrace, block: str) -> BlockGraph:
    """The graph of one block: its operations as nodes, its skips and concats as edges."""
    layers = [layer for layer in trace.layers if layer.block == block]
    inside = {layer.index for layer in layers}
    consumers: dict[int, int] = {}
    for layer in trace.layers:
        for source in layer.inputs:
            consumers[source] = consumers.get(source, 0) + 1
    node_of: dict[int, int] = {}  # record index -> node index
    parts: list[list[LayerRecord]] = []
    for layer in layers:
        source = layer.inputs[0]
        if layer.kind in TRAILING and source in inside and consumers[source] == 1 and len(layer.inputs) == 1:
            parts[node_of[source]].append(layer)
            node_of[layer.index] = node_of[source]
        else:
            node_of[layer.index] = len(parts)
            parts.append([layer])
    entries: dict[int, Shape] = {}
    nodes = []
    for part in parts:
        inputs = []
        for source, shape in zip(part[0].inputs, part[0].in_shapes, strict=True):
            if source in inside:
                inputs.append(node_of[source])
            else:
                entries.setdefault(source, shape)
                inputs.append(-1 - list(entries).index(source))
        nodes.append(GraphNode(tuple(part), tuple(inputs)))
    return BlockGraph(block, layers[0].block_type, tuple(nodes), tuple(entries.values()))
