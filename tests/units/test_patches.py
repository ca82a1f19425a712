"""Patches: the same as a naive loop finds, cut where the receptive field lies."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.records import Normalize, ReceptiveField, UnitLayer
from explorer.training.evaluating import Scale
from explorer.units import cut, fitted_to, strongest, unit_layers
from explorer.units.patches import GREY
from tests.units.conftest import built, hooks_of, pictures, scale_of

PLAIN = Scale.of(Normalize((0.0,), (1.0,)))


@pytest.mark.parametrize(("slug", "module"), [("cifar-resnet20", "layer2.0"), ("lenet5", "a3"), ("lenet5", "c1")])
def test_a_pass_finds_what_a_naive_loop_finds(slug: str, module: str) -> None:
    net, trace = built(slug)
    shape = trace.input_shape
    images, scale = pictures(14, shape[0], shape[1]), scale_of(shape[0])
    offered = {one.module: one for one in unit_layers(net, trace)}
    layer = offered.get(module) or UnitLayer(
        module, "conv", (6, 28, 28), ReceptiveField((5, 5), (1, 1), (-2, -2)), False
    )
    told: list[int] = []
    found = strongest(net, scale, images, layer, shape, keep=4, chunk=5, told=lambda done, total: told.append(done))
    kept: list[torch.Tensor] = []
    handle = net.get_submodule(module).register_forward_hook(lambda m, i, o: kept.append(o.clone()))
    for image in images:
        net(scale(image[None]))
    handle.remove()
    maps = torch.cat(kept)
    assert maps.shape[1:] == torch.Size(layer.shape)
    for channel in range(layer.shape[0]):
        best = []
        for number, one in enumerate(maps[:, channel]):
            row, column = divmod(int(one.argmax()), one.shape[1])
            best.append((-float(one[row, column]), number, row, column))
        expected = sorted(best)[:4]
        got = zip(found.pictures[channel], found.rows[channel], found.columns[channel], strict=True)
        if expected[0][0] != 0:  # a dead channel has no place
            assert [tuple(map(int, one)) for one in got] == [one[1:] for one in expected]
        np.testing.assert_allclose(found.values[channel], [-one[0] for one in expected], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.mean, maps.mean((0, 2, 3)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.firing, (maps > 0).float().mean((0, 2, 3)), atol=1e-6)
    assert told == [5, 10, 14]
    assert hooks_of(net) == 0


def test_a_bright_spot_lies_in_the_middle_of_the_patch_it_excites() -> None:
    net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3, padding=1)).eval()
    net.requires_grad_(False)
    for part in (net[0], net[2]):
        part.weight.fill_(0.1)  # type: ignore[operator]
        part.bias.zero_()  # type: ignore[operator]
        part.weight[0, 0, 1, 1] = 1.0  # type: ignore[operator]
    layer = UnitLayer("2", "conv", (1, 8, 8), ReceptiveField((8, 8), (2, 2), (-3, -3)), False)
    images = torch.zeros(2, 1, 16, 16, dtype=torch.uint8)
    images[1, 0, 9, 6] = 255
    found = strongest(net, PLAIN, images, layer, (1, 16, 16), keep=1)
    assert (found.pictures[0, 0], found.rows[0, 0], found.columns[0, 0]) == (1, 4, 3)
    (window,) = cut(images, layer.rf, (1, 16, 16), found.pictures[0], [(4, 3)])
    assert window.shape == (8, 8, 1)
    assert np.argwhere(window[..., 0] == 255).tolist() == [[9 - (4 * 2 - 3), 6 - (3 * 2 - 3)]]


def test_what_leaves_the_picture_is_grey_and_a_larger_field_shows_the_whole_picture() -> None:
    images = pictures(1, 3, 8)
    whole = images[0].permute(1, 2, 0).numpy()
    small = ReceptiveField((5, 5), (1, 1), (-2, -2))
    (corner,) = cut(images, small, (3, 8, 8), [0], [(0, 0)])
    assert (corner[:2] == GREY).all()
    assert (corner[:, :2] == GREY).all()
    assert (corner[2:, 2:] == whole[:3, :3]).all()
    (other,) = cut(images, small, (3, 8, 8), [0], [(7, 7)])
    assert (other[:3, :3] == whole[5:, 5:]).all()
    assert (other[3:] == GREY).all()
    large = ReceptiveField((31, 31), (4, 4), (-15, -15))
    (all_of_it,) = cut(images, large, (3, 8, 8), [0], [(1, 1)])
    assert (all_of_it == whole).all()


def test_pictures_are_fitted_to_the_network() -> None:
    grey = fitted_to(pictures(2, 3, 8), (1, 8, 8))
    red, green, blue = pictures(2, 3, 8)[:, 0].float(), pictures(2, 3, 8)[:, 1].float(), pictures(2, 3, 8)[:, 2].float()
    assert (grey[:, 0].float() - (0.299 * red + 0.587 * green + 0.114 * blue)).abs().max() <= 0.51
    assert fitted_to(pictures(2, 1, 8), (3, 32, 24)).shape == (2, 3, 32, 24)
    same = pictures(2, 3, 8)
    assert fitted_to(same, (3, 8, 8)) is same


def test_a_pass_that_is_ended_leaves_no_hook() -> None:
    net, trace = built("cifar-resnet20")

    def ended(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        strongest(net, scale_of(3), pictures(2, 3, 32), unit_layers(net, trace)[0], (3, 32, 32), told=ended)
    assert hooks_of(net) == 0
