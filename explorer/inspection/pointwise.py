"""A trained 1x1 convolution at work on an image, and the branches of a trained Inception module."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from explorer.models import Model
from explorer.records.inception import BranchMaps, PointwiseLayer


def pointwise_layer(model: Model, image: np.ndarray, path: str) -> PointwiseLayer:
    """What the 1x1 convolution at `path` of a model reads and gives for an image, uint8 (H, W, 3).

    The outputs are the layer's own; beside them a `torch.nn.Linear` with its weights is put at every position.
    """
    net = model.instantiate()
    conv = net.get_submodule(path)
    assert isinstance(conv, nn.Conv2d)
    assert conv.kernel_size == (1, 1)
    read, given = _at(net, {path: conv}, model.preprocess(image))[path]
    linear = nn.Linear(conv.in_channels, conv.out_channels, bias=conv.bias is not None)
    with torch.inference_mode():
        linear.weight.copy_(conv.weight[:, :, 0, 0])
        if conv.bias is not None:
            linear.bias.copy_(conv.bias)
        same = linear(read.permute(1, 2, 0)).permute(2, 0, 1)  # (C', H, W)
    weights = conv.weight[:, :, 0, 0].numpy()
    bias = np.zeros(len(weights), np.float32) if conv.bias is None else conv.bias.numpy()
    difference = float((same - given).abs().max())
    return PointwiseLayer(path, read.numpy(), weights, bias, given.numpy(), difference)


def branch_maps(model: Model, image: np.ndarray, module: str) -> BranchMaps:
    """The maps of each branch of a module of torchvision's GoogLeNet for an image, uint8 (H, W, 3)."""
    net = model.instantiate()
    names = {"1x1": "branch1", "3x3": "branch2", "5x5": "branch3", "pool": "branch4"}
    parts = {name: net.get_submodule(f"{module}.{part}") for name, part in names.items()}
    found = _at(net, parts, model.preprocess(image))
    return BranchMaps(tuple((name, found[name][1].numpy()) for name in names))


def _at(net: nn.Module, parts: dict[str, nn.Module], x: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    """What each of some parts of a network reads and gives in one pass, without the batch axis."""
    found: dict[str, tuple[Tensor, Tensor]] = {}

    def keep(name: str) -> object:
        def hook(part: nn.Module, read: tuple[Tensor, ...], given: Tensor) -> None:
            found[name] = read[0][0].clone(), given[0].clone()

        return hook

    for name, part in parts.items():
        part.register_forward_hook(keep(name))  # type: ignore[arg-type]
    with torch.inference_mode():
        net(x)
    return found
