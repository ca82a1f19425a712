"""Weights that were trained for exactly a network as it is built."""

from __future__ import annotations

import pytest

from explorer import models
from explorer.networks import network
from explorer.records import NetworkInstance


@pytest.mark.parametrize("slug", ["cifar-resnet20", "efficientnet-lite0", "lenet5"])
def test_the_weights_found_are_of_the_network(slug: str) -> None:
    instance = NetworkInstance.of(network(slug))
    found = models.trained_for(instance)
    kind, _, name = found.partition(":")
    model = models.shipped_model(name) if kind == "recorded" else models.pretrained_model(name)
    assert model.instance == instance


def test_other_options_sizes_and_networks_have_none() -> None:
    resnet = network("cifar-resnet20")
    assert models.trained_for(NetworkInstance.of(resnet, options={"zeros": "both"})) == ""
    assert models.trained_for(NetworkInstance.of(resnet, size=(64, 64))) == ""
    assert models.trained_for(NetworkInstance.of(network("efficientnet-lite0"), options={"edges": "symmetric"})) == ""
    assert models.trained_for(NetworkInstance.of(network("inception-v4"))) == ""
