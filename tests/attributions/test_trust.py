"""Random weights, rank correlation, insertion and deletion: compared with known numbers, or with scipy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from torch import nn

from explorer.attributions import insertion_deletion, prepared, randomized, rank_correlation
from explorer.attributions.trust import blurred
from tests.attributions.conftest import subject


def test_randomized_weights_are_others_and_the_network_keeps_its_own() -> None:
    network, _, x = subject("cifar-resnet20")
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    one, again, other = randomized(network), randomized(network), randomized(network, 1)
    with torch.inference_mode():
        assert torch.equal(one(x), again(x))
        assert not torch.allclose(one(x), other(x))
        assert not torch.allclose(one(x), network(x))
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not one.training
    weight = next(module for module in one.modules() if isinstance(module, nn.Linear)).weight
    assert float(weight.var()) == pytest.approx(2 / weight.shape[1], rel=0.2)


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(9, 7)), rng.normal(size=(9, 7)).clip(0)  # many ties
    assert rank_correlation(first, second) == pytest.approx(spearmanr(abs(first).ravel(), abs(second).ravel())[0])
    assert rank_correlation(first, -3 * first) == pytest.approx(1)
    assert rank_correlation(first, np.zeros((9, 7))) == 0


class Counts(nn.Module):
    """The logit of class 1 is the number of bright pixels in the left half, of 64 in all, less 16."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count = (x[:, 0, :, :4] > 0.5).float().sum((1, 2))
        return torch.stack([torch.zeros_like(count), count - 16], 1)


def test_the_right_order_beats_the_wrong_one() -> None:
    x = torch.ones(1, 1, 8, 8)
    right = np.zeros((8, 8), np.float32)
    right[:, :4] = 1
    ready = prepared(Counts())
    good, bad = (insertion_deletion(ready, x, values, 1, 8) for values in (right, -right))
    assert list(good.share) == [i / 8 for i in range(9)]
    assert good.deletion[0] == pytest.approx(1, abs=1e-6)
    assert good.deletion[4] == pytest.approx(0, abs=1e-6), "the left half is gone"
    assert bad.deletion[4] == pytest.approx(1, abs=1e-6)
    assert good.deletion_area < 0.3 < 0.7 < bad.deletion_area
    assert good.insertion[-1] == pytest.approx(good.deletion[0])


def test_the_curves_begin_and_end_at_the_images_of_the_paper() -> None:
    """Insertion goes from the blurred image to the sharp one, deletion from the sharp one to the mean, zero."""
    network, ready, x = subject("cifar-resnet20")
    found = insertion_deletion(ready, x, np.random.default_rng(0).random((x.shape[2], x.shape[3])), 3, 4)
    sigma = x.shape[3] / 20
    soft = np.stack(
        [gaussian_filter(each, sigma, mode="mirror", radius=round(3 * sigma)) for each in x[0].double().numpy()]
    )
    with torch.inference_mode():
        images = (torch.from_numpy(soft)[None].float(), x, torch.zeros_like(x))
        begun, sharp, gone = (float(network(image).softmax(1)[0, 3]) for image in images)
    assert abs(begun - gone) > 1e-3, "the two would not be told apart"
    assert found.insertion[0] == pytest.approx(begun, rel=1e-3)
    assert found.insertion[-1] == pytest.approx(sharp, rel=1e-4)
    assert found.deletion[0] == pytest.approx(sharp, rel=1e-4)
    assert found.deletion[-1] == pytest.approx(gone, rel=1e-4)


@pytest.mark.parametrize("size", [(60, 24), (24, 60)])
def test_an_image_is_blurred_by_a_twentieth_of_its_longer_side(size: tuple[int, int]) -> None:
    x = torch.randn((1, 2, *size), generator=torch.Generator().manual_seed(0), dtype=torch.double)
    by_scipy = [gaussian_filter(each, 3.0, mode="mirror", radius=9) for each in x[0].numpy()]
    np.testing.assert_allclose(blurred(x)[0].numpy(), np.stack(by_scipy), atol=1e-9)


def test_a_blurred_image_keeps_its_mean_and_loses_its_detail() -> None:
    x = torch.randn((1, 3, 40, 40), generator=torch.Generator().manual_seed(0))
    soft = blurred(x)
    assert soft.shape == x.shape
    assert float(soft.std()) < 0.4 * float(x.std())
    assert torch.allclose(blurred(torch.full((1, 1, 8, 8), 3.0)), torch.full((1, 1, 8, 8), 3.0))
