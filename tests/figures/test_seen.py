"""Windows and heat on a picture: in the right place, whatever leaves the picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.figures.seen import barcode_png, map_png, picture_png, reach_png, window_png

PICTURE = np.full((32, 48, 3), 200, np.uint8)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_window_is_lit_and_the_rest_dimmed() -> None:
    pixels = opened(window_png(PICTURE, (8, 16, 24, 32), 128))
    assert pixels.shape == (128, 192, 3)
    assert tuple(pixels[64, 96]) == (200, 200, 200)
    assert tuple(pixels[4, 4]) == (70, 70, 70)
    assert tuple(pixels[32, 90]) == (230, 159, 0)


@pytest.mark.parametrize("window", [(-20, -20, 5, 5), (30, 40, 90, 90), (-50, -50, 100, 100), (40, 60, 50, 70)])
def test_a_window_may_leave_the_picture(window: tuple[int, int, int, int]) -> None:
    assert opened(window_png(PICTURE, window, 64)).shape == (64, 96, 3)


def test_heat_without_heat_is_dark() -> None:
    """A unit that hears nothing for this picture."""
    pixels = opened(window_png(PICTURE, (0, 0, 4, 4), 32, heat=np.zeros((32, 48), np.float32)))
    assert pixels[20, 20].max() == 50


def test_grey_pictures_and_other_maps_are_drawn() -> None:
    assert opened(picture_png(PICTURE[..., :1], 32)).shape == (32, 48, 3)
    assert opened(map_png(np.eye(5, dtype=np.float32), 50)).shape == (50, 50, 3)
    assert opened(barcode_png(np.arange(84, dtype=np.float32), 60)).shape[1] == 60
    assert opened(reach_png(np.zeros((8, 8), np.float32), None, 64)).shape == (64, 64, 3)
