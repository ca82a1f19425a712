"""Declaration of a network (`NetworkSpec`), and its summary on the Atlas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.errors import BadOption

Shape = tuple[int, ...]
"""(C, H, W) of a volume, (C,) of a vector; no batch axis."""

Pair = tuple[int, int]
"""(vertical, horizontal): kernels, strides, paddings and receptive fields may differ along the two axes."""

OptionValue = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Control:
    """An option of a network: the keyword argument of its `build` and the allowed values.

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
    """A named part of a network: the operations inside any of `modules` (dotted paths in the module tree)."""

    name: str
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper that introduced a network."""

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
    """A published accuracy: top-1 and top-5 in percent, the protocol of the measurement, and the source."""

    dataset: str
    top1: float | None
    top5: float | None
    protocol: str
    source: str

    @property
    def comparable(self) -> bool:
        """Whether it is a single-crop accuracy of weights trained about as in the network's paper."""
        return self.protocol.startswith("1 crop") and "recipe of" not in self.protocol

    @classmethod
    def errors(cls, dataset: str, top1: float | None, top5: float | None, protocol: str, source: str) -> Published:
        """Construct from error rates in percent, as most papers print them."""
        accuracy = [None if error is None else round(100 - error, 3) for error in (top1, top5)]
        return cls(dataset, accuracy[0], accuracy[1], protocol, source)


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """Declaration of one network of the catalogue: its builder, stages, options and published results.

    `build(classes=..., **options)` returns an untrained `nn.Module` taking (B, *input_shape). `stages` name parts
    of its module tree from input to output. `cam_layer` is the module whose output is the last map before the head.
    `published[0]` is the headline accuracy. `lesson` names the lesson file in every language. `depth` counts weight
    layers where a family is compared by it, else 0; an option of that name overrides it. `twin` is the slug of the
    same network with or without its skips, `plain` marks the one without. `torchvision` is the name of
    torchvision's builder, where the network with its default options is torchvision's own, so that its weights fit;
    `package` is the Python package that brings trained weights along;
    `halves`: these take pixels from -1 to 1 (torchvision's networks rescale from ImageNet's normalisation inside).
    `milestone` is the network's position on the timeline, from 1, or 0.
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
    depth: int = 0
    twin: str = ""
    plain: bool = False
    torchvision: str = ""
    package: str = ""
    halves: bool = False
    milestone: int = 0

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


@dataclass(frozen=True, slots=True)
class NetworkSummary:
    """What the Atlas shows of a network before torch is imported: declared facts and counted totals.

    `depth` counts weight layers on the longest path; `top1` is an accuracy on `dataset` in percent, or None;
    `comparable`: it is a single-crop accuracy with the paper's own recipe; `milestone` is the network's position
    on the timeline, from 1, or 0. `package` and `file` are where trained weights are: the Python package that brings
    them along, or the name of torchvision's file; empty where there are none.
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
    comparable: bool = False
    milestone: int = 0
    package: str = ""
    file: str = ""
