"""The block that a network is built of: the one whose inside shows its idea."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from explorer.folding.outline import block_graph, outline
from explorer.records import WEIGHTED, BlockGraph, ShapeTrace


@dataclass(frozen=True, slots=True)
class TellingBlock:
    """A block, the fold of an outline it belongs to, how many of its type there are, and what its graph shows.

    `ideas` are codes: "residual", "branches", "dense" (joins what comes from outside), "separable", "chain"; and inside
    of those "bottleneck", "inverted", "gate". The first is the main one.
    """

    graph: BlockGraph
    fold: str
    alike: int
    ideas: tuple[str, ...]


_RANK = ("residual", "branches", "dense", "separable", "chain")


def telling_block(trace: ShapeTrace) -> TellingBlock | None:
    """Among the blocks whose type occurs more than once, the first with the idea that tells most, and with most of what
    goes with it; None where all blocks differ, or are single layers.
    """
    blocks = dict.fromkeys((layer.block, layer.block_type) for layer in trace.layers)
    count = Counter(kind for _, kind in blocks)
    found = [
        TellingBlock(graph, fold, count[graph.type], ideas)
        for graph, fold in _candidates(trace)
        if count[graph.type] > 1 and (ideas := _ideas(graph))
    ]
    return min(found, key=lambda block: (_RANK.index(block.ideas[0]), -len(block.ideas)), default=None)


def _candidates(trace: ShapeTrace) -> Iterator[tuple[BlockGraph, str]]:
    """The first block of every fold, and the second: the first dense layer has nothing to join yet."""
    for segment in outline(trace, "block"):
        first = segment.layers[0].index
        for record in (first, first + len(segment.layers))[: segment.repeat]:
            yield block_graph(trace, trace.layers[record].block), segment.label


def _ideas(graph: BlockGraph) -> tuple[str, ...]:
    kinds = {node.kind for node in graph.nodes}
    weighted = sum(node.kind in WEIGHTED for node in graph.nodes)
    joins = [node for node in graph.nodes if node.kind == "concat" and len(node.inputs) > 1]
    inside = [node for node in joins if len([s for s in node.inputs if s >= 0]) > 1]
    ideas = [
        *(["residual"] if graph.residual_sum is not None else []),
        *(["branches"] if inside else ["dense"] if joins else []),
        *(["separable"] if not joins and graph.residual_sum is None and "depthwise" in kinds and weighted > 1 else []),
    ]
    if not ideas and weighted > 1:
        return ("chain",)
    return (*ideas, *([] if joins else _shape_of(graph)), *(["gate"] if _has_gate(graph) else [])) if ideas else ()


def _has_gate(graph: BlockGraph) -> bool:
    """Whether a volume is multiplied by something smaller."""
    products = (node.layers[0].in_shapes for node in graph.nodes if node.kind == "multiply")
    return any(len(shapes) == 2 and prod(shapes[1]) < prod(shapes[0]) for shapes in products)


def _shape_of(graph: BlockGraph) -> list[str]:
    """Whether a residual block is narrow or wide in the middle."""
    if graph.residual_sum is None:
        return []
    ends, grid = graph.entries[0][0], graph.entries[0][1:]
    middle = [node.out_shape[0] for node in graph.nodes if node.kind in WEIGHTED and node.out_shape[1:] == grid]
    if max(middle) > ends and "depthwise" in {node.kind for node in graph.nodes}:
        return ["inverted"]
    kernels = [node.layers[0].kernel for node in graph.nodes if node.kind in WEIGHTED]
    return ["bottleneck"] if min(middle) < ends and kernels[0] == kernels[-1] == (1, 1) else []
