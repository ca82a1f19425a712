"""A scene moved by a pixel: outputs against torch's layers, and what is said of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from explorer.blocks.kernels import KERNELS
from explorer.blocks.shifting import MOST, SIDE, drift, moved_scene
from explorer.images import fitted, load
from explorer.records import luma


def scene(slug: str = "cat") -> np.ndarray:
    pixels = fitted(load(slug), (SIDE, SIDE + MOST)).astype(np.float32)
    grey: np.ndarray = luma(*np.moveaxis(pixels, 2, 0)).round().astype(np.uint8)
    return grey


@pytest.mark.parametrize("shift", [0, 1, 5, 8])
def test_the_views_are_one_scene_and_the_convolution_is_torchs(shift: int) -> None:
    found = moved_scene(scene(), shift, 0)
    assert found.before.shape == found.after.shape == (SIDE, SIDE)
    assert np.array_equal(found.after[:, shift:], found.before[:, : SIDE - shift])
    (conv,) = (each for each in found.outputs if each.wiring == "conv")
    kernel = torch.tensor(KERNELS["sobel-vertical"]).double()[None, None]
    for view, output in ((found.before, conv.before), (found.after, conv.after)):
        expected = F.conv2d(torch.from_numpy(view.copy()).double()[None, None] / 255, kernel)[0, 0]
        assert output == pytest.approx(expected.numpy(), abs=1e-12)


def test_dense_and_local_are_linear_layers_of_their_own_weights() -> None:
    """Both are linear; one changed pixel changes every output of the one, and nine of the other."""
    one, two = scene("cat"), scene("coffee")
    mean = ((one.astype(int) + two) // 2).astype(np.uint8)
    odd = (one.astype(int) + two) % 2  # what is lost by rounding
    for place in range(2):
        parts = [moved_scene(each, 0, 3).outputs[place].before for each in (one, two, mean, odd.astype(np.uint8))]
        assert parts[0] + parts[1] == pytest.approx(2 * parts[2] + parts[3], abs=1e-9)
    dotted = one.copy()
    dotted[10, MOST + 10] ^= 255
    before, after = moved_scene(one, 0, 3), moved_scene(dotted, 0, 3)
    changed = [(a.before != b.before) for a, b in zip(before.outputs, after.outputs, strict=True)]
    assert [int(each.sum()) for each in changed[:2]] == [30 * 30, 9]
    assert changed[1][8:11, 8:11].all()


@pytest.mark.parametrize("slug", ["cat", "astronaut", "brick"])
@pytest.mark.parametrize("shift", [1, 3])
def test_only_shared_weights_let_the_output_move_along(slug: str, shift: int) -> None:
    dense, local, conv = moved_scene(scene(slug), shift, 0).outputs
    assert conv.gap == 0
    assert conv.likeness == pytest.approx(1)
    assert min(dense.gap, local.gap) > 0.5
    assert abs(dense.likeness) < 0.3
    assert abs(local.likeness) < 0.3


def test_likeness_is_the_correlation() -> None:
    found = moved_scene(scene(), 2, 0)
    for each in found.outputs:
        expected = np.corrcoef(each.before[:, :-2].ravel(), each.after[:, 2:].ravel())[0, 1]
        assert each.likeness == pytest.approx(expected)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("f", range(1, 9))
def test_a_dot_drifts_by_half_a_cell_a_layer_where_a_kernel_has_no_middle(f: int) -> None:
    found = drift(f, 8)
    signal = torch.zeros(1, 1, 129, dtype=torch.float64)
    signal[..., 64] = 1
    for layer, place in enumerate(found):
        assert place == pytest.approx(float((signal[0, 0] * torch.arange(129)).sum()) - 64, abs=1e-9)
        assert place == pytest.approx(0 if f % 2 else -layer / 2, abs=1e-9)
        signal = F.conv1d(signal, torch.full((1, 1, f), 1 / f, dtype=torch.float64), padding="same")
