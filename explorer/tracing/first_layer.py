"""What the first convolution makes of a picture: the head of the pipeline, with real numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from explorer.records import FirstMaps, NetworkSpec
from explorer.tracing.building import build_on_meta

# Mean and standard deviation of ImageNet's training pictures (torchvision's transforms use the same).
_MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
_STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)


def first_layer_maps(
    spec: NetworkSpec, pixels: np.ndarray, options: Mapping[str, object] | None = None, seed: int = 0
) -> FirstMaps:
    """z^[1] of a picture: the output of the network's first convolution, with untrained weights drawn from `seed`.

    `pixels` is uint8 (H, W, 3). Only that one convolution is given memory; the weights are He-normal (He et al. 2015,
    arXiv:1502.01852). A network of one input channel is given the grey picture.
    """
    network = build_on_meta(spec, spec.classes, options)
    name, conv = next((n, m) for n, m in network.named_modules() if isinstance(m, nn.Conv2d))
    conv = conv.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255  # (3, H, W)
    x = (x - _MEAN) / _STD
    if conv.in_channels == 1:
        x = x.mean(0, keepdim=True)
    with torch.inference_mode():
        nn.init.kaiming_normal_(conv.weight, generator=generator)
        if conv.bias is not None:
            conv.bias.zero_()
        maps = conv(x[None])[0]  # (C, H', W')
    return FirstMaps(layer=name, maps=maps.numpy(), seed=seed)
