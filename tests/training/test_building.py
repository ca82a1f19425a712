"""The network of a configuration: its initial weights depend only on the seed, and twins start alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from explorer.errors import BadOption, ShapeMismatch
from explorer.networks import network, networks
from explorer.records import INITS
from explorer.training import build_for, weight_layers
from explorer.training.building import pool_first
from explorer.training.presets import DIGITS, LENET, degradation

SMALL = [
    slug for slug, spec in networks().items() if spec.input_shape[1] <= 32 and "1202" not in slug and "1001" not in slug
]


def weights(net: nn.Module) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in net.parameters()])


@pytest.mark.parametrize("init", INITS)
def test_a_seed_gives_one_network_whatever_was_drawn_before(init: str) -> None:
    config = replace(DIGITS, init=init, seed=3)
    torch.manual_seed(1)
    first = weights(build_for(config, (1, 8, 8), 10))
    torch.rand(17)
    assert torch.equal(first, weights(build_for(config, (1, 8, 8), 10)))
    assert not torch.equal(first, weights(build_for(replace(config, seed=4), (1, 8, 8), 10)))


def test_plain_and_residual_start_from_the_same_weights() -> None:
    plain, residual = (build_for(config, (1, 8, 8), 10) for config in degradation(DIGITS, (56, 20))[:2])
    assert torch.equal(weights(plain), weights(residual))
    x = torch.rand(2, 1, 8, 8)
    assert not torch.allclose(plain(x), residual(x))


@pytest.mark.parametrize("slug", SMALL)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_small_network_reads_grey_and_colour(slug: str, channels: int) -> None:
    size = network(slug).input_shape[1]
    if channels == 3 and slug == "lenet5-1998":
        with pytest.raises(BadOption, match="1 channel"):
            build_for(replace(DIGITS, network=slug, options=()), (3, size, size), 7)
        return
    net = build_for(replace(DIGITS, network=slug, options=()), (channels, size, size), 7).eval()
    assert net(torch.rand(2, channels, size, size)).shape == (2, 7)


def test_images_too_small_are_refused_by_name() -> None:
    with pytest.raises(ShapeMismatch, match="c3"):
        build_for(LENET, (1, 8, 8), 10)


def test_he_initialisation_has_the_stated_deviation() -> None:
    net = build_for(replace(DIGITS, options=(("base", 32), ("depth", 20))), (1, 8, 8), 10)
    layer = weight_layers(net)["layer3.1.conv1"]
    assert float(layer.weight.detach().std()) == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.02)


def test_dirac_starts_beside_the_identity() -> None:
    net = build_for(replace(DIGITS, init="dirac"), (1, 8, 8), 10)
    layer = weight_layers(net)["layer1.0.conv1"]
    x = torch.rand(4, 8, 8, 8)
    assert float((layer(x) - x).detach().std()) < 0.2 < float(x.std())


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_pooling_first_is_the_same_function(activation: str) -> None:
    net = network("lenet5").build(activation=activation, pooling="max")
    x = torch.randn(3, 1, 28, 28)
    before, names = net(x), list(net._modules)
    pool_first(net)
    assert list(net._modules) == names
    assert isinstance(net.a1, nn.MaxPool2d)
    # A sigmoid's last digit depends on the place in a vector: whole lanes and the rest behind them are two programs.
    torch.testing.assert_close(net(x), before, rtol=0, atol=2**-22)


def test_average_pooling_stays_where_it_is() -> None:
    net = network("lenet5").build(activation="tanh", pooling="avg")
    pool_first(net)
    assert isinstance(net.a1, nn.Tanh)
