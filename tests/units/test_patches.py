"""Top activations: equal to a naive loop, cropped to the receptive field."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.records import Normalize, ReceptiveField, UnitLayer
from explorer.training.evaluating import Normalizer
from explorer.units import crop_windows, fitted_to, top_activations, unit_layers
from explorer.units.patches import GREY
from tests.units.conftest import built, hooks_of, scale_of, some_images

PLAIN = Normalizer.of(Normalize((0.0,), (1.0,)))


@pytest.mark.parametrize(("slug", "module"), [("cifar-resnet20", "layer2.0"), ("lenet5", "a3"), ("lenet5", "c1")])
def test_a_pass_finds_what_a_naive_loop_finds(slug: str, module: str) -> None:
    net, trace = built(slug)
    shape = trace.input_shape
    images, scale = some_images(14, shape[0], shape[1]), scale_of(shape[0])
    offered = {unit_layer.module: unit_layer for unit_layer in unit_layers(net, trace)}
    layer = offered.get(module) or UnitLayer(
        module, "conv", (6, 28, 28), ReceptiveField((5, 5), (1, 1), (-2, -2)), False
    )
    on_progress: list[int] = []
    found = top_activations(
        net, scale, images, layer, shape, k=4, chunk=5, on_progress=lambda done, total: on_progress.append(done)
    )
    kept: list[torch.Tensor] = []
    handle = net.get_submodule(module).register_forward_hook(lambda m, i, o: kept.append(o.clone()))
    for image in images:
        net(scale(image[None]))
    handle.remove()
    maps = torch.cat(kept)
    assert maps.shape[1:] == torch.Size(layer.shape)
    for channel in range(layer.shape[0]):
        best = []
        for number, each in enumerate(maps[:, channel]):
            row, column = divmod(int(each.argmax()), each.shape[1])
            best.append((-float(each[row, column]), number, row, column))
        expected = sorted(best)[:4]
        got = zip(found.images[channel], found.rows[channel], found.columns[channel], strict=True)
        if expected[0][0] != 0:  # a dead channel has no place
            assert [tuple(map(int, each)) for each in got] == [each[1:] for each in expected]
        np.testing.assert_allclose(found.values[channel], [-each[0] for each in expected], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.mean, maps.mean((0, 2, 3)), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(found.active_fraction, (maps > 0).float().mean((0, 2, 3)), atol=1e-6)
    assert on_progress == [5, 10, 14]
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
    found = top_activations(net, PLAIN, images, layer, (1, 16, 16), k=1)
    assert (found.images[0, 0], found.rows[0, 0], found.columns[0, 0]) == (1, 4, 3)
    (window,) = crop_windows(images, layer.rf, (1, 16, 16), found.images[0], [(4, 3)])
    assert window.shape == (8, 8, 1)
    assert np.argwhere(window[..., 0] == 255).tolist() == [[9 - (4 * 2 - 3), 6 - (3 * 2 - 3)]]


def test_what_leaves_the_image_is_grey_and_a_larger_field_shows_the_whole_image() -> None:
    images = some_images(1, 3, 8)
    whole = images[0].permute(1, 2, 0).numpy()
    small = ReceptiveField((5, 5), (1, 1), (-2, -2))
    (corner,) = crop_windows(images, small, (3, 8, 8), [0], [(0, 0)])
    assert (corner[:2] == GREY).all()
    assert (corner[:, :2] == GREY).all()
    assert (corner[2:, 2:] == whole[:3, :3]).all()
    (other,) = crop_windows(images, small, (3, 8, 8), [0], [(7, 7)])
    assert (other[:3, :3] == whole[5:, 5:]).all()
    assert (other[3:] == GREY).all()
    large = ReceptiveField((31, 31), (4, 4), (-15, -15))
    (all_of_it,) = crop_windows(images, large, (3, 8, 8), [0], [(1, 1)])
    assert (all_of_it == whole).all()


def test_images_are_fitted_to_the_network() -> None:
    grey = fitted_to(some_images(2, 3, 8), (1, 8, 8))
    red, green, blue = (
        some_images(2, 3, 8)[:, 0].float(),
        some_images(2, 3, 8)[:, 1].float(),
        some_images(2, 3, 8)[:, 2].float(),
    )
    assert (grey[:, 0].float() - (0.299 * red + 0.587 * green + 0.114 * blue)).abs().max() <= 0.51
    assert fitted_to(some_images(2, 1, 8), (3, 32, 24)).shape == (2, 3, 32, 24)
    same = some_images(2, 3, 8)
    assert fitted_to(same, (3, 8, 8)) is same


def test_a_pass_that_is_ended_leaves_no_hook() -> None:
    net, trace = built("cifar-resnet20")

    def ended(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        top_activations(
            net, scale_of(3), some_images(2, 3, 32), unit_layers(net, trace)[0], (3, 32, 32), on_progress=ended
        )
    assert hooks_of(net) == 0
