"""The code of an operation is run, and does what the trace says."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.inspection import code_of
from explorer.networks import network
from explorer.records import LayerRecord, NetworkInstance
from explorer.tracing import build_on_meta, trace_shapes

NETWORKS = (
    *("lenet5", "alexnet", "vgg16", "nin-cifar10", "googlenet", "inception-v3", "resnet50", "cifar-resnet20"),
    *("densenet121", "squeezenet1-1", "mobilenet-v2", "mobilenet-v3-small", "efficientnet-b0", "efficientnet-lite0"),
)

FORWARD = "def forward(self"


def run(code: str, layer: LayerRecord) -> tuple[int, tuple[int, ...]]:
    """(parameters, output shape without the batch) of the code, given inputs of the shapes that were traced."""
    inputs = [torch.empty(1, *shape, device="meta") for shape in layer.in_shapes]
    names = {"x": inputs[0], **{f"x{number}": each for number, each in enumerate(inputs, start=1)}}
    with torch.device("meta"):
        made = eval(code, {"nn": nn, "F": functional, "torch": torch, **names})
        out: Tensor = made.eval()(*inputs) if isinstance(made, nn.Module) else made
    learned = sum(weight.numel() for weight in made.parameters()) if isinstance(made, nn.Module) else 0
    return learned, tuple(out.shape[1:])


@pytest.mark.parametrize("slug", NETWORKS)
def test_it_makes_what_was_traced(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.inspection.code.build_on_meta", cache(build_on_meta))  # not once for every layer
    instance = NetworkInstance.of(network(slug))
    checked = 0
    for layer in trace_shapes(instance).layers:
        code = code_of(instance, layer)
        if code.startswith(FORWARD):  # of a module of our own, shown whole
            assert layer.function in {"pad", "pad_same"}, layer
            continue
        assert run(code, layer) == (layer.parameters, layer.out_shape), (layer.name, code)
        checked += 1
    assert checked > 10


@pytest.mark.parametrize(
    ("slug", "name", "code"),
    [
        ("vgg16", "features.0", "nn.Conv2d(3, 64, 3, padding=1)"),
        ("resnet50", "layer1.0.conv1", "nn.Conv2d(64, 64, 1, bias=False)"),
        ("mobilenet-v2", "features.1.conv.0.0", "nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False)"),
        ("alexnet", "norm1", "nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)"),
        ("googlenet", "pool1", "nn.MaxPool2d(3, stride=2, ceil_mode=True)"),
        ("resnet50", "layer1.0.add", "x1 + x2"),
        ("inception-v3", "Mixed_5b.avg_pool2d", "F.avg_pool2d(x, 3, stride=1, padding=1)"),
    ],
)
def test_it_is_written_as_one_would(slug: str, name: str, code: str) -> None:
    instance = NetworkInstance.of(network(slug))
    layer = next(each for each in trace_shapes(instance).layers if each.name == name)
    assert code_of(instance, layer) == code


def test_a_module_of_our_own_is_shown_whole() -> None:
    instance = NetworkInstance.of(network("lenet5-1998"))
    squash = next(each for each in trace_shapes(instance).layers if each.module_type == "Squash")
    assert "1.7159 * torch.tanh" in code_of(instance, squash)
