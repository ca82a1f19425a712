"""A kernel that is learned by convolution comes out turned: compared with PyTorch's own gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from explorer.blocks.kernels import KERNELS, turned
from explorer.blocks.learning import learned_twice


@pytest.mark.parametrize("code", ["sobel-vertical", "falling", "gaussian"])
def test_both_learn_the_same_function(code: str) -> None:
    found = learned_twice(KERNELS[code], 400)
    assert np.allclose(found.correlated, KERNELS[code], atol=1e-3)
    assert np.allclose(found.convolved, turned(KERNELS[code]), atol=1e-3)
    assert max(found.errors) < 1e-5


@pytest.mark.parametrize("steps", [0, 1, 7])
def test_at_every_step_the_one_is_the_other_turned(steps: int) -> None:
    found = learned_twice(KERNELS["falling"], steps)
    assert np.allclose(found.convolved, turned(found.correlated))
    assert found.errors[0] == pytest.approx(found.errors[1])


def test_the_steps_are_those_of_autograd() -> None:
    """Half the mean squared error, minimised by torch's own SGD."""
    image = torch.from_numpy(np.random.default_rng(0).normal(size=(16, 16)))[None, None]
    wanted = torch.tensor(KERNELS["rising"], dtype=torch.float64)[None, None]
    kernel = torch.zeros(1, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    sgd = torch.optim.SGD([kernel], lr=0.1)
    for _ in range(5):
        sgd.zero_grad()
        (F.mse_loss(F.conv2d(image, kernel.flip(-2, -1)), F.conv2d(image, wanted)) / 2).backward()
        sgd.step()
    found = learned_twice(KERNELS["rising"], 5)
    assert np.allclose(found.convolved, kernel[0, 0].detach().numpy())
    error = F.mse_loss(F.conv2d(image, kernel.flip(-2, -1)), F.conv2d(image, wanted))
    assert found.errors[1] == pytest.approx(float(error.detach()))
