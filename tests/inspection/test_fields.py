"""Fields: gradients from PyTorch's hooks, changes by running twice, shares by summation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer import inspection
from tests.inspection.conftest import ENDS, operations, outputs, resnet

CELL, PIXEL = (3, 9), (5, 20)


def smallest_share(values: np.ndarray, part: float) -> float:
    """Take the largest values one by one until they add up to `part` of all."""
    total, taken, count = float(values.astype(np.float64).sum()), 0.0, 0
    for value in sorted(values.astype(np.float64).ravel().tolist(), reverse=True):
        taken, count = taken + value, count + 1
        if taken >= part * total:
            return count / values.size
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("values", "share"), [([96, 1, 1, 2], 0.25), ([90, 6, 3, 1], 0.5), ([25, 25, 25, 25], 1.0), ([0, 0, 0, 0], 0.0)]
)
def test_the_share_that_carries_most_is_counted_from_the_largest(values: list[float], share: float) -> None:
    assert inspection.share_within(np.array(values, np.float32).reshape(2, 2), 0.95) == share


def test_an_effective_receptive_field_is_the_gradient_of_a_cell(cat: np.ndarray) -> None:
    model = resnet()
    layers = operations(model)
    chosen = next(layer for layer in layers if layer.name == inspection.stage_ends(layers)[2].name)  # 16 x 16
    found = inspection.effective_receptive_field(model, cat, layers, chosen, CELL)
    cells = {"stem": (7, 19), "32x32": (7, 19), "16x16": CELL, "8x8": (1, 4)}  # of the same relative place
    assert [view.layer.stage for view, _ in found] == list(cells)
    for view, gradient in found:
        x = model.preprocess(cat).requires_grad_(True)
        volume = outputs(model, x, [ENDS[view.layer.stage]])[ENDS[view.layer.stage]]
        row, column = cells[view.layer.stage]
        volume[:, row, column].sum().backward()
        assert x.grad is not None
        expected = x.grad[0].abs().sum(0).numpy()
        assert view.place == (row, column)
        np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-6 * expected.max())
        assert view.share == pytest.approx(smallest_share(expected, 0.95), abs=2 / 32**2)
        top, left, bottom, right = view.window
        outside = expected.copy()
        outside[max(top, 0) : bottom, max(left, 0) : right] = 0
        assert outside.max() == 0, "nothing outside the theoretical window"
    shares = [view.share for view, _ in found]
    assert shares == sorted(shares), "deeper sees more"
    assert 0.05 < shares[2] < 0.9, "neither a few pixels nor all of them: 5 % and 95 % would not be told apart"


def test_a_projective_field_is_what_moves_with_a_pixel(cat: np.ndarray) -> None:
    model = resnet()
    x = model.preprocess(cat)
    moved = x.clone()
    for channel in range(3):  # to the end of the channel's range that lies further away
        low, high = float(x[0, channel].min()), float(x[0, channel].max())
        here = float(x[0, channel][PIXEL])
        moved[0, channel][PIXEL] = high if high - here > here - low else low
    with torch.no_grad():
        before, after = (outputs(model, each, list(ENDS.values())) for each in (x, moved))
    found = inspection.projective_field(model, cat, operations(model), PIXEL)
    assert [view.layer.stage for view, _ in found] == ["stem", "32x32", "16x16", "8x8"]
    for view, change in found:
        module = ENDS[view.layer.stage]
        expected = (after[module] - before[module]).abs().mean(0).numpy()
        np.testing.assert_allclose(change, expected, rtol=1e-3, atol=1e-6)
        cells = expected.ravel().tolist()
        assert view.share == pytest.approx(sum(cell > 0.05 * max(cells) for cell in cells) / len(cells))
        top, left, bottom, right = view.window
        outside = expected.copy()
        outside[top:bottom, left:right] = 0
        assert outside.max() == 0, "no cell moves whose window does not hold the pixel"
    assert found[0][0].window == (4, 19, 7, 22), "a 3x3 convolution: the nine cells around"
    assert found[-1][0].share > 2 / 64, "5 % and 95 % would not be told apart by one cell"


def test_where_all_weights_are_zero_nothing_moves() -> None:
    model = resnet()
    silent = type(model)(
        "random:silent", model.meta, {key: torch.zeros_like(each) for key, each in model.state.items()}
    )
    views = inspection.projective_field(silent, np.zeros((32, 32, 3), np.uint8), operations(silent), PIXEL)
    assert [view.share for view, _ in views] == [0.0] * 4
