"""Output of the first convolution for an image, with untrained weights."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import torch
from torch import Tensor, nn

from explorer.records import FirstMaps, NetworkInstance, luma, usual_normalize
from explorer.tracing.building import build_on_meta


def first_layer_maps(instance: NetworkInstance, pixels: np.ndarray, seed: int = 0) -> FirstMaps:
    """z^[1] of an image: the output of the network's first convolution, with untrained weights drawn from `seed`.

    `pixels` is uint8 (H, W, 3), of the size of the input. Only that convolution is allocated; its weights are
    He-normal (He et al. 2015, arXiv:1502.01852). A network of one input channel gets the grey image.
    """
    network = build_on_meta(instance)
    name, conv = next((n, m) for n, m in network.named_modules() if isinstance(m, nn.Conv2d))
    conv = conv.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float()  # (3, H, W)
    if conv.in_channels == 1:
        x = luma(*x).round()[None]
    usual = usual_normalize(conv.in_channels)
    mean, std = (torch.tensor(values)[:, None, None] for values in (usual.mean, usual.std))
    x = (x - mean) / std
    with torch.inference_mode():
        nn.init.kaiming_normal_(conv.weight, generator=generator)
        if conv.bias is not None:
            conv.bias.zero_()
        maps = conv(_input_of(conv, network, x[None]))[0]  # (C, H', W')
    return FirstMaps(layer=name, maps=maps.numpy(), seed=seed)


class _Arrived(Exception):
    """The forward pass has come to the convolution."""


def _input_of(conv: nn.Conv2d, network: nn.Module, x: Tensor) -> Tensor:
    """What the convolution reads where the network is given `x`: padded, or its channels rescaled."""
    read: list[Tensor] = []

    def hook(module: nn.Module, args: tuple[Tensor]) -> None:
        read.append(args[0])
        raise _Arrived

    handle = conv.register_forward_pre_hook(hook)
    try:
        with suppress(_Arrived):
            network.eval()(x)
    finally:
        handle.remove()
    return read[0]
