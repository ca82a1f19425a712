"""The networks, one family per file, each readable from top to bottom.

Law: torch and torchvision only. A file ends with `SPECS`, a tuple of `NetworkSpec`; every page, test and benchmark
picks up what stands there. To add a network, add an entry to a family's `SPECS`, or a new file with its own; nothing
else has to change (a new family wants a lesson in `explorer/text/*/lessons/networks/`). Shared bricks: `_blocks.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature
from typing import Any

from explorer.catalog import collect, lookup
from explorer.errors import BadOption
from explorer.networks._sources import source_files
from explorer.records import NetworkInstance, NetworkSpec

__all__ = [
    "adds",
    "build",
    "milestones",
    "network",
    "networks",
    "same_padding",
    "source_files",
    "takes_channels",
    "torchvision_block",
]


@cache
def networks() -> Mapping[str, NetworkSpec]:
    """Every network of the catalogue by slug, in order of year."""
    specs = collect(__name__, NetworkSpec)
    return dict(sorted(specs.items(), key=lambda item: item[1].year))


def milestones() -> tuple[str, ...]:
    """The networks of the timeline, one for each new idea, in order of publication."""
    specs = [spec for spec in networks().values() if spec.milestone]
    return tuple(spec.slug for spec in sorted(specs, key=lambda spec: spec.milestone))


def network(slug: str) -> NetworkSpec:
    """The spec of a network. Raises `UnknownEntry`, which names the nearest slugs."""
    return lookup(networks(), slug, "network")


def takes_channels(spec: NetworkSpec) -> bool:
    """Whether a network can be built for another number of input channels than its paper's."""
    return "channels" in signature(spec.build).parameters


def build(instance: NetworkInstance, spec: NetworkSpec | None = None) -> Any:
    """Build the network (an `nn.Module`) of an instance, taking (B, *input_shape).

    `spec` is for a network outside the catalogue. The weights are initialised by its builder, from torch's global
    generator. Raises `UnknownEntry`, and `BadOption` for an option or a number of channels that it does not take.
    """
    spec = spec or network(instance.slug)
    channels, native = instance.input_shape[0], spec.input_shape[0]
    if channels != native and not takes_channels(spec):
        raise BadOption(f"{spec.title} reads images of {native} channels, not of {channels}.")
    arguments = {} if channels == native else {"channels": channels}
    return spec.build(classes=instance.classes, **spec.options(dict(instance.options)), **arguments)


def adds(module: object) -> bool:
    """Whether a module is the addition of a residual block of this package."""
    from explorer.networks._blocks import Add, ScaledAdd

    return isinstance(module, Add | ScaledAdd)


def same_padding() -> Callable[..., Any]:
    """The function that pads as TensorFlow's "SAME" does, called with a volume, the side of a kernel and a stride."""
    from explorer.networks._same_padding import pad_same

    return pad_same


def torchvision_block(module: object) -> str:
    """File and class of a torchvision module ("resnet.Bottleneck"); "" for any other."""
    home, _, file = type(module).__module__.rpartition(".")
    return f"{file}.{type(module).__name__}" if home == "torchvision.models" else ""
