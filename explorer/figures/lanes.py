"""What of a network stands in a row and what in lanes above each other: read from who reads what, never from names.

An arrangement is nested: a number stands for one volume, a `Row` for what follows each other, a `Stack` for what runs
side by side. Two volumes share a row only if one of them is computed from the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TypeAlias

from explorer.records import LayerRecord, Segment


@dataclass(frozen=True, slots=True)
class Row:
    """What follows each other, from left to right."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Parallel branches, from top to bottom.

    Where the others compute its gate, the first lane is empty, with the number -k: on it, a volume passes on to number
    k, which multiplies it.
    """

    lanes: tuple[Row, ...]

    @property
    def gated(self) -> bool:
        """Whether a volume passes straight on, and the lanes below only weigh its channels."""
        return _is_empty(self.lanes[0].items[0])


Item: TypeAlias = "int | Row | Stack"


def arranged(segments: Sequence[Segment]) -> Row:
    """An outline from the image, number 0, to the classifier; segments on the way there are numbered from 1."""
    reads: dict[int, Sequence[int]] = dict(enumerate(read_by(segments)))
    for k, segment in enumerate((segment for segment in segments if segment.main), 1):
        if _weighs_channels(segment):
            volume, *weights = reads[k]
            reads |= {-k: [volume], k: [-k, *weights]}
    return _row(_Graph(reads), sorted(reads, key=_rank))


def read_by(segments: Sequence[Segment]) -> list[tuple[int, ...]]:
    """What each volume reads, with the numbers of `arranged`."""
    main = [-1, *(number for number, segment in enumerate(segments) if segment.main)]
    place = {number: k for k, number in enumerate(main)}
    return [(), *(tuple(place[s] for s in segments[number].reads) for number in main[1:])]


def branches(layers: Iterable[LayerRecord]) -> tuple[tuple[tuple[LayerRecord, ...], ...], ...]:
    """The parallel stretches of a block's operations one after the other, each as its lanes."""
    inside = {layer.index: layer for layer in layers}
    graph = _Graph({index: [s for s in layer.inputs if s in inside] for index, layer in inside.items()})
    stacks = (item for item in _row(graph, list(inside)).items if isinstance(item, Stack))
    return tuple(tuple(tuple(inside[i] for i in volumes(lane)) for lane in stack.lanes) for stack in stacks)


def volumes(item: Item) -> Iterator[int]:
    """The numbers of all volumes of an arrangement."""
    if isinstance(item, int):
        yield from () if _is_empty(item) else (item,)
    else:
        for part in item.items if isinstance(item, Row) else item.lanes:
            yield from volumes(part)


def columns(item: Item) -> int:
    """How many volumes stand beside each other."""
    if isinstance(item, Row):
        return sum(map(columns, item.items))
    return max(map(columns, item.lanes)) if isinstance(item, Stack) else 1


def _rank(number: int) -> tuple[int, int]:
    """Execution order, an empty lane just before the volume that it leads to."""
    return abs(number), number


def _is_empty(item: Item) -> bool:
    return isinstance(item, int) and item < 0


def _weighs_channels(segment: Segment) -> bool:
    """Whether it multiplies a volume by something smaller: weights of its channels, which a branch computes."""
    first = segment.layers[0]
    return first.kind == "multiply" and len(segment.reads) == 2 and prod(first.in_shapes[1]) < prod(first.in_shapes[0])


class _Graph:
    """Which volumes are computed from which."""

    def __init__(self, reads: Mapping[int, Sequence[int]]) -> None:
        self.reads = reads
        self.above: dict[int, int] = {}  # the bits of all that a volume depends on
        self.bit = {node: 1 << k for k, node in enumerate(reads)}
        for node in sorted(reads, key=_rank):
            self.above[node] = 0
            for source in reads[node]:
                self.above[node] |= self.bit[source] | self.above[source]

    def related(self, a: int, b: int) -> bool:
        return a == b or bool(self.bit[a] & self.above[b] or self.bit[b] & self.above[a])


def _row(graph: _Graph, nodes: Sequence[int]) -> Row:
    """Volumes that all paths run through, in their order; and between them, what runs in parallel."""
    items: list[Item] = []
    aside: list[int] = []
    for node in nodes:
        if all(graph.related(node, other) for other in nodes):
            items += [*_stacks(graph, aside), node]
            aside = []
        else:
            aside.append(node)
    return Row((*items, *_stacks(graph, aside)))


def _stacks(graph: _Graph, nodes: Sequence[int]) -> list[Stack]:
    """Branches without an edge between them are lanes; what is interwoven is cut into columns of equal depth."""
    parts = _components(graph, nodes)
    if len(parts) == 1:
        return [Stack(tuple(Row((node,)) for node in column)) for column in _by_depth(graph, nodes)]
    return [Stack(tuple(_row(graph, part) for part in parts))] if parts else []


def _components(graph: _Graph, nodes: Sequence[int]) -> list[list[int]]:
    """What hangs together, in execution order."""
    parts: list[list[int]] = []
    for node in nodes:
        touched = [part for part in parts if not set(part).isdisjoint(graph.reads[node])]
        parts = [part for part in parts if part not in touched]
        parts.append([*(each for part in touched for each in part), node])
    rank = {node: k for k, node in enumerate(nodes)}
    parts = [sorted(part, key=rank.__getitem__) for part in parts]
    return sorted(parts, key=lambda part: (part[0] >= 0, rank[part[0]]))  # an empty lane comes first


def _by_depth(graph: _Graph, nodes: Sequence[int]) -> list[list[int]]:
    depth: dict[int, int] = {}
    for node in nodes:
        depth[node] = 1 + max((depth[source] for source in graph.reads[node] if source in depth), default=0)
    return [[node for node in nodes if depth[node] == level] for level in sorted(set(depth.values()))]
