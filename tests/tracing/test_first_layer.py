"""What the untrained first convolution makes of an image, against the trace and against plain torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explorer.networks import networks
from explorer.records import IMAGENET, NetworkInstance
from explorer.tracing import first_layer_maps
from tests.random_weights import trace_of

PAINTED = ("lenet5", "alexnet", "googlenet-torchvision", "resnet50", "mobilenet-v1", "efficientnet-lite0", "vgg16")


def noise(slug: str) -> np.ndarray:
    rows, columns = networks()[slug].input_shape[1:]
    return np.random.default_rng(0).integers(0, 256, (rows, columns, 3), dtype=np.uint8)


@pytest.mark.parametrize("slug", PAINTED)
def test_the_maps_are_those_of_the_traced_convolution(slug: str) -> None:
    found = first_layer_maps(NetworkInstance.of(networks()[slug]), noise(slug))
    first = next(layer for layer in trace_of(slug).layers if layer.kind == "conv")
    assert (found.layer, found.maps.shape) == (first.module, first.out_shape)


def test_a_padding_before_the_convolution_is_not_left_out() -> None:
    """TensorFlow's zeros lie below and to the right: the first window begins at the first pixel."""
    pixels = noise("efficientnet-lite0")
    maps = first_layer_maps(NetworkInstance.of(networks()["efficientnet-lite0"]), pixels).maps
    generator = torch.Generator().manual_seed(0)
    weight = torch.nn.init.kaiming_normal_(torch.empty(32, 3, 3, 3), generator=generator)
    mean, std = (torch.tensor(values)[:, None, None] for values in (IMAGENET.mean, IMAGENET.std))
    x = (torch.from_numpy(pixels).permute(2, 0, 1).float() - mean) / std
    expected = F.conv2d(F.pad(x[None], (0, 1, 0, 1)), weight, stride=2)[0]
    np.testing.assert_allclose(maps, expected.numpy(), rtol=1e-4, atol=1e-4)
