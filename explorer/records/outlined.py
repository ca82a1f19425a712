"""A trace folded for display: segments of an outline, and the graph of one block."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records.declared import Shape
from explorer.records.traced import LayerRecord, ReceptiveField

LEVELS = ("stage", "block", "layer")
"""Levels of detail of an outline, coarse to fine."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive records shown as one: a stage, a block, or a layer with its normalisation and activation.

    `layers` are the records of one repetition; `repeat` of them follow each other, with equal shapes and other
    weights. Costs are of all repetitions together. `main` is False for what does not lead to the classifier
    (an auxiliary head). `reads` are the numbers of the segments of the same outline whose outputs it reads, from 0; -1
    is the image.
    """

    label: str
    type: str
    kind: str
    stage: str
    layers: tuple[LayerRecord, ...]
    last: LayerRecord
    repeat: int
    parameters: int
    macs: int
    activation_bytes: int
    main: bool
    reads: tuple[int, ...]

    @property
    def in_shape(self) -> Shape:
        """Input shape of the first repetition."""
        return self.layers[0].in_shape

    @property
    def out_shape(self) -> Shape:
        """Output shape of the last repetition."""
        return self.last.out_shape

    @property
    def rf(self) -> ReceptiveField:
        """Receptive field of the last repetition's output."""
        return self.last.rf


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a block's graph: an operation with the normalisation and activation that only it feeds.

    `inputs` are indices of nodes of the same graph; -1, -2 ... are volumes that enter the block from outside.
    """

    layers: tuple[LayerRecord, ...]
    inputs: tuple[int, ...]

    @property
    def kind(self) -> str:
        """Kind of the node's first operation."""
        return self.layers[0].kind

    @property
    def out_shape(self) -> Shape:
        """Output shape of the node."""
        return self.layers[-1].out_shape


@dataclass(frozen=True, slots=True)
class BlockGraph:
    """The operations of one block as a graph; `entries` are the shapes of its inputs from outside."""

    block: str
    type: str
    nodes: tuple[GraphNode, ...]
    entries: tuple[Shape, ...]

    @property
    def residual_sum(self) -> int | None:
        """The node where the block adds its own input, untouched, to what it has computed of it; None without one."""
        if len(self.entries) > 1:
            return None
        sums = (i for i, node in enumerate(self.nodes) if node.kind == "add" and len(node.inputs) == 2)
        return next((i for i in sums if -1 in self.nodes[i].inputs), None)
