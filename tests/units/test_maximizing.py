"""Activation maximisation: the objective rises, a seed fixes the image, every switch has an effect, no hook stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from explorer.errors import ExplorerError
from explorer.records import FeatureVisConfig, Frame
from explorer.units import maximize_activation
from tests.units.conftest import built, hooks_of, scale_of

CHANNEL = FeatureVisConfig("channel", "layer1.1", 3, steps=12)


def last(settings: FeatureVisConfig, slug: str = "cifar-resnet20") -> tuple[Frame, Frame, nn.Module]:
    net, trace = built(slug)
    frames = list(maximize_activation(net, scale_of(trace.input_shape[0]), trace.input_shape, settings))
    assert [frame.step for frame in frames] == list(range(settings.steps + 1))
    return frames[0], frames[-1], net


@pytest.mark.parametrize(
    ("slug", "settings"),
    [
        ("cifar-resnet20", CHANNEL),
        ("cifar-resnet20", replace(CHANNEL, objective="unit", layer="layer2.1")),
        ("cifar-resnet20", replace(CHANNEL, objective="class", layer="", index=7)),
        ("cifar-resnet20", replace(CHANNEL, enlarge=2)),
        ("lenet5", replace(CHANNEL, layer="a3", enlarge=2)),
        ("lenet5", replace(CHANNEL, objective="class", layer="", index=2)),
    ],
)
def test_a_dream_raises_its_objective_and_is_the_same_each_time(slug: str, settings: FeatureVisConfig) -> None:
    first, final, net = last(settings, slug)
    assert final.objective > first.objective
    factor = settings.enlarge
    side, channels = (28, 1) if slug == "lenet5" else (32, 3)
    assert final.image.shape == (side * factor, side * factor, channels)
    assert final.image.dtype == np.uint8
    again = last(settings, slug)[1]
    assert (again.image == final.image).all()
    assert again.objective == final.objective
    assert hooks_of(net) == 0
    assert not any(type(module).__name__ == "_OpenReLU" for module in net.modules())


@pytest.mark.parametrize("switch", ["fourier", "decorrelate", "jitter", "rotate", "scale"])
def test_every_switch_changes_the_image(switch: str) -> None:
    settings = replace(CHANNEL, steps=4)
    assert (last(settings)[1].image != last(replace(settings, **{switch: False}))[1].image).any()  # type: ignore[arg-type]


def test_another_seed_is_another_image_and_no_movement_is_none() -> None:
    settings = replace(CHANNEL, steps=3, jitter=False, rotate=False, scale=False)
    assert (last(settings)[1].image != last(replace(settings, seed=1))[1].image).any()
    first, final, _ = last(replace(settings, steps=16))
    assert final.objective > first.objective


def test_torchs_own_random_numbers_are_left_alone() -> None:
    before = torch.random.get_rng_state()
    net, trace = built("lenet5")
    torch.random.set_rng_state(before)
    list(maximize_activation(net, scale_of(1), trace.input_shape, replace(CHANNEL, layer="c1", steps=2)))
    assert (torch.random.get_rng_state() == before).all()


@pytest.mark.parametrize("settings", [replace(CHANNEL, index=16), replace(CHANNEL, objective="class", index=10)])
def test_a_unit_that_does_not_exist_is_named(settings: FeatureVisConfig) -> None:
    net, trace = built("cifar-resnet20")
    with pytest.raises(ExplorerError, match="choose 0 to"):
        list(maximize_activation(net, scale_of(3), trace.input_shape, settings))
    assert hooks_of(net) == 0


def test_a_dream_that_is_left_puts_everything_back() -> None:
    net, trace = built("cifar-resnet20")
    kinds = [type(module) for module in net.modules()]
    frames = maximize_activation(net, scale_of(3), trace.input_shape, CHANNEL)
    next(frames)
    frames.close()
    assert [type(module) for module in net.modules()] == kinds
    assert hooks_of(net) == 0


def test_a_unit_that_is_dead_behind_a_relu6_is_woken() -> None:
    """It answers to no image near grey; the gradient passes the ceiling's ReLU until it does."""
    net = nn.Sequential(nn.Conv2d(3, 1, 3), nn.ReLU6())
    convolution = net[0]
    with torch.no_grad():
        for parameter, value in zip(convolution.parameters(), (0.1, -1.0), strict=True):
            parameter.fill_(value)
    settings = FeatureVisConfig(objective="channel", layer="1", index=0, steps=48)
    *frames, last = maximize_activation(net.eval(), scale_of(3), (3, 16, 16), settings)
    assert frames[0].objective == 0
    assert last.objective > 0.5
    assert isinstance(net[1], nn.ReLU6), "and everything is put back"
