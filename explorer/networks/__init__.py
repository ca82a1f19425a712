"""The networks: one family a file, each readable in one sitting, top to bottom.

Law: torch and torchvision only. A file ends with `SPECS`, a tuple of `NetworkSpec`; every page, test and benchmark
picks up what stands there. To add a network, add an entry to a family's `SPECS`, or a new file with its own; nothing
else has to change (a new family wants a lesson in `explorer/text/*/lessons/`). Shared bricks live in `_blocks.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from explorer.catalog import collect, lookup
from explorer.networks._sources import source_files
from explorer.records import NetworkSpec

__all__ = ["MILESTONES", "network", "networks", "source_files"]

MILESTONES = (
    "lenet5-1998",
    "alexnet",
    "nin-cifar10",
    "googlenet",
    "vgg16",
    "bn-inception",
    "inception-v3",
    "resnet50",
    "densenet121",
    "inception-v4",
    "inception-resnet-v2",
    "preact-resnet200",
    "squeezenet1-0",
    "mobilenet-v1",
    "mobilenet-v2",
    "mobilenet-v3-large",
    "efficientnet-b0",
)
"""The networks that stand on the Atlas's timeline: one for each new idea, in the order of their papers."""


@cache
def networks() -> Mapping[str, NetworkSpec]:
    """Every network of the catalogue by slug, in order of year."""
    found = collect(__name__, NetworkSpec)
    return dict(sorted(found.items(), key=lambda item: item[1].year))


def network(slug: str) -> NetworkSpec:
    """One network. Raises `UnknownEntry`, naming the nearest slugs."""
    return lookup(networks(), slug, "network")
