"""Forward pass of a digit: the maps that PyTorch's hooks record, and the prediction."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer import inspection
from tests.inspection.conftest import lenet, operations, outputs


@pytest.fixture
def one() -> np.ndarray:
    """A stroke, as the drawing pad returns it: uint8 (28, 28, 3)."""
    pixels = np.zeros((28, 28, 3), np.uint8)
    pixels[4:24, 10:14] = 255
    return pixels


def test_the_maps_of_the_four_stages_and_the_answer(one: np.ndarray) -> None:
    model = lenet()
    x = (torch.from_numpy(one[..., 0]).float() - model.meta.normalize.mean[0]) / model.meta.normalize.std[0]
    with torch.no_grad():
        heard = outputs(model, x[None, None], ["a1", "s2", "a3", "s4"])
        expected = model.instantiate()(x[None, None]).softmax(1)[0]
    passed = inspection.forward_pass(model, one, operations(model))
    assert [(stage.stage, stage.maps.shape) for stage in passed.stages] == [
        ("C1", (6, 28, 28)),
        ("S2", (6, 14, 14)),
        ("C3", (16, 10, 10)),
        ("S4", (16, 5, 5)),
    ]
    for stage, values in zip(passed.stages, heard.values(), strict=True):
        np.testing.assert_allclose(stage.maps, values.numpy(), atol=1e-5)
        assert (stage.low, stage.high) == pytest.approx((values.min().item(), values.max().item()), abs=1e-5)
    assert passed.probabilities == pytest.approx(expected.tolist(), abs=1e-5)
    assert passed.classes[int(expected.argmax())] == "1"
    np.testing.assert_array_equal(passed.pixels[..., 0], one[..., 0])
