"""Top patches: small literal `TopActivations`, windows cropped with plain slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer import inspection
from explorer.datasets import ImageData
from explorer.records import ReceptiveField, TopActivations, UnitLayer
from tests.inspection.conftest import lenet

RF = ReceptiveField((14, 14), (2, 2), (-2, -2))
LAYER = UnitLayer("a3", "conv", (3, 10, 10), RF, True)
FOUND = TopActivations(
    images=np.array([[2, 0], [1, 2], [0, 1]]),
    rows=np.array([[3, 1], [0, 4], [2, 5]]),
    columns=np.array([[5, 2], [1, 0], [2, 7]]),
    values=np.array([[9.0, 7.0], [0.0, 0.0], [4.0, 3.0]], np.float32),
    mean=np.array([1.5, 0.0, 0.5], np.float32),
    active_fraction=np.array([0.75, 0.0, 0.25]),
    searched=3,
)


@pytest.fixture
def data() -> ImageData:
    images = torch.randint(0, 256, (3, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    labels = torch.tensor([4, 1, 7])
    return ImageData(
        classes=tuple("abcdefghij"), train_images=images, train_labels=labels, test_images=images, test_labels=labels
    )


def test_the_numbers_of_a_channel_are_those_that_were_found(data: ImageData) -> None:
    one = inspection.top_patches(lenet(), LAYER, FOUND, data, 0)
    assert (one.values, one.truths, one.mean, one.active) == ((9.0, 7.0), ("h", "e"), 1.5, 0.75)
    assert not one.whole
    large = UnitLayer("a3", "conv", (3, 10, 10), RF._replace(size=(28, 32)), True)
    assert inspection.top_patches(lenet(), large, FOUND, data, 2).whole
    tall = UnitLayer("a3", "conv", (3, 10, 10), RF._replace(size=(28, 27)), True)
    assert not inspection.top_patches(lenet(), tall, FOUND, data, 2).whole


def test_channels_without_activity_are_left_out() -> None:
    assert inspection.living_channels(FOUND, 9) == (0, 2)
    assert inspection.living_channels(FOUND, 1) == (0,)
    below = replace(FOUND, mean=np.array([-1.5, -1.0, 0.5], np.float32))
    assert inspection.living_channels(below, 9) == (0, 2), "its mean may be negative, without a ReLU"


def test_windows_are_cut_where_the_unit_looked(data: ImageData) -> None:
    first, second = inspection.patch_windows(lenet(), LAYER, FOUND, data, [(0, 0), (2, 1)])
    image = data.train_images[:, 0].numpy()
    np.testing.assert_array_equal(first[..., 0], image[2, 4:18, 8:22])  # row -2 + 2 * 3, column -2 + 2 * 5
    np.testing.assert_array_equal(second[..., 0], image[1, 8:22, 12:26])
