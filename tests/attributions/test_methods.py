"""Every method on every network; and compared with a reference implementation on the unprepared network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.attributions import attribute, grids, method, methods, prepared, settings
from explorer.errors import AttributionFailed, BadOption, UnknownEntry
from explorer.networks import networks
from explorer.records import OptionValue, Stage
from tests.attributions.conftest import subject

QUICK: dict[str, dict[str, OptionValue]] = {
    "smoothgrad": {"samples": 2},
    "integrated-gradients": {"steps": 2},
    "occlusion": {"window": 0.5},
}
BY_HAND = ("lenet5", "nin-cifar10", "cifar-resnet20", "googlenet", "squeezenet1-1", "resnet18", "mobilenet-v3-small")


@pytest.mark.parametrize("slug", methods())
def test_every_method_says_something_of_every_network(each: str, slug: str) -> None:
    _, ready, x = subject(each)
    found = attribute(ready, x, slug, 1, QUICK.get(slug))
    assert (found.method, found.target, found.values.shape) == (slug, 1, tuple(x.shape[2:]))
    assert found.values.dtype == np.float32
    assert not found.values.flags.writeable
    assert np.isfinite(found.values).all()
    assert method(slug).signed or found.values.min() >= 0
    assert (found.delta is not None) == (slug in {"integrated-gradients", "deeplift"})
    assert (found.grid is not None) == slug.endswith("grad-cam")


# --- by hand ----------------------------------------------------------------------------------------------------------


def logit(network: nn.Module, x: Tensor, target: int) -> Tensor:
    return network(x)[0, target]


def gradient(network: nn.Module, x: Tensor, target: int) -> Tensor:
    own = x.clone().requires_grad_(True)
    (found,) = torch.autograd.grad(logit(network, own, target), own)
    return found


def close(found: np.ndarray, expected: Tensor) -> None:
    scale = max(float(expected.abs().max()), 1e-12)
    np.testing.assert_allclose(found / scale, expected.numpy() / scale, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", BY_HAND)
def test_gradients_are_autograds(name: str) -> None:
    network, ready, x = subject(name)
    by_hand = gradient(network, x, 2)
    close(attribute(ready, x, "saliency", 2).values, by_hand[0].abs().amax(0))
    close(attribute(ready, x, "input-x-gradient", 2).values, (x * by_hand)[0].sum(0))


@pytest.mark.parametrize("name", BY_HAND)
def test_integrated_gradients_by_hand(name: str) -> None:
    network, ready, x = subject(name)
    points, weights = np.polynomial.legendre.leggauss(16)
    total = sum(w / 2 * gradient(network, x * float((1 + p) / 2), 3) for p, w in zip(points, weights, strict=True))
    by_hand = (x * total)[0].sum(0).float()
    found = attribute(ready, x, "integrated-gradients", 3, {"steps": 16})
    close(found.values, by_hand)
    with torch.no_grad():
        difference = float(logit(network, x, 3) - logit(network, torch.zeros_like(x), 3))
    assert found.delta == pytest.approx(float(found.values.sum()) - difference, abs=1e-4 * max(1, abs(difference)))


def test_integrated_gradients_are_complete_with_more_steps() -> None:
    _, ready, x = subject("lenet5-1998")  # smooth: tanh and mean pooling
    few, many = (attribute(ready, x, "integrated-gradients", 0, {"steps": steps}) for steps in (2, 64))
    assert abs(many.delta or 0) < 1e-3 < abs(few.delta or 0)
    assert abs(many.values.sum()) > 1


@pytest.mark.parametrize("name", ["lenet5", "cifar-resnet20"])
def test_occlusion_by_hand(name: str) -> None:
    """Of a pixel, the mean fall of the logit under the windows that cover it."""
    network, ready, x = subject(name)
    side = x.shape[-1]
    window = side // 2
    fall, covered = torch.zeros(side, side), torch.zeros(side, side)
    with torch.no_grad():
        whole = logit(network, x, 2)
        for top in range(0, side - window + 1, window // 2):
            for left in range(0, side - window + 1, window // 2):
                area, hidden = (slice(top, top + window), slice(left, left + window)), x.clone()
                hidden[..., area[0], area[1]] = 0
                fall[area] += whole - logit(network, hidden, 2)
                covered[area] += 1
    found = attribute(ready, x, "occlusion", 2, {"window": 0.5}).values
    np.testing.assert_allclose(found, (fall / covered).numpy(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", BY_HAND)
def test_grad_cam_by_hand(name: str) -> None:
    network, ready, x = subject(name)
    close(attribute(ready, x, "grad-cam", 4).values, cam_by_hand(network, networks()[name].cam_layer, x, 4))


@pytest.mark.parametrize("name", ["cifar-resnet20", "googlenet", "resnet18"])
def test_grad_cam_behind_a_stage_by_hand(name: str) -> None:
    network, ready, x = subject(name)
    for stage in networks()[name].stages:
        if stage.name in grids(ready, x):
            found = attribute(ready, x, "grad-cam", 4, stage=stage.name)
            assert (found.layer, found.grid) == (stage.name, grids(ready, x)[stage.name])
            if len(stage.modules) == 1:
                close(found.values, cam_by_hand(network, stage.modules[0], x, 4))


def cam_by_hand(network: nn.Module, layer: str, x: Tensor, target: int) -> Tensor:
    kept: list[Tensor] = []
    handle = network.get_submodule(layer).register_forward_hook(lambda module, inputs, output: kept.append(output))
    try:
        y = logit(network, x.clone().requires_grad_(True), target)
    finally:
        handle.remove()
    (slope,) = torch.autograd.grad(y, kept[-1])
    coarse = (slope.mean((2, 3), keepdim=True) * kept[-1].detach()).sum(1, keepdim=True).relu()
    return F.interpolate(coarse, x.shape[2:], mode="bilinear")[0, 0]


class _Rule(torch.autograd.Function):
    """A ReLU with a modified backward: guided (positive, where the input was) or deconvolution (positive)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, guided: bool) -> Tensor:
        ctx.save_for_backward(x)
        ctx.guided = guided
        return x.clamp_min(0)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        positive = slopes[0].clamp_min(0)
        return positive * (x > 0) if ctx.guided else positive, None


class Twice(nn.Module):
    """What breaks hooks: a ReLU used twice, in place, as a function, and on a volume that a skip uses as well."""

    def __init__(self, relu: Callable[[Tensor], Tensor] | None = None) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.relu, self.head = nn.ReLU(inplace=relu is None), nn.Linear(8, 5)
        self.rule = relu

    def forward(self, x: Tensor) -> Tensor:
        relu = self.rule or self.relu
        skip = self.first(x)
        x = (self.rule or F.relu)(skip)
        x = relu(self.second(x))
        x = relu(self.second(x) + skip)
        x = F.max_pool2d(x, 2) if self.rule else F.max_pool2d(F.relu(x, inplace=True), 2)
        return self.head(x.mean((2, 3)))


@pytest.mark.parametrize("slug", ["guided-backprop", "deconvolution"])
def test_a_relu_that_is_used_again_is_told_apart(slug: str) -> None:
    torch.manual_seed(0)
    network = Twice()
    hands = Twice(lambda x: _Rule.apply(x, slug == "guided-backprop"))
    hands.load_state_dict(network.state_dict())
    x = torch.randn(1, 3, 12, 12)
    close(attribute(network, x, slug, 2).values, gradient(hands, x, 2)[0].sum(0))


@pytest.mark.parametrize("name", ["cifar-resnet20", "googlenet", "densenet-bc-100-12"])
def test_guided_backpropagation_by_hand(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, ready, x = subject(name)
    monkeypatch.setattr(nn.ReLU, "forward", lambda self, x: _Rule.apply(x, True))
    by_hand = gradient(network, x, 1)[0].sum(0)
    monkeypatch.undo()
    close(attribute(ready, x, "guided-backprop", 1).values, by_hand)


def test_deeplift_shares_out_all_of_the_difference_behind_branches() -> None:
    """A pooling and a ReLU beside other users of their input: the gradient of all branches must come through."""
    torch.manual_seed(0)
    found = attribute(Branches(), torch.randn(1, 3, 8, 8), "deeplift", 1)
    assert abs(found.delta or 0) < 1e-5
    assert abs(found.values.sum()) > 1e-3


class Branches(nn.Module):
    """A volume with three users: two poolings and a ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.pool, self.relu = nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.ReLU()
        self.halve, self.head = nn.Conv2d(4, 4, 2, 2), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.head((self.pool(x) + self.halve(self.relu(x)) + F.avg_pool2d(x, 2)).mean((2, 3)))


# --- what is asked wrongly --------------------------------------------------------------------------------------------


def test_what_does_not_exist_is_named() -> None:
    _, ready, x = subject("lenet5")
    with pytest.raises(UnknownEntry, match="grad-cam"):
        attribute(ready, x, "gradcam", 0)
    with pytest.raises(BadOption, match="steps"):
        settings(method("integrated-gradients"), {"steps": 5})
    with pytest.raises(BadOption, match="C1"):
        attribute(ready, x, "grad-cam", 0, stage="C9")
    with pytest.raises(BadOption, match="none"):
        attribute(Branches(), torch.randn(1, 3, 8, 8), "grad-cam", 0)
    flat = prepared(Branches(), (Stage("end", ("head",)),), "head")
    with pytest.raises(BadOption, match="rows"):
        attribute(flat, torch.randn(1, 3, 8, 8), "grad-cam", 0)


def test_a_map_that_is_not_finite_is_refused() -> None:
    network = Branches()
    nn.init.constant_(network.head.weight, float("nan"))
    with pytest.raises(AttributionFailed, match="finite"):
        attribute(network, torch.randn(1, 3, 8, 8), "saliency", 0)


def test_smoothgrad_is_the_same_every_time_and_leaves_the_generator_alone() -> None:
    _, ready, x = subject("lenet5")
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (attribute(ready, x, "smoothgrad", 0).values for _ in range(2))
    assert (first == second).all()
    assert (torch.rand(3) == expected).all()
