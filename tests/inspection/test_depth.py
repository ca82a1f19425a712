"""The depth summary: strongest channels and units by sorting, windows by hand, shares by counting pixels."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import inspection
from explorer.inspection.layers import KEPT_MEGABYTES
from explorer.networks import network
from explorer.records import NetworkInstance, StageSummary
from explorer.tracing import capture, layers_of
from tests.inspection.conftest import ENDS, ends_of, operations, resnet

FIELDS = {"stem": (3, -1, 1), "32x32": (15, -7, 1), "16x16": (37, -18, 2), "8x8": (81, -40, 4)}
"""Side, first row and step of the windows of ResNet-20, by hand: 3x3 adds 2 steps, the first of a stage doubles it."""


@pytest.fixture(params=["cat", "noise"])
def image(request: pytest.FixtureRequest) -> np.ndarray:
    found: np.ndarray = request.getfixturevalue(request.param)
    return found


def summarised(image: np.ndarray, channels: int = 5) -> dict[str, StageSummary]:
    model = resnet()
    found = capture(model.instantiate(), model.preprocess(image), operations(model))
    return {each.layer.stage: each for each in inspection.depth_summary(model, found, channels)}


def test_the_strongest_channels_come_first(image: np.ndarray) -> None:
    volumes = ends_of(resnet(), image)
    for stage, each in summarised(image).items():
        if stage == "head":
            continue
        peaks = {channel: float(values.max()) for channel, values in enumerate(volumes[stage])}
        assert list(each.channels) == sorted(peaks, key=lambda channel: (-peaks[channel], channel))[:5]
        assert len(each.channels) == 5


def test_shares_and_strongest_units_are_counted(image: np.ndarray) -> None:
    volumes, summaries = ends_of(resnet(), image), summarised(image)
    assert list(summaries) == list(ENDS)
    for stage, summary in summaries.items():
        values = volumes[stage].ravel().tolist()
        assert summary.active == pytest.approx(sum(value > 0 for value in values) / len(values))
        at = np.unravel_index(values.index(max(values)), volumes[stage].shape)
        assert summary.unit[: len(at)] == tuple(map(int, at))


def test_windows_lie_where_the_formula_says(image: np.ndarray) -> None:
    places = []
    for stage, (side, start, step) in FIELDS.items():
        one = summarised(image)[stage]
        _, row, column = one.unit
        top, left = start + step * row, start + step * column
        assert one.window == (top, left, top + side, left + side)
        inside = [(y, x) for y in range(32) for x in range(32) if top <= y < top + side and left <= x < left + side]
        assert one.share_seen == pytest.approx(len(inside) / 32**2)
        places.append((row, column))
    assert any(row != column for row, column in places), "a mixed-up pair would not be noticed"


def test_a_vector_has_seen_the_whole_image(image: np.ndarray) -> None:
    head = summarised(image)["head"]
    assert (head.channels, head.window, head.share_seen) == ((), (0, 0, 32, 32), 1.0)


def test_stage_ends_and_grids_are_those_of_the_network() -> None:
    ends = inspection.stage_ends(operations(resnet()))
    assert [end.stage for end in ends] == list(ENDS)
    assert [end.out_shape for end in ends] == [(16, 32, 32), (16, 32, 32), (32, 16, 16), (64, 8, 8), (10,)]
    grids = inspection.grid_layers(operations(resnet()))
    assert all(grid.out_shape[1] > 1 for grid in grids)
    left_out = {operation.kind for operation in operations(resnet())} - {grid.kind for grid in grids}
    assert "linear" in left_out


@pytest.mark.parametrize("slug", ["cifar-resnet20", "efficientnet-b7"])
def test_all_maps_are_kept_where_they_fit(slug: str) -> None:
    layers = layers_of(NetworkInstance.of(network(slug)))
    size = sum(4 * int(np.prod(layer.out_shape)) for layer in layers) / 1e6
    assert inspection.megabytes(layers) == pytest.approx(size)
    ends = tuple(stage_end.name for stage_end in inspection.stage_ends(layers))
    if size <= KEPT_MEGABYTES:
        assert inspection.layers_to_keep(layers, layers[3].name) is None
    else:
        assert inspection.layers_to_keep(layers) == inspection.layers_to_keep(layers, ends[0]) == ends
        assert inspection.layers_to_keep(layers, layers[3].name) == (*ends, layers[3].name)
    assert (size <= KEPT_MEGABYTES) == (slug == "cifar-resnet20")
