"""Feature maps: every output of a network by name, none overwritten, none shared between threads."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.networks import network, networks
from explorer.records import NetworkInstance, NetworkSpec, Stage
from explorer.tracing import capture, layers_of, trace_module
from tests.random_weights import on_meta, smallest_of, with_weights

SEED = 3


def _image(spec: NetworkSpec, seed: int = 0) -> Tensor:
    """Noise of the smallest size that works, times two, so that maps have a grid."""
    smallest = smallest_of(spec.slug)
    side = min(spec.input_shape[1], 2 * (smallest or spec.input_shape[1]))
    if spec.family == "lenet":
        side = spec.input_shape[1]  # a flattened grid has one size
    return torch.randn(1, spec.input_shape[0], side, side, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module", params=networks())
def captured(request: pytest.FixtureRequest) -> tuple[NetworkSpec, nn.Module, Tensor]:
    """Every network with an image it can take."""
    spec = network(request.param)
    return spec, with_weights(spec), _image(spec)


def test_all_layers_are_there_and_the_answer_is_the_same(captured: tuple[NetworkSpec, nn.Module, Tensor]) -> None:
    """Names and shapes as traced; logits bit for bit those of a bare pass."""
    spec, net, x = captured
    layers = trace_module(on_meta(spec.slug), tuple(x.shape[1:]), spec.stages, heads=False).layers
    found = capture(net, x, layers)
    with torch.inference_mode():
        assert torch.equal(torch.from_numpy(found.logits), net(x)[0])
    assert list(found.maps) == [layer.name for layer in layers]
    assert [volume.shape for volume in found.maps.values()] == [layer.out_shape for layer in layers]


class _Overwriting(nn.Module):
    """Uses every kind of in-place operation."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.cut = nn.ReLU(inplace=True)
        self.six = nn.ReLU6(inplace=True)
        self.swish = nn.Hardswish(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv(x)
        a = self.cut(h)
        a += 1.0
        b = self.swish(self.six(a))
        b *= 0.5
        c = F.relu(b - 0.4, inplace=True)
        return torch.flatten(c.add_(b), 1)


def test_nothing_is_overwritten() -> None:
    """Each map is the output of its operation on the map before it."""
    torch.manual_seed(SEED)
    net, x = _Overwriting().eval(), torch.randn(1, 1, 6, 6)
    layers = trace_module(net, (1, 6, 6), (Stage("all", ("conv", "cut", "six", "swish")),), heads=False).layers
    maps = {name: torch.from_numpy(volume) for name, volume in capture(net, x, layers).maps.items()}
    h = net.conv(x)[0]
    names = list(maps)
    expected = [h, h.relu(), h.relu() + 1, F.relu6(h.relu() + 1)]
    for name, volume in zip(names, expected, strict=False):
        assert torch.equal(maps[name], volume), name
    assert (maps[names[0]] < 0).any()
    b = F.hardswish(expected[-1]) * 0.5
    assert torch.equal(maps[names[-1]], torch.flatten((F.relu(b - 0.4) + b)[None], 1)[0])


def test_only_what_is_wanted_is_kept() -> None:
    """The others are freed."""
    spec = network("cifar-resnet20")
    found = capture(with_weights(spec), _image(spec), layers_of(NetworkInstance.of(spec)), ("layer1.0.conv1",))
    assert list(found.maps) == ["layer1.0.conv1"]


def test_hooks_and_modes_are_left_alone() -> None:
    """Capturing registers no hooks, also when the network fails."""
    spec = network("cifar-resnet20")
    net = with_weights(spec)
    capture(net, _image(spec), layers_of(NetworkInstance.of(spec)))
    with pytest.raises(RuntimeError):
        capture(net, torch.zeros(1, 1, 32, 32), layers_of(NetworkInstance.of(spec)))
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in net.modules())
    assert not net.training


def test_two_visitors_never_see_each_others_maps() -> None:
    """Different images through one module, from threads, hundreds of times."""
    spec = network("cifar-resnet20")
    net, layers = with_weights(spec), layers_of(NetworkInstance.of(spec))
    images = [_image(spec, seed) for seed in range(4)]
    truth = [capture(net, x, layers).maps for x in images]
    wrong: list[str] = []

    def visit(number: int) -> None:
        for _ in range(100):
            maps = capture(net, images[number], layers).maps
            wrong.extend(name for name in maps if not np.array_equal(maps[name], truth[number][name]))

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    threads = [threading.Thread(target=visit, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    torch.set_num_threads(before)
    assert not wrong
