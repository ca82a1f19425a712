"""Small networks whose outputs can be computed by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.networks import network
from explorer.records import Normalize, ShapeTrace
from explorer.training.evaluating import Normalizer
from tests.random_weights import trace_of


def built(slug: str, seed: int = 0) -> tuple[nn.Module, ShapeTrace]:
    """A network with random weights and running statistics, and its trace."""
    spec = network(slug)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        net = spec.build(classes=spec.classes, **spec.options()).eval().requires_grad_(False)
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)  # type: ignore[union-attr]
                module.running_var.uniform_(0.5, 1.5)  # type: ignore[union-attr]
    return net, trace_of(slug)


def scale_of(channels: int) -> Normalizer:
    return Normalizer.of(Normalize((120.0,) * channels, (60.0,) * channels))


def some_images(count: int, channels: int, side: int, seed: int = 1) -> torch.Tensor:
    """uint8 (N, C, H, W)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, channels, side, side), generator=generator, dtype=torch.uint8)


def hooks_of(net: nn.Module) -> int:
    """Number of hooks registered on a network."""
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return sum(len(getattr(module, kind)) for module in net.modules() for kind in kinds)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
