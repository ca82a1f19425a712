"""Attributions as images: zero in the middle, outliers clipped, few bytes; and their curves."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from explorer.figures import attributions as figures
from explorer.figures.maps import viridis
from explorer.figures.theme import LIGHT


def opened(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def test_the_signed_scale_is_light_in_the_middle_and_dark_at_both_ends() -> None:
    light = figures.signed_palette().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light[:128]) > -1).all()
    assert (np.diff(light[128:]) < 1).all()
    assert light[127] > 235
    assert light[0] == pytest.approx(light[255], abs=12), "for and against weigh the same"


def test_zero_lies_in_the_middle_and_outliers_do_not_darken_the_rest() -> None:
    values = np.linspace(-1, 1, 400).reshape(20, 20)
    values[0, 0] = 1e6
    entries = figures.levels(values, signed=True)
    assert entries[0, 0] == 255
    assert (entries[values < 0] < 128).all()
    assert entries[0, 1] == 0
    assert figures.levels(np.abs(values), signed=False).max() == 255


@pytest.mark.parametrize("signed", [True, False])
def test_a_map_of_nothing_is_drawn(signed: bool) -> None:
    flat = figures.heat_png(np.zeros((4, 4)), signed=signed)
    expected = figures.signed_palette()[128] if signed else viridis()[0]
    assert (opened(flat) == expected).all()
    figures.overlay_png(np.zeros((4, 4)), np.zeros((4, 4, 1), np.uint8), signed=signed)


def test_pixels_are_enlarged_by_a_whole_factor() -> None:
    for side, expected in ((28, 252), (32, 256), (224, 224), (240, 240)):
        pixels = opened(figures.heat_png(noise(side, side), signed=True))
        assert pixels.shape[:2] == (expected, expected)
        factor = expected // side
        assert (pixels == pixels[::factor, ::factor].repeat(factor, 0).repeat(factor, 1)).all()


def test_large_maps_are_means_of_squares() -> None:
    values = noise(480, 480)
    means = values.reshape(240, 2, 240, 2).mean((1, 3))
    assert figures.heat_png(values, signed=True) == figures.heat_png(means, signed=True)


@pytest.mark.parametrize("side", [28, 32, 224, 227, 299, 380, 600])
def test_what_travels_is_bounded(side: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (side // 4 + 1, side // 4 + 1, 3), np.uint8)
    image = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
    assert len(figures.overlay_png(noise(side, side), image, signed=True)) <= figures.MOST_BYTES
    assert len(figures.heat_png(noise(side, side), signed=True)) <= figures.MOST_BYTES
    assert len(figures.photograph_png(image)) <= figures.MOST_BYTES


def test_where_nothing_speaks_the_photograph_stays() -> None:
    values = np.zeros((32, 32))
    values[:4, :4] = 1
    image = np.full((32, 32, 3), 200, np.uint8)
    pixels = opened(figures.overlay_png(values, image, signed=True))
    assert len(np.unique(pixels[40:, 40:])) == 1
    assert np.ptp(pixels[100, 100]) == 0, "grey"
    assert np.ptp(pixels[8, 8]) > 60, "coloured"


@pytest.mark.parametrize("photograph", [None, np.full((2, 2, 3), 128, np.uint8)])
def test_for_and_against_are_drawn_in_the_colours_of_their_legend(photograph: np.ndarray | None) -> None:
    """A magnitude is drawn in the colours of all maps, a signed value in the two that say for and against."""
    signed = opened(figures.map_png(np.array([[1.0, -1.0], [1.0, -1.0]]), photograph, signed=True))
    size = opened(figures.map_png(np.array([[1.0, 0.0], [1.0, 0.0]]), photograph, signed=False))
    ends = {
        "for": (signed[0, 0], (122, 47, 3)),
        "against": (signed[0, -1], (5, 60, 107)),
        "much": (size[0, 0], (253, 231, 37)),
    }
    for which, (pixel, colour) in ends.items():
        assert np.abs(pixel - colour).max() <= (0 if photograph is None else 15), which  # 8 % of the photograph
    for kind, (low, high) in {True: ("#053C6B", "#7A2F03"), False: ("#440154", "#FDE725")}.items():
        assert figures.gradient(kind).index(low) < figures.gradient(kind).index(high)


def test_the_curves_are_plain_data() -> None:
    lines = [figures.Line("a", [0, 1], [0.5, 0.25]), figures.Line("r", [0, 1], [0.5, 0], baseline=True)]
    option = figures.probability_curves(lines, theme=LIGHT, across="s", upright="p", title="Deletion")
    json.dumps(option, allow_nan=False)
    assert [each["data"] for each in option["series"]] == [[[0, 50], [100, 25]], [[0, 50], [100, 0]]]
    assert option["series"][1]["lineStyle"]["type"] == "dashed"


def test_the_gradient_is_css() -> None:
    for signed in (True, False):
        assert figures.gradient(signed).count("#") == 6
