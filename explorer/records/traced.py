"""Records of a trace: operations, receptive fields, formulas.

Records made once per operation are named tuples: the 1000-layer networks make tens of thousands, and a frozen
dataclass of so many fields takes three times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from explorer.records.declared import OptionValue, Pair, Shape

if TYPE_CHECKING:
    import numpy as np


class Steps(NamedTuple):
    """Which cells of the map before a cell reads, along one axis: cell i reads ⌊(step·i + first) / cells⌋ to
    ⌊(step·i + last) / cells⌋. A sliding window has `cells` 1 and a step of its stride; upsampling by two has `cells` 2.
    """

    step: int
    cells: int
    first: int
    last: int


class Stairs(NamedTuple):
    """Windows along one axis behind upsampling, where neighbours share theirs or advance by turns.

    That of unit i begins at start + jump·⌊(step·i + first) / cells⌋ and ends before
    start + jump·⌊(step·i + last) / cells⌋ + size.
    """

    size: int
    jump: int
    start: int
    steps: Steps

    def window(self, index: int) -> Pair:
        """(first pixel, first pixel behind) of one unit's window."""
        step, cells, first, last = self.steps
        begin, end = ((step * index + offset) // cells for offset in (first, last))
        return self.start + self.jump * begin, self.start + self.jump * end + self.size


class ReceptiveField(NamedTuple):
    """The window of the input that one unit of a map depends on, along (vertical, horizontal).

    `size` is its side, `jump` the distance in input pixels between the windows of neighbouring units, `start` the
    first row and column of the window of unit (0, 0): negative where padding reaches out of the image.

    Behind upsampling windows differ by units: then `stairs` tells them by axis, `size` is the largest, and `jump` the
    mean rounded down, at least 1.
    """

    size: Pair
    jump: Pair
    start: Pair
    stairs: tuple[Stairs | None, Stairs | None] | None = None

    def window(self, row: int, column: int) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) of one unit's window in input pixels, bottom and right exclusive."""
        (top, bottom), (left, right) = (self._along(axis, index) for axis, index in enumerate((row, column)))
        return top, left, bottom, right

    def _along(self, axis: int, index: int) -> Pair:
        stairs = self.stairs[axis] if self.stairs else None
        if stairs is not None:
            return stairs.window(index)
        begin = self.start[axis] + index * self.jump[axis]
        return begin, begin + self.size[axis]


class Unusual(NamedTuple):
    """What few operations have.

    `transposed`: a transposed convolution, with `added` cells at the far end of its output. `end`: padding at the far
    end, where that is not `padding`. `through`: (kernel, stride, padding, dilation) along the first of three axes.
    `resampled`: what a cell of an upsampled map reads. `reads`: rows and columns that a linear layer reads, None for
    the whole map. `made_of`: sizes of the parameters, where weights are computed from others (weight normalisation).
    """

    transposed: bool = False
    added: Pair = (0, 0)
    end: Pair | None = None
    through: tuple[int, int, int, int] | None = None
    resampled: tuple[Steps, Steps] | None = None
    reads: Pair | None = None
    made_of: tuple[int, ...] = ()


class LayerRecord(NamedTuple):
    """One operation of a forward pass, in execution order.

    `kind` is one of `KINDS`. `inputs` are the indices of the records whose outputs it read (-1 is the image).
    `parameters` are trainable; `buffers` are running statistics. `macs` are multiply-adds at batch 1, counted for
    convolutions and linear layers only. `pads_for` is the (kernel, stride) that "SAME" padding makes
    room for. `module` is the dotted path of the module that ran it ("" is the network). `unusual` is what few have.
    Along a single axis the kernel is (1, f), and so on.
    """

    index: int  # type: ignore[assignment]  # hides `tuple.index`, which is not needed
    name: str
    kind: str
    module: str
    module_type: str
    stage: str
    block: str
    block_type: str
    inputs: tuple[int, ...]
    in_shapes: tuple[Shape, ...]
    out_shape: Shape
    parameters: int
    buffers: int
    macs: int
    rf: ReceptiveField
    kernel: Pair | None = None
    stride: Pair | None = None
    padding: Pair | None = None
    dilation: Pair | None = None
    groups: int | None = None
    ceil_mode: bool = False
    bias: bool = False
    function: str = ""
    pads_for: tuple[Pair, Pair] | None = None
    unusual: Unusual | None = None

    @property
    def in_shape(self) -> Shape:
        """Shape of the first input."""
        return self.in_shapes[0]

    @property
    def activation_bytes(self) -> int:
        """Memory of the output at batch 1 in float32, in bytes."""
        return 4 * prod(self.out_shape)

    @property
    def depth(self) -> int:
        """Depth in the module tree; 0 is the network itself."""
        return self.module.count(".") + 1 if self.module else 0


KINDS = (
    "conv",
    "depthwise",
    "linear",
    "pool",
    "norm",
    "activation",
    "add",
    "concat",
    "multiply",
    "reshape",
    "dropout",
    "other",
)
"""Kinds of operation, each with its colour and its name in every language."""

WEIGHTED = frozenset({"conv", "depthwise", "linear"})
"""The kinds whose multiply-adds are counted."""

TRAILING = frozenset({"norm", "activation", "dropout", "reshape"})
"""The kinds that are drawn together with the operation before them."""


@dataclass(frozen=True, slots=True)
class ShapeTrace:
    """One forward pass without its values: a record per operation, in execution order."""

    slug: str
    title: str
    input_shape: Shape
    classes: int
    options: Mapping[str, OptionValue]
    layers: tuple[LayerRecord, ...]
    heads: tuple[int, ...] = ()
    """Indices of the records that are outputs of the network: the classifier first, then auxiliary heads."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy does not pickle, and caches pickle traces
        plain = (self.slug, self.title, self.input_shape, self.classes, dict(self.options), self.layers, self.heads)
        return ShapeTrace, plain

    @property
    def parameters(self) -> int:
        """Trainable parameters that the pass used."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def buffers(self) -> int:
        """Running statistics of batch normalisation that the pass used."""
        return sum(layer.buffers for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-adds of convolutions and linear layers at batch 1."""
        return sum(layer.macs for layer in self.layers)

    @property
    def activation_bytes(self) -> int:
        """Memory of all outputs at batch 1 in float32, in bytes: what backpropagation needs."""
        return sum(layer.activation_bytes for layer in self.layers)

    @property
    def last_map(self) -> LayerRecord:
        """The last record whose output still has more than one position: the end of the convolutional part."""
        spatial = [r for r in self.layers if len(r.out_shape) == 3 and prod(r.out_shape[1:]) > 1]
        return spatial[-1] if spatial else self.layers[0]

    @property
    def depth(self) -> int:
        """Convolutions and linear layers on the longest path to the classifier.

        A gate (the squeeze-and-excitation branch into a multiplication) is no path: only the first input counts.
        """
        longest: dict[int, int] = {-1: 0}
        for layer in self.layers:
            sources = layer.inputs[:1] if layer.kind == "multiply" else layer.inputs
            before = max((longest[i] for i in sources), default=0)
            longest[layer.index] = before + (layer.kind in WEIGHTED)
        return longest[self.heads[0] if self.heads else len(self.layers) - 1]


class Formula(NamedTuple):
    """A number and its formula: in symbols, and with the numbers substituted."""

    value: int
    symbols: str
    substituted: str

    def __str__(self) -> str:
        return f"{self.substituted} = {self.value:,}"


@dataclass(frozen=True, slots=True, eq=False)
class FirstMaps:
    """Output of a network's first convolution for one image: float32 (C, H, W), from trained weights, or from untrained
    ones of `seed`.
    """

    layer: str
    maps: np.ndarray
    seed: int | None = None
