"""The stages one after the other are the network."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from explorer.networks import network
from explorer.records import NetworkSpec, Stage
from explorer.transfer import split

SLUGS = (
    "cifar-resnet20",
    "thin-resnet",
    "efficientnet-lite0",
    "resnet18",
    "densenet121",
    "mobilenet-v2",
    "vgg11",
    "lenet5",
)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_parts_compute_what_the_network_does(slug: str) -> None:
    spec = network(slug)
    net = spec.build().eval()
    side = 64 if spec.input_shape[1] > 64 and slug != "vgg11" else spec.input_shape[1]
    x = torch.rand(2, spec.input_shape[0], side, side, generator=torch.Generator().manual_seed(0))
    parts = split(net, spec)
    assert len(parts) == len(spec.stages) + 1
    with torch.inference_mode():
        y = x
        for part in parts:
            y = part(y)
        torch.testing.assert_close(y, net(x))


def test_what_remains_has_the_last_layer_alone() -> None:
    spec = network("efficientnet-lite0")
    net = spec.build()
    *stages, rest = split(net, spec)
    assert {id(p) for p in rest.parameters()} == {id(net.fc.weight), id(net.fc.bias)}
    counted = [id(p) for part in (*stages, rest) for p in part.parameters()]
    assert sorted(counted) == sorted(id(p) for p in net.parameters())


def test_a_border_that_a_skip_crosses_is_refused() -> None:
    from explorer.errors import BadOption

    spec: NetworkSpec = network("cifar-resnet20")
    inside = (Stage("half a block", ("conv1", "bn1", "relu", "layer1.0.conv1")), Stage("head", ("avgpool", "fc")))
    with pytest.raises(BadOption):
        split(spec.build(), replace(spec, stages=inside))
