"""Lesions: an ablated channel equals zeroed weights, a bypass equals the shortcut, and afterwards all is restored."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.errors import ExplorerError
from explorer.networks import networks
from explorer.records import Lesion, UnitLayer
from explorer.units import accuracy, blocks_of, lesioned, unit_layers
from tests.random_weights import on_meta, trace_of
from tests.units.conftest import built, hooks_of, scale_of, some_images

NETWORKS = networks()


def outputs(net: nn.Module, module: str, x: Tensor) -> tuple[Tensor, Tensor]:
    """(input, output) of a module in a forward pass."""
    kept: list[tuple[Tensor, Tensor]] = []
    handle = net.get_submodule(module).register_forward_hook(lambda m, i, o: kept.append((i[0].clone(), o.clone())))
    net(x)
    handle.remove()
    return kept[0]


def test_a_channel_that_is_off_equals_weights_set_to_zero() -> None:
    net, trace = built("cifar-resnet20")
    x = scale_of(3)(some_images(2, 3, 32))
    with lesioned(net, Lesion("layer2.1.relu1", (1, 5)), blocks_of(net, trace)):
        off = net(x)
    norm = net.get_submodule("layer2.1.bn1")
    norm.weight[[1, 5]] = 0  # type: ignore[operator]
    norm.bias[[1, 5]] = 0  # type: ignore[operator]
    torch.testing.assert_close(off, net(x))


def test_a_bypassed_residual_block_passes_on_its_shortcut() -> None:
    net, trace = built("cifar-resnet20")
    blocks, x = blocks_of(net, trace), scale_of(3)(some_images(2, 3, 32))
    assert [block.way for block in blocks] == ["shortcut"] * 9
    for name in ("layer1.1", "layer2.0"):
        with lesioned(net, Lesion(blocks=(name,)), blocks):
            into, out = outputs(net, name, x)
        skip = net.get_submodule(name).downsample
        torch.testing.assert_close(out, torch.relu(into if skip is None else skip(into)))  # type: ignore[operator]


def test_a_bypassed_block_of_torchvision_passes_on_its_shortcut() -> None:
    net, trace = built("resnet18")
    blocks, x = blocks_of(net, trace), scale_of(3)(some_images(1, 3, 224))
    assert [block.way for block in blocks] == ["shortcut"] * 8
    with lesioned(net, Lesion(blocks=("layer2.0",)), blocks):
        into, out = outputs(net, "layer2.0", x)
    torch.testing.assert_close(out, torch.relu(net.get_submodule("layer2.0").downsample(into)))  # type: ignore[operator]


def test_a_plain_block_is_an_identity_where_shapes_allow_it_and_refused_elsewhere() -> None:
    net, trace = built("cifar-plain20")
    blocks, x = blocks_of(net, trace), scale_of(3)(some_images(2, 3, 32))
    assert [block.module for block in blocks if not block.way] == ["layer2.0", "layer3.0"]
    with lesioned(net, Lesion(blocks=("layer1.2",)), blocks):
        into, out = outputs(net, "layer1.2", x)
    torch.testing.assert_close(out, into)
    with (
        pytest.raises(ExplorerError, match=r"layer2\.0 cannot be bypassed"),
        lesioned(net, Lesion("layer1.0", (0,), ("layer2.0",)), blocks),
    ):
        pass
    assert hooks_of(net) == 0


def test_nothing_is_missing_afterwards_also_after_a_failure() -> None:
    net, trace = built("cifar-resnet20")
    x, lesion = scale_of(3)(some_images(2, 3, 32)), Lesion("relu", (0,), ("layer1.0", "layer3.2"))
    before = net(x)
    with lesioned(net, lesion, blocks_of(net, trace)):
        assert hooks_of(net) == 3
        assert not torch.equal(net(x), before)
    with pytest.raises(RuntimeError), lesioned(net, lesion, blocks_of(net, trace)):
        net(torch.zeros(1, 1, 1, 1))
    assert hooks_of(net) == 0
    assert torch.equal(net(x), before)


def test_accuracy_counts_right_answers() -> None:
    net, _ = built("lenet5")
    images, scale = some_images(130, 1, 28), scale_of(1)
    labels = net(scale(images)).argmax(1)
    labels[:13] = (labels[:13] + 1) % 10
    assert accuracy(net, scale, images, labels, (1, 28, 28)) == pytest.approx(117 / 130)


@pytest.mark.parametrize("slug", NETWORKS)
def test_every_network_has_units_to_ask(slug: str) -> None:
    spec = NETWORKS[slug]
    net, trace = on_meta(slug), trace_of(slug)
    layers = unit_layers(net, trace)
    modules = dict(net.named_modules())
    assert len(layers) >= 2
    assert len({layer.module for layer in layers}) == len(layers)
    assert all(isinstance(layer, UnitLayer) and layer.module in modules and len(layer.shape) == 3 for layer in layers)
    shapes: dict[str, list[tuple[int, ...]]] = {}
    hooks = [
        modules[layer.module].register_forward_hook(
            lambda m, i, o, name=layer.module: shapes.setdefault(name, []).append(tuple(o.shape[1:]))
        )
        for layer in layers
    ]
    net.eval()(torch.empty(1, *spec.input_shape, device="meta"))
    for hook in hooks:
        hook.remove()
    assert {layer.module: [layer.shape] for layer in layers} == shapes
    for block in blocks_of(net, trace):
        assert block.way in {"shortcut", "identity", ""}
