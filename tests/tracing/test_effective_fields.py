"""Measured receptive fields: the effective inside the theoretical one, pixel influence inside the projective window."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.networks import network
from explorer.records import LayerRecord, NetworkInstance
from explorer.tracing import cell_at, effective_receptive_fields, layers_of, pixel_influence, projective_window

SLUGS = ("lenet5", "cifar-resnet20", "cifar-plain20", "densenet-bc-100-12")


@pytest.fixture(scope="module", params=SLUGS)
def net(request: pytest.FixtureRequest) -> tuple[nn.Module, torch.Tensor, tuple[LayerRecord, ...]]:
    """A network, an image, and its layers that have a grid."""
    spec = network(request.param)
    torch.manual_seed(0)
    built = spec.build(classes=spec.classes).eval().requires_grad_(False)
    return built, torch.randn(1, *spec.input_shape), layers_of(NetworkInstance.of(spec))


def _grids(layers: tuple[LayerRecord, ...]) -> list[LayerRecord]:
    return [layer for layer in layers if len(layer.out_shape) == 3 and layer.out_shape[1] > 1]


def test_effective_field_lies_inside_the_theoretical(
    net: tuple[nn.Module, torch.Tensor, tuple[LayerRecord, ...]],
) -> None:
    """For the corner and the middle of every layer with a grid; and it is not empty everywhere."""
    built, x, layers = net
    grids = _grids(layers)[:: max(1, len(_grids(layers)) // 12)]
    for place in ((0.0, 0.0), (0.5, 0.5), (0.99, 0.2)):
        cells = {layer.name: cell_at(layer, place) for layer in grids}
        fields = effective_receptive_fields(built, x, layers, cells)
        for layer in grids:
            top, left, bottom, right = (max(0, edge) for edge in layer.rf.window(*cells[layer.name]))
            outside = fields[layer.name].copy()
            outside[top:bottom, left:right] = 0
            assert not outside.any(), layer.name
    assert fields[grids[0].name].any()


def test_influence_stays_among_the_cells_that_can_be_reached(
    net: tuple[nn.Module, torch.Tensor, tuple[LayerRecord, ...]],
) -> None:
    """The cells that a pixel affects are among those whose window contains it."""
    built, x, layers = net
    grids = _grids(layers)[:: max(1, len(_grids(layers)) // 12)]
    for pixel in ((0, 0), (13, 20), (x.shape[2] - 1, x.shape[3] - 1)):
        moved = pixel_influence(built, x, layers, [layer.name for layer in grids], pixel)
        for layer in grids:
            cells = projective_window(layer, pixel)
            outside = moved[layer.name].copy()
            if cells:
                outside[cells[0] : cells[2], cells[1] : cells[3]] = 0
            assert np.abs(outside).max() < 1e-5, layer.name


def test_reached_is_the_window_reversed(net: tuple[nn.Module, torch.Tensor, tuple[LayerRecord, ...]]) -> None:
    """A cell is reached by a pixel if and only if its window holds that pixel."""
    _, x, layers = net
    for layer in _grids(layers)[::7]:
        for pixel in ((0, 0), (5, 17), (x.shape[2] - 1, 3)):
            _, rows, columns = layer.out_shape
            holding = np.zeros((rows, columns), bool)
            for row in range(rows):
                for column in range(columns):
                    top, left, bottom, right = layer.rf.window(row, column)
                    holding[row, column] = top <= pixel[0] < bottom and left <= pixel[1] < right
            found = np.zeros((rows, columns), bool)
            if cells := projective_window(layer, pixel):
                found[cells[0] : cells[2], cells[1] : cells[3]] = True
            assert np.array_equal(found, holding), (layer.name, pixel)


def test_a_vector_is_taken_as_a_whole() -> None:
    """The effective receptive field of the logits is that of all together."""
    spec = network("lenet5")
    built = spec.build(classes=10).eval()
    layers = layers_of(NetworkInstance.of(spec))
    fields = effective_receptive_fields(built, torch.randn(1, 1, 28, 28), layers, {layers[-1].name: (0, 0)})
    assert fields[layers[-1].name].shape == (28, 28)
    assert cell_at(layers[-1], (0.7, 0.2)) == (0, 0)
