"""The network of a configuration: its initial weights depend only on the seed, and twins start alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from explorer import datasets
from explorer.errors import BadOption, ShapeMismatch
from explorer.networks import network, networks
from explorer.networks._residual import BasicBlock
from explorer.records import INITS, Normalize
from explorer.training import Normalizer, build_for, weight_layers
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


def blocks(net: nn.Module) -> list[BasicBlock]:
    return [module for module in net.modules() if isinstance(module, BasicBlock)]


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("residual", [True, False])
def test_with_branches_at_zero_a_block_passes_its_input_on_and_a_plain_one_nothing(norm: bool, residual: bool) -> None:
    """The course's argument: W = 0 and b = 0 give g(0 + a) = a, as a is not negative."""
    options = (("depth", 20), ("norm", norm), ("residual", residual))
    net = build_for(replace(DIGITS, init="zero", options=options), (1, 8, 8), 10)
    a = torch.rand(4, 8, 8, 8)
    with torch.no_grad():
        assert torch.equal(blocks(net)[0](a), a if residual else torch.zeros_like(a))
    (x, other) = torch.rand(2, 4, 1, 8, 8)
    assert torch.equal(net(x), net(other)) is not residual


def test_behind_batch_normalisation_a_larger_weight_computes_the_same_and_gets_a_smaller_gradient() -> None:
    """Ten times the weight, a tenth of the gradient (van Laarhoven 2017); first layers stay where they were."""
    net, found = build_for(DIGITS, (1, 8, 8), 10).double().train(), []
    x, labels = torch.rand(16, 1, 8, 8, dtype=torch.float64), torch.arange(16) % 10
    layer = weight_layers(net)["conv1"]
    for factor in (1.0, 10.0):
        with torch.no_grad():
            layer.weight *= factor
        net.zero_grad()
        loss = nn.functional.cross_entropy(net(x), labels)
        loss.backward()
        assert layer.weight.grad is not None
        found.append((float(loss.detach()), layer.weight.grad.clone()))
    (loss, gradient), (same, smaller) = found
    assert same == pytest.approx(loss, rel=1e-3)  # BN's epsilon
    assert float(smaller.norm() / gradient.norm()) == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_the_first_branch_is_larger_than_its_shortcut_and_the_last_ones_are_small(seed: int) -> None:
    """Of residual-56 as it starts: the sizes that the lesson gives, 1.4 and 0.3."""
    net, sizes = build_for(replace(DIGITS, seed=seed, options=(("depth", 56),)), (1, 8, 8), 10).train(), []
    for block in blocks(net):
        assert block.add is not None
        block.add.register_forward_hook(
            lambda m, branches, out: sizes.append(float(branches[0].norm() / branches[1].norm()))
        )
    data = datasets.load("digits")
    scale = Normalizer.of(Normalize.of("standard", data.mean, data.std))
    with torch.no_grad():
        net(scale(data.train_images[:256]))
    assert sizes[0] == pytest.approx(1.4, abs=0.06)
    assert sizes[-1] == pytest.approx(0.3, abs=0.03)


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
