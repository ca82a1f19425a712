"""DeepLift shares out all of the difference between image and baseline, through every kind of operation."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.attributions import attribute, methods, prepared
from explorer.images import load
from explorer.models import Model, pretrained_model, shipped_model
from explorer.networks import networks
from tests.attributions.conftest import image
from tests.random_weights import with_weights

CATALOGUE = (
    *("lenet5-1998", "alexnet", "alexnet-torchvision", "googlenet", "googlenet-torchvision", "resnet18"),
    *("squeezenet1-1", "inception-v3", "densenet121", "mobilenet-v2", "mobilenet-v3-small", "efficientnet-b0"),
)


def difference(network: nn.Module, x: Tensor, target: int) -> float:
    with torch.no_grad():
        return float((network(x) - network(torch.zeros_like(x)))[0, target])


@pytest.mark.parametrize("slug", CATALOGUE)
def test_it_adds_up_on_networks_of_the_catalogue(slug: str) -> None:
    """In double precision: with random weights contributions cancel each other by many digits."""
    spec = networks()[slug]
    network = with_weights(spec)
    x = image(spec, network).double()
    network = network.double()
    with torch.no_grad():
        target = int((network(x) - network(x * 0)).abs().argmax())
    found = attribute(prepared(network, spec.stages, spec.cam_layer), x, "deeplift", target)
    expected = difference(network, x, target)
    assert abs(expected) > 0
    assert abs(found.delta or 0) < 1e-6 * abs(expected)
    assert found.values.sum() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("of", "name"), [(pretrained_model, "efficientnet-lite0"), (shipped_model, "cifar-short-cifar-resnet20-seed0")]
)
def test_it_adds_up_on_trained_networks_in_single_precision(of: Callable[[str], Model], name: str) -> None:
    model = of(name)
    x, network = model.preprocess(load("cat")), model.instantiate()
    target = int(network(x).argmax())
    found = attribute(prepared(network, model.spec.stages, model.spec.cam_layer), x, "deeplift", target)
    expected = difference(network, x, target)
    assert abs(expected) > 1
    assert abs(found.delta or 0) < 1e-4 * abs(expected)


# --- one operation at a time ------------------------------------------------------------------------------------------


class Around(nn.Module):
    """An operation between two linear ones."""

    def __init__(self, operation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.before, self.after = nn.Conv2d(3, 8, 3, padding=1), nn.LazyLinear(4)
        self.operation = operation

    def forward(self, x: Tensor) -> Tensor:
        return self.after(self.operation(self.before(x)).flatten(1))


OPERATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "SiLU": nn.SiLU(),
    "silu": F.silu,
    "Hardswish": nn.Hardswish(),
    "hardswish": F.hardswish,
    "Hardsigmoid": nn.Hardsigmoid(),
    "ReLU6": nn.ReLU6(),
    "GELU": nn.GELU(),
    "tanh": torch.tanh,
    "sigmoid method": lambda x: x.sigmoid(),
    "square": lambda x: x.square(),
    "product": lambda x: x * torch.sigmoid(x),
    "gate": lambda x: torch.mul(F.adaptive_avg_pool2d(x, 1).sigmoid(), x),
    "product in place": lambda x: operator.imul(x + 1, F.relu(x)),
    "a number": lambda x: x * 2.5,
    "response norm": nn.LocalResponseNorm(5, alpha=0.5),
    "response norm, even": nn.LocalResponseNorm(4, alpha=0.5, beta=1.5, k=2.0),
    "max pool, a function": lambda x: F.max_pool2d(x, 3, stride=1, padding=1),
    "max pool, its window is its stride": lambda x: torch.max_pool2d(x, 2),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_with_a_rule_adds_up(name: str) -> None:
    torch.manual_seed(3)
    network, x = Around(OPERATIONS[name]).double().eval(), 3 * torch.randn(1, 3, 9, 7, dtype=torch.double)
    network(x)
    found = attribute(network, x, "deeplift", 2)
    assert abs(found.delta or 0) < 1e-9
    assert found.values.sum() == pytest.approx(difference(network, x, 2), abs=1e-4)
    assert abs(difference(network, x, 2)) > 1e-2


POOLS = [
    geometry
    for geometry in product((1, 2, 3, (2, 4)), (1, 2, 3, (2, 1)), (0, 1), (1, 2), (False, True))
    if not (geometry[0] == 1 and geometry[2])  # torch pads by half a window at most
]


@pytest.mark.parametrize("geometry", POOLS[::3], ids=str)
def test_a_pool_adds_up_whether_its_windows_overlap_or_not(geometry: tuple[Any, ...]) -> None:
    kernel, stride, padding, dilation, ceil = geometry
    torch.manual_seed(3)
    pool = nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil)
    network, x = Around(pool).double().eval(), torch.randn(1, 3, 9, 8, dtype=torch.double)
    network(x)
    assert abs(attribute(network, x, "deeplift", 1).delta or 0) < 1e-9


def test_a_pool_gives_each_window_to_the_cell_that_it_is_due_to() -> None:
    """By hand: 1, 3, 2 and a baseline of zeros; windows of two overlap in the 3."""
    network = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.MaxPool2d((1, 2), 1), nn.Flatten(), nn.Linear(2, 1))
    for layer, weights in ((0, [[[[1.0]]]]), (3, [[10.0, 7.0]])):
        nn.init.zeros_(network[layer].bias) if layer else None
        network[layer].weight.data = torch.tensor(weights)
    found = attribute(network, torch.tensor([[[[1.0, 3.0, 2.0]]]]), "deeplift", 0)
    assert found.values.tolist() == [[0.0, 51.0, 0.0]], "3·10 and 3·7, both the middle one's"
    falls = attribute(network, torch.tensor([[[[-1.0, -3.0, 2.0]]]]), "deeplift", 0)
    assert falls.values.tolist() == [[-10.0, 0.0, 14.0]], "a fall is due to the first of the zeros that held it"


def test_the_other_methods_see_nothing_of_the_rules() -> None:
    """Gradients and deconvolution are the same before and after a DeepLift on the same copy."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.SiLU(), nn.MaxPool2d(3, 2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(3)
    )
    x = torch.randn(1, 3, 12, 12)
    network(x)
    ready = prepared(network)
    slugs = [slug for slug in methods() if "cam" not in slug]
    before = [attribute(ready, x, slug, 1).values for slug in slugs]
    after = [attribute(ready, x, slug, 1).values for slug in slugs]
    assert all((one == other).all() for one, other in zip(before, after, strict=True))
    x = x.requires_grad_(True)
    (slope,) = torch.autograd.grad(network(x)[0, 1], x)
    torch.testing.assert_close(torch.tensor(after[slugs.index("saliency")]), slope[0].abs().amax(0))
