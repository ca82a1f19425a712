"""Which networks a lighter sibling answers for, in tests that would take minutes with all of them."""

from __future__ import annotations

SIBLINGS = {
    "cifar-resnet20": ("cifar-resnet32", "cifar-resnet44", "cifar-resnet56", "cifar-resnet110", "cifar-resnet1202"),
    "cifar-plain20": ("cifar-plain32", "cifar-plain44", "cifar-plain56", "cifar-plain110"),
    "preact-resnet164-cifar": ("preact-resnet1001-cifar",),
    "preact-resnet50": ("preact-resnet200",),
    "resnet50": ("resnet101", "resnet152"),
    "densenet121": ("densenet161", "densenet169", "densenet201"),
    "efficientnet-b0": tuple(f"efficientnet-b{phi}" for phi in range(1, 8)),
    "vgg11": ("vgg13", "vgg16", "vgg19"),
}
"""A network, and those that are made of the same modules, more often (held by a test)."""

HEAVY = frozenset(slug for others in SIBLINGS.values() for slug in others)


def is_heavy(slug: str) -> bool:
    """Whether a lighter network is made of the same modules."""
    return slug in HEAVY
