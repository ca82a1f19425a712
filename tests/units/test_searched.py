"""Pieces of the bundled photographs: squares that lie where they should, of every photograph."""

from __future__ import annotations

import numpy as np
import torch

from explorer import datasets
from explorer.images import PHOTOGRAPHS, fitted, load
from explorer.units import PHOTOGRAPHS_SLUG, searched


def test_the_first_piece_of_each_photograph_is_its_left_square() -> None:
    data = searched(PHOTOGRAPHS_SLUG, (3, 64, 64))
    assert data.shape == (3, 64, 64)
    assert data.classes == tuple(entry.slug for entry in PHOTOGRAPHS)
    for label, entry in enumerate(PHOTOGRAPHS):
        photograph = load(entry.slug)
        side = min(photograph.shape[:2])
        first = data.train_images[int((data.train_labels == label).nonzero()[0])]
        np.testing.assert_array_equal(first.permute(1, 2, 0), fitted(photograph[:side, :side], (64, 64)))


def test_every_pixel_is_in_some_small_piece() -> None:
    """Halves that overlap by half: a photograph of 300 x 451 gives 3 x 5 of them, and what is over at the right."""
    data = searched(PHOTOGRAPHS_SLUG, (3, 32, 32))
    counted = torch.bincount(data.train_labels).tolist()
    rows, columns = load("cat").shape[:2]
    sides = [rows, int(rows * 2 / 3), rows // 2]
    expected = sum(
        len(range(0, rows - side + 1, side // 2)) * len(range(0, columns - side + 1, side // 2)) for side in sides
    )
    assert counted[0] == expected == 2 + 2 * 3 + 3 * 5
    assert min(counted) > 10


def test_one_channel_is_grey_and_a_data_set_stays_itself() -> None:
    assert searched(PHOTOGRAPHS_SLUG, (1, 28, 28)).shape == (1, 28, 28)
    assert searched("shapes", (3, 224, 224)) is datasets.load("shapes")
