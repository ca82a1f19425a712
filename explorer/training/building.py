"""Build and initialise the network of a configuration, from a generator with the configuration's seed."""

from __future__ import annotations

import math
from collections import OrderedDict
from itertools import pairwise
from math import prod
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from explorer.errors import BadOption
from explorer.networks import build, network, takes_channels
from explorer.records import NetworkInstance, Shape, TrainConfig
from explorer.tracing import trace_shapes

_MONOTONE = (nn.ReLU, nn.Tanh, nn.Sigmoid)


@runtime_checkable
class _Block(Protocol):
    """A residual block, or its plain twin, whose branch can be set to zero."""

    def zero_branch(self) -> None: ...


class Repeat(nn.Module):
    """Repeat a single channel for a network with more input channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:  # (B, 1, H, W)
        return x.expand(-1, self.channels, -1, -1)  # (B, C, H, W)


def build_for(config: TrainConfig, shape: Shape, classes: int) -> nn.Module:
    """The network for images of `shape`, initialised by the configuration's seed; it returns (B, classes).

    Raises what `instance_for` raises, and `ShapeMismatch` where the images are too small for the network.
    """
    instance = instance_for(config, shape, classes)
    if shape[1:] != network(config.network).input_shape[1:]:
        trace_shapes(instance)  # its error names the layer that cannot run
    net: nn.Module = build(instance)
    initialise(net, config.init, torch.Generator().manual_seed(config.seed))
    pool_first(net)
    if shape[0] == instance.input_shape[0]:
        return net
    return nn.Sequential(OrderedDict(repeat=Repeat(instance.input_shape[0]), network=net))


def instance_for(config: TrainConfig, shape: Shape, classes: int) -> NetworkInstance:
    """The instance of a configuration's network for images of `shape` (C, H, W).

    A network with a fixed number of channels gets a grey image repeated. Raises `UnknownEntry`, and `BadOption` (also
    for colour images where the network takes grey ones).
    """
    spec = network(config.network)
    channels, native = shape[0], spec.input_shape[0]
    if not takes_channels(spec):
        if channels not in (1, native):
            raise BadOption(f"{spec.title} reads images of {native} channel; these have {channels}.")
        channels = native
    size = (shape[1], shape[2])
    return NetworkInstance.of(spec, size=size, classes=classes, options=dict(config.options), channels=channels)


def check_batch(instance: NetworkInstance, images: int) -> None:
    """Raise `BadOption` where a network cannot be trained with batches of so many images.

    Batch normalisation has no variance to divide by where a channel of the whole batch is a single number.
    """
    if images > 1:
        return
    for layer in trace_shapes(instance).layers:
        if layer.function == "batch_norm" and prod(layer.out_shape[1:]) == 1:
            raise BadOption(
                f"{network(instance.slug).title} cannot learn from batches of one image: layer {layer.name} normalises "
                "each channel over the batch, and has one number of each. Batches of two or more work."
            )


def weight_layers(net: nn.Module) -> dict[str, nn.Conv2d | nn.Linear]:
    """Convolutions and linear layers by name, from input to output."""
    return {name: layer for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d | nn.Linear)}


@torch.no_grad()
def initialise(net: nn.Module, scheme: str, generator: torch.Generator) -> None:
    """Initialise convolutions and linear layers; all other parameters start at constants and are left.

    "torch" as PyTorch's layers do, "he" normal by fan-out (He et al. 2015, arXiv:1502.01852), "glorot" uniform
    (Glorot & Bengio 2010) with zero biases, as in Keras, "dirac" the identity plus noise: near a good solution of a
    deep network, "zero" as "he", and the branches of residual blocks zero (Goyal et al. 2017, arXiv:1706.02677).
    """
    for layer in weight_layers(net).values():
        _fill(layer, "he" if scheme == "zero" else scheme, generator)
    if scheme == "zero":
        for module in net.modules():
            if isinstance(module, _Block):
                module.zero_branch()


def _fill(layer: nn.Conv2d | nn.Linear, scheme: str, generator: torch.Generator) -> None:
    if scheme == "glorot":
        nn.init.xavier_uniform_(layer.weight, generator=generator)
    elif scheme == "torch" or isinstance(layer, nn.Linear):
        nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
    elif scheme == "he":
        nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu", generator=generator)
    else:
        nn.init.dirac_(layer.weight)
        layer.weight += 0.02 * torch.randn(layer.weight.shape, generator=generator)
    if layer.bias is not None:
        random = scheme == "torch" or (scheme != "glorot" and isinstance(layer, nn.Linear))
        bound = layer.weight[0].numel() ** -0.5 if random else 0.0
        nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def pool_first(net: nn.Module) -> None:
    """Move max pooling before a monotone activation: the same function, a quarter of the activations."""
    if not isinstance(net, nn.Sequential):
        return
    names = list(net._modules)
    for first, second in pairwise(names):
        if isinstance(net._modules[first], _MONOTONE) and isinstance(net._modules[second], nn.MaxPool2d):
            net._modules[first], net._modules[second] = net._modules[second], net._modules[first]
