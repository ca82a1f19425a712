"""The networks: one family a file, each readable in one sitting, top to bottom.

Law: torch and torchvision only. A file ends with `SPECS`, a tuple of `NetworkSpec`; every page, test and benchmark
picks up what stands there. To add a network, add an entry to a family's `SPECS`, or a new file with its own; nothing
else has to change (a new family wants a lesson in `explorer/text/*/lessons/networks/`). Shared bricks: `_blocks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from inspect import signature
from typing import Any

from explorer.catalog import collect, lookup
from explorer.errors import BadOption
from explorer.networks._sources import source_files
from explorer.records import NetworkInstance, NetworkSpec

__all__ = ["adds", "build", "milestones", "network", "networks", "source_files", "takes_channels", "torchvision_block"]


@cache
def networks() -> Mapping[str, NetworkSpec]:
    """Every network of the catalogue by slug, in order of year."""
    found = collect(__name__, NetworkSpec)
    return dict(sorted(found.items(), key=lambda item: item[1].year))


def milestones() -> tuple[str, ...]:
    """The networks of the timeline: one for each new idea, in the order of their papers."""
    found = [spec for spec in networks().values() if spec.milestone]
    return tuple(spec.slug for spec in sorted(found, key=lambda spec: spec.milestone))


def network(slug: str) -> NetworkSpec:
    """One network. Raises `UnknownEntry`, naming the nearest slugs."""
    return lookup(networks(), slug, "network")


def takes_channels(spec: NetworkSpec) -> bool:
    """Whether a network can be built for images of another number of channels than its own."""
    return "channels" in signature(spec.build).parameters


def build(instance: NetworkInstance, spec: NetworkSpec | None = None) -> Any:
    """The network (an `nn.Module`) of an instance, taking (B, *input_shape).

    `spec` is that of a network outside the catalogue. The weights are as its builder draws them, from torch's global
    generator. Raises `UnknownEntry`, and `BadOption` for an option or a number of channels that it does not take.
    """
    declared = spec or network(instance.slug)
    channels, own = instance.input_shape[0], declared.input_shape[0]
    if channels != own and not takes_channels(declared):
        raise BadOption(f"{declared.title} reads images of {own} channels, not of {channels}.")
    reads = {} if channels == own else {"channels": channels}
    return declared.build(classes=instance.classes, **declared.options(dict(instance.options)), **reads)


def adds(module: object) -> bool:
    """Whether a module is the sum at the end of a residual block of ours."""
    from explorer.networks._blocks import Add, ScaledAdd

    return isinstance(module, Add | ScaledAdd)


def torchvision_block(module: object) -> str:
    """File and class of a module of torchvision's networks ("resnet.Bottleneck"); nothing for one of anybody else."""
    home, _, file = type(module).__module__.rpartition(".")
    return f"{file}.{type(module).__name__}" if home == "torchvision.models" else ""
