"""The digits enlarged to MNIST's size: the same images in the same order, inside a black border."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits

from explorer import datasets
from explorer.datasets.digits import enlarged


def test_they_are_the_small_ones_in_the_same_order() -> None:
    small, large = datasets.load("digits"), datasets.load("digits28")
    assert torch.equal(small.train_labels, large.train_labels)
    assert torch.equal(small.test_labels, large.test_labels)
    assert large.train_images.shape == (1437, 1, 28, 28)
    middles = large.train_images[:, :, 2:26, 2:26].float().unfold(2, 3, 3).unfold(3, 3, 3)[..., 1, 1]  # (N, 1, 8, 8)
    assert torch.equal(middles, small.train_images.float()), "each pixel is the middle of a square of 3 x 3"


def test_they_are_read_as_scikit_learn_reads_them() -> None:
    data, (pixels, labels) = datasets.load("digits"), load_digits(return_X_y=True)
    stored = torch.cat([data.train_images, data.test_images]).flatten(1).double()  # in an order of their own
    ours = sorted(
        map(tuple, torch.cat([stored, torch.cat([data.train_labels, data.test_labels])[:, None]], 1).tolist())
    )
    theirs = np.column_stack([np.round(pixels * 255 / 16), labels])
    assert ours == sorted(map(tuple, theirs.tolist()))


def test_the_border_is_black() -> None:
    images = datasets.load("digits28").test_images
    for border in (images[..., :2, :], images[..., -2:, :], images[..., :2], images[..., -2:]):
        assert border.max() == 0


def test_an_even_image_stays_even() -> None:
    grey = enlarged(torch.full((1, 1, 8, 8), 255, dtype=torch.uint8))
    assert grey[..., 2:26, 2:26].unique().tolist() == [255]
    assert grey.dtype == torch.uint8
