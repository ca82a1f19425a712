"""An image is cropped and resized to any input size, also where the crop differs from it only by rounding."""

from __future__ import annotations

import numpy as np
import pytest

from explorer import datasets
from explorer.images import PHOTOGRAPHS, fitted, load, photograph
from explorer.networks import networks

OWN_SIZES = sorted({(spec.input_shape[1], spec.input_shape[2]) for spec in networks().values()})


def gradient(rows: int, columns: int) -> np.ndarray:
    """Grey falls from left to right and from top to bottom, uint8 (H, W, 3)."""
    down, across = np.linspace(0, 1, rows)[:, None], np.linspace(0, 1, columns)
    return np.repeat((255 * (down + across) / 2).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.parametrize("image", [image.slug for image in PHOTOGRAPHS])
def test_every_photograph_is_fitted_to_every_network(image: str) -> None:
    for rows, columns in OWN_SIZES:
        assert fitted(load(image), (rows, columns)).shape == (rows, columns, 3)


@pytest.mark.parametrize("image", [image.slug for image in PHOTOGRAPHS])
def test_every_photograph_is_fitted_to_squares_that_a_visitor_may_ask_for(image: str) -> None:
    pixels = load(image)
    for side in np.random.default_rng(1).choice(np.arange(1, 1_025), 60, replace=False):
        assert fitted(pixels, (int(side), int(side))).shape == (side, side, 3)


def test_images_of_any_size_are_fitted_to_any_size() -> None:
    rng = np.random.default_rng(2)
    for _ in range(1_500):
        rows, columns, high, wide = (int(side) for side in rng.integers(1, 700, 4))
        pixels = np.zeros((rows, columns, 3), np.uint8)
        assert fitted(pixels, (high, wide)).shape == (high, wide, 3)


@pytest.mark.parametrize("size", [(240, 240), (380, 380), (456, 456), (300, 200)])
def test_what_is_cut_off_is_the_same_on_both_sides(size: tuple[int, int]) -> None:
    seen = fitted(gradient(500, 741), size).astype(int)
    assert abs(seen[0, 0, 0] + seen[-1, -1, 0] - 254) <= 4, "the middle of the image stays the middle"


def test_the_digit_is_the_first_test_image_of_its_data_set() -> None:
    digits = datasets.load("digits28")
    assert (load("digit") == digits.test_images[0, 0].numpy()[..., None]).all()
    assert photograph("digit").credit == datasets.dataset("digits28").source
