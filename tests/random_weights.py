"""Networks of the catalogue without memory, traced, and with cheap weights: each made once and used again and again."""

from __future__ import annotations

from functools import cache
from math import sqrt

import torch
from torch import Tensor, nn

from explorer.networks import network
from explorer.records import NetworkInstance, NetworkSpec, ShapeTrace
from explorer.tracing import build_on_meta, smallest_side, trace_shapes


@cache
def on_meta(slug: str) -> nn.Module:
    """A network with its default options, of shapes only, in evaluation mode: to look at, not to change."""
    spec = network(slug)
    return build_on_meta(NetworkInstance.of(spec)).eval()


@cache
def trace_of(slug: str) -> ShapeTrace:
    """The trace of a network with its default options."""
    return trace_shapes(NetworkInstance.of(network(slug)))


@cache
def smallest_of(slug: str) -> int | None:
    """The smallest square input in pixels that a network with its default options takes."""
    spec = network(slug)
    return smallest_side(NetworkInstance.of(spec), spec)


@cache
def _numbers() -> Tensor:
    return torch.randn(2**20, generator=torch.Generator().manual_seed(0))


def _drawn(shape: torch.Size, scale: float) -> Tensor:
    """Normal numbers; those of a large tensor repeat, which is ten times faster than drawing them."""
    count = shape.numel()
    numbers = _numbers()[:count] * scale
    return numbers.repeat(-(-count // len(numbers)))[:count].view(shape)


def with_weights(spec: NetworkSpec) -> nn.Module:
    """A network with random weights that keep its signal within bounds, in evaluation mode."""
    network = build_on_meta(NetworkInstance.of(spec))
    deep = sum(isinstance(module, nn.BatchNorm2d) for module in network.modules()) > 400
    state = {}
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            state[name] = torch.zeros(tensor.shape, dtype=tensor.dtype)
        elif tensor.ndim > 1:
            state[name] = _drawn(tensor.shape, sqrt(1.5 / tensor[0].numel()))
        elif name.endswith("running_var"):
            state[name] = torch.full(tensor.shape, 2.0)
        elif name.endswith("weight"):
            # Every residual branch adds to the variance: hundreds of them would leave float32.
            state[name] = torch.full(tensor.shape, 0.1 if deep else 1.0)
        else:
            state[name] = _drawn(tensor.shape, 0.05)
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)
