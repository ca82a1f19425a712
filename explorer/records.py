"""Every frozen record that crosses a wall between two rooms.

Imports nothing but the standard library at run time, so that a page can hold records before torch is there. Shapes are
written (C, H, W) without the batch axis; parameters and MACs are plain integers; derived numbers are properties, never
stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from explorer.errors import BadOption

if TYPE_CHECKING:
    import numpy as np

Shape = tuple[int, ...]
"""(C, H, W) of a volume, (C,) of a vector."""

Pair = tuple[int, int]
"""(vertical, horizontal): kernels, strides, paddings and receptive fields may differ along the two axes."""

OptionValue = bool | int | float | str


# --- what a network declares ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Control:
    """One option of a network: the keyword its `build` takes and the values it may have.

    `choices` lists all values of a discrete option; a continuous one gives `low`, `high` and `step` instead.
    """

    name: str
    default: OptionValue
    choices: tuple[OptionValue, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0

    def accepts(self, value: object) -> bool:
        """Whether `value` is one of the choices, or lies between `low` and `high`."""
        if self.choices:
            return any(value == c and isinstance(value, bool) == isinstance(c, bool) for c in self.choices)
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Stage:
    """A named stretch of a network: the operations inside any of `modules` (dotted paths in the module tree)."""

    name: str
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """Where a network comes from."""

    authors: str
    title: str
    venue: str
    arxiv: str = ""

    @property
    def url(self) -> str:
        """Its page on arXiv, or an empty string."""
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""


@dataclass(frozen=True, slots=True)
class Published:
    """An accuracy somebody printed: top-1 and top-5 in percent, how it was measured, and where it stands.

    `recalled` marks a number quoted from memory instead of read in its source; it is shown as uncertain.
    """

    dataset: str
    top1: float | None
    top5: float | None
    protocol: str
    source: str
    recalled: bool = False

    @classmethod
    def errors(
        cls, dataset: str, top1: float | None, top5: float | None, protocol: str, source: str, recalled: bool = False
    ) -> Published:
        """The same from error rates in percent, as most papers print them."""
        accuracy = [None if error is None else round(100 - error, 3) for error in (top1, top5)]
        return cls(dataset, accuracy[0], accuracy[1], protocol, source, recalled)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """One network of the catalogue: how to build it, what to call its parts, and what is known of it.

    `build(classes=..., **options)` returns an untrained `nn.Module` taking (B, *input_shape). `stages` name stretches
    of its module tree from input to output. `cam_layer` is the module whose output is the last map before the head.
    `published[0]` is the headline accuracy. `lesson` names the lesson file in every language.
    """

    slug: str
    title: str
    family: str
    year: int
    paper: Paper
    build: Callable[..., Any] = field(repr=False, compare=False)
    input_shape: Shape
    classes: int
    stages: tuple[Stage, ...]
    cam_layer: str
    lesson: str
    controls: tuple[Control, ...] = ()
    published: tuple[Published, ...] = ()

    def options(self, chosen: Mapping[str, object] | None = None) -> dict[str, OptionValue]:
        """All options with their values: the defaults, overridden by `chosen`. Raises `BadOption`."""
        values: dict[str, OptionValue] = {control.name: control.default for control in self.controls}
        for name, value in (chosen or {}).items():
            control = next((c for c in self.controls if c.name == name), None)
            if control is None:
                raise BadOption(f"{self.title} takes no option {name!r}; it takes: {', '.join(values) or 'none'}.")
            if not control.accepts(value):
                allowed = ", ".join(map(str, control.choices)) or f"{control.low:g} to {control.high:g}"
                raise BadOption(f"{name} of {self.title} cannot be {value!r}; it can be: {allowed}.")
            values[name] = value  # type: ignore[assignment]  # accepts() has checked it
        return values


# --- what a trace writes down -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """The window of the input that one unit of a map depends on, along (vertical, horizontal).

    `size` is its side, `jump` the distance in input pixels between the windows of neighbouring units, `start` the
    first row and column of the window of unit (0, 0): negative where padding reaches out of the picture.
    """

    size: Pair
    jump: Pair
    start: Pair

    def window(self, row: int, column: int) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) of one unit's window in input pixels, bottom and right exclusive."""
        top = self.start[0] + row * self.jump[0]
        left = self.start[1] + column * self.jump[1]
        return top, left, top + self.size[0], left + self.size[1]


@dataclass(frozen=True, slots=True)
class LayerRecord:
    """One operation of a forward pass, in execution order.

    `kind` is one of `KINDS`. `inputs` are the indices of the records whose outputs it read (-1 is the picture).
    `parameters` are trainable; `buffers` are running statistics. `macs` are multiply-adds at batch 1, counted for
    convolutions and linear layers only. `module` is the dotted path of the module that ran it ("" is the network).
    """

    index: int
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
    """Everything one forward pass did, without its numbers: a record an operation, in execution order."""

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

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy does not pickle, and traces travel through caches
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
        """Memory of all outputs at batch 1 in float32, in bytes: what training would have to keep."""
        return sum(layer.activation_bytes for layer in self.layers)

    @property
    def last_map(self) -> LayerRecord:
        """The last record whose output still has more than one position: the end of the convolutional part."""
        spatial = [r for r in self.layers if len(r.out_shape) == 3 and prod(r.out_shape[1:]) > 1]
        return spatial[-1] if spatial else self.layers[0]

    @property
    def depth(self) -> int:
        """Convolutions and linear layers on the longest route to the classifier.

        A gate (the squeeze-and-excitation branch into a multiplication) is no route: only the first input counts.
        """
        longest: dict[int, int] = {-1: 0}
        for layer in self.layers:
            sources = layer.inputs[:1] if layer.kind == "multiply" else layer.inputs
            before = max((longest[i] for i in sources), default=0)
            longest[layer.index] = before + (layer.kind in WEIGHTED)
        return longest[self.heads[0] if self.heads else len(self.layers) - 1]


LEVELS = ("stage", "block", "layer")
"""Levels of detail of an outline, coarse to fine."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a trace seen as one step: a stage, a block, or a layer with its normalisation and activation.

    `layers` are the records of one repetition; `repeat` such stretches follow each other, the same but for their
    weights. Costs are of all repetitions together. `main` is False for what does not lead to the classifier
    (an auxiliary head).
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

    @property
    def in_shape(self) -> Shape:
        """Shape that enters the first repetition."""
        return self.layers[0].in_shape

    @property
    def out_shape(self) -> Shape:
        """Shape that leaves the last repetition."""
        return self.last.out_shape

    @property
    def rf(self) -> ReceptiveField:
        """Receptive field of what leaves the last repetition."""
        return self.last.rf


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node of a block's graph: an operation with the normalisation and activation that follow it alone.

    `inputs` are indices of nodes of the same graph; -1, -2 ... are volumes that enter the block from outside.
    """

    layers: tuple[LayerRecord, ...]
    inputs: tuple[int, ...]

    @property
    def kind(self) -> str:
        """Kind of the operation that gives the node its name."""
        return self.layers[0].kind

    @property
    def out_shape(self) -> Shape:
        """Shape that leaves the node."""
        return self.layers[-1].out_shape


@dataclass(frozen=True, slots=True)
class BlockGraph:
    """The operations of one block and how they are joined; `entries` are the shapes that come from outside."""

    block: str
    type: str
    nodes: tuple[GraphNode, ...]
    entries: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A number together with how it comes about: the rule in symbols and the same with its numbers put in."""

    value: int
    symbols: str
    substituted: str

    def __str__(self) -> str:
        return f"{self.substituted} = {self.value:,}"


@dataclass(frozen=True, slots=True, eq=False)
class FirstMaps:
    """Output of a network's first convolution for one picture: float32 (C, H, W), from untrained weights of `seed`."""

    layer: str
    maps: np.ndarray
    seed: int


@dataclass(frozen=True, slots=True)
class NetworkCard:
    """What the Atlas must know of a network before torch is there: the declared facts and the counted totals.

    `depth` counts weight layers on the longest route; `top1` is an accuracy on `dataset` in percent, or None;
    `single_crop` says that one crop a picture was measured; `milestone` is its place on the timeline, from 1, or 0.
    """

    slug: str
    title: str
    family: str
    year: int
    citation: str
    url: str
    lesson: str
    input_shape: Shape
    classes: int
    parameters: int
    macs: int
    activation_bytes: int
    depth: int
    rf_size: int
    dataset: str
    top1: float | None
    protocol: str
    source: str
    recalled: bool = False
    single_crop: bool = False
    milestone: int = 0
