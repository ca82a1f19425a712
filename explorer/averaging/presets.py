"""Ready-made measurements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.averaging.schemes import SCHEMES


@dataclass(frozen=True, slots=True)
class Plan:
    """Members by the id of their model, the usual data set, the schemes, and how many test images (0: all)."""

    name: str
    dataset: str
    members: tuple[str, ...]
    schemes: tuple[str, ...] = SCHEMES
    images: int = 0


_CIFAR = tuple(
    f"recorded:cifar-{run}-seed0"
    for run in (
        "he-cifar-resnet20",
        "fast-cifar-resnet56",
        "fast-cifar-resnet20",
        "fast-cifar-plain20",
        "fast-cifar-plain56",
        "short-cifar-resnet20",
        "short-cifar-plain20",
    )
)
_LITE = tuple(f"pretrained:efficientnet-lite{version}" for version in (0, 1, 2))
_LENET = tuple(
    f"recorded:lenet-lab-{digest}"
    for digest in (
        "90af4ec6f73d695b",  # ReLU, max pooling
        "77cc261b23ab492c",  # ReLU, average pooling
        "b8f7cf3192b011a3",  # tanh, average
        "d518c0dcc59e6251",  # tanh, max
        "58f2d0b381f2b363",  # ReLU, max, pixels from 0 to 1
        "83d09416bc55dbf5",  # sigmoid, average: at chance
    )
)
_FIXED = ("one", "flip", "ten")  # LeNet-5 reads one size only

PLANS: Mapping[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan("cifar", "own:cifar10", _CIFAR),
        Plan("lite", "own:cifar10", _LITE, images=5_000),
        Plan("digits", "digits28", _LENET, _FIXED),
        Plan("tiny", "digits28", _LENET[:2], _FIXED, images=40),
    )
}
"""By name. Of `lite`, CIFAR-10's images are enlarged, and ImageNet's classes are read as CIFAR-10's (`grouping`)."""
