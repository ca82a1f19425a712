"""Windows and heat on an image: in the right place, whatever leaves the image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.figures.receptive_windows import (
    barcode_png,
    image_png,
    map_png,
    photograph_jpeg,
    reach_png,
    stage_images,
    window_png,
)
from explorer.records import StageSummary
from tests.random_weights import trace_of

IMAGE = np.full((32, 48, 3), 200, np.uint8)


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_window_is_lit_and_the_rest_dimmed() -> None:
    pixels = opened(window_png(IMAGE, (8, 16, 24, 32), 128))
    assert pixels.shape == (128, 192, 3)
    assert tuple(pixels[64, 96]) == (200, 200, 200)
    assert tuple(pixels[4, 4]) == (70, 70, 70)
    assert tuple(pixels[32, 90]) == (230, 159, 0)


@pytest.mark.parametrize("window", [(-20, -20, 5, 5), (30, 40, 90, 90), (-50, -50, 100, 100), (40, 60, 50, 70)])
def test_a_window_may_leave_the_image(window: tuple[int, int, int, int]) -> None:
    assert opened(window_png(IMAGE, window, 64)).shape == (64, 96, 3)


def test_heat_without_heat_is_dark() -> None:
    """A unit whose gradient is zero for this image."""
    pixels = opened(window_png(IMAGE, (0, 0, 4, 4), 32, heat=np.zeros((32, 48), np.float32)))
    assert pixels[20, 20].max() == 50


def test_a_stage_is_drawn_with_its_own_channels_and_window() -> None:
    volume = np.random.default_rng(0).normal(size=(4, 8, 8)).astype(np.float32)
    layer = trace_of("lenet5").layers[0]
    drawn = stage_images(StageSummary(layer, (2, 0), 0.5, (2, 1, 6), (2, 20, 10, 40), 0.1), volume, IMAGE)
    assert drawn.channels == (map_png(volume[2], 76), map_png(volume[0], 76))
    assert drawn.mean == map_png(volume.mean(0), 76)
    assert opened(drawn.mean).shape == (80, 80, 3)
    pixels = opened(drawn.window)[1::3, 1::3]  # every pixel of the image is a square of three
    lit = np.zeros((32, 48), bool)
    lit[3:9, 21:39] = True  # without the frame
    assert (pixels[lit] == 200).all()
    outside = np.ones((32, 48), bool)
    outside[1:11, 19:41] = False
    assert (pixels[outside] == 70).all()


def test_a_vector_is_drawn_as_one_block() -> None:
    vector, layer = np.arange(10, dtype=np.float32), trace_of("lenet5").layers[-1]
    drawn = stage_images(StageSummary(layer, (), 0.9, (9, 0, 0), (0, 0, 32, 48), 1.0), vector, IMAGE)
    assert (drawn.channels, drawn.mean) == ((), barcode_png(vector, 76))


def test_grey_images_and_other_maps_are_drawn() -> None:
    assert opened(image_png(IMAGE[..., :1], 32)).shape == (32, 48, 3)
    assert opened(map_png(np.eye(5, dtype=np.float32), 50)).shape == (50, 50, 3)
    assert opened(barcode_png(np.arange(84, dtype=np.float32), 60)).shape[1] == 60
    assert opened(reach_png(np.zeros((8, 8), np.float32), (0, 0, 0, 0), 64)).shape == (64, 64, 3)


def test_a_large_photograph_is_reduced_in_a_strip_and_its_window_with_it() -> None:
    photograph = np.full((304, 456, 3), 200, np.uint8)
    layer = trace_of("lenet5").layers[0]
    volume = np.zeros((1, 8, 8), np.float32)
    drawn = stage_images(StageSummary(layer, (0,), 0.0, (0, 1, 6), (76, 152, 228, 304), 0.1), volume, photograph)
    pixels = opened(drawn.window)
    assert pixels.shape == (152, 228, 3), "twice the 76 pixels it is shown at"
    assert (pixels[44:108, 82:146] == 200).all(), "rows 38 to 114, columns 76 to 152, without the frame"
    assert (pixels[:32] == 70).all()


def test_a_photograph_is_bright_where_the_network_gets_it() -> None:
    photograph = np.full((300, 451, 3), 200, np.uint8)
    shown = opened(photograph_jpeg(photograph, (0.0, 75.5, 300.0, 375.5))).astype(int)
    assert shown.shape[:2] == (300, 451)
    assert np.abs(shown[:, 84:368] - 200).max() <= 3
    assert shown[:, :68].max() < 100
    assert shown[:, 384:].max() < 100
    large, small = np.zeros((1800, 1200, 3), np.uint8), np.zeros((28, 28, 3), np.uint8)
    assert opened(photograph_jpeg(large, (0.0, 0.0, 1800.0, 1200.0))).shape == (900, 600, 3)
    assert opened(photograph_jpeg(small, (0.0, 0.0, 28.0, 28.0))).shape == (14 * 28, 14 * 28, 3)
