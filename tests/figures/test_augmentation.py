"""Figures of augmented images: plain data that a browser can draw, with the right numbers."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from explorer.figures import augmentation as figures, palette
from explorer.figures.theme import DARK, LIGHT, Theme
from explorer.records import ColourCloud, MirroredSet
from tests.figures.checks import assert_drawable

THEMES = pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])


def colours(values: tuple[float, ...] = (0.09, 0.01, 0.0)) -> ColourCloud:
    points = np.random.default_rng(1).random((50, 3))
    return ColourCloud(points, np.array([0.5, 0.4, 0.3]), ((0.1,) * 3,) * 3, np.array(values), np.eye(3))


def test_an_image_travels_as_a_jpeg_and_is_saved_without_loss() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    assert figures.tile(pixels).startswith(b"\xff\xd8")
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(figures.whole(pixels)))), pixels)


def test_a_small_image_is_mirrored_and_enlarged() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4, 1)
    shown = np.asarray(Image.open(io.BytesIO(figures.mirrored_tile(pixels, mirrored=True, factor=2))))
    assert np.array_equal(shown[::2, ::2], pixels[:, ::-1, 0])


def test_letters_stand_above_their_mirror_images() -> None:
    shown = np.asarray(Image.open(io.BytesIO(figures.letters("bO", side=40))))
    assert shown.shape == (85, 80)
    first, below = shown[:40, :40], shown[45:, :40]
    assert np.array_equal(first, below[:, ::-1])
    assert not np.array_equal(first, below)
    assert (shown < 128).any()


@THEMES
def test_a_law_is_a_histogram_of_its_numbers(look: Theme) -> None:
    values = {"a": [0.0, 0.0, 10.0, 16.0], "b": [12.0]}
    option = figures.law(values, {"a": [3.0]}, theme=look, unit="px", title="title")
    assert json.loads(json.dumps(option))["title"]["text"] == "title"
    lines = {each["name"]: each["data"] for each in option["series"] if each["type"] == "line"}
    assert sum(height for _, height in lines["a"][:-1]) == pytest.approx(100)
    assert lines["a"][0] == [0.0, 50.0]
    assert lines["b"][12] == [12.0, 100.0]
    (dots,) = (each["data"] for each in option["series"] if each["type"] == "scatter" and each["name"] == "a")
    assert dots[0][0] == 3.0


def test_a_law_of_one_value_is_drawn() -> None:
    json.dumps(figures.law({"a": [2.0, 2.0]}, {}, theme=LIGHT, unit="", title="t"), allow_nan=False)


def test_operations_are_in_percent() -> None:
    option = figures.operations({"x": 3, "y": 1}, {"y": 2}, theme=LIGHT, title="t")
    bars, dots = (each["data"] for each in option["series"])
    assert (bars, dots) == ([75.0, 25.0], [0.0, 100.0])


@THEMES
def test_a_cloud_has_its_points_and_three_arrows(look: Theme) -> None:
    fig = figures.cloud(colours(), theme=look, channels=("r", "g", "b"), component="component", title="title")
    assert_drawable(fig, "title")
    assert len(fig.data) == 4
    assert len(fig.data[0].x) == 50
    assert "90.0%" in fig.data[1].name
    assert list(fig.data[1].x) == pytest.approx([255 * (0.5 - 3 * 0.3), 255 * (0.5 + 3 * 0.3)])
    assert fig.data[0].marker.color[0].startswith("#")


def test_a_cloud_without_variance_is_drawn() -> None:
    fig = figures.cloud(colours((0, 0, 0)), theme=LIGHT, channels=("r", "g", "b"), component="c", title="title")
    assert_drawable(fig, "title")


def test_bars_of_a_mirrored_set_are_accuracies() -> None:
    found = MirroredSet(("0", "1"), (4, 0), (3, 0), (1, 0), (0, 0), np.zeros((2, 3, 3, 1), np.uint8))
    option = figures.mirrored_bars(found, found.classes, theme=LIGHT, as_is="as is", mirrored="mirrored", title="t")
    assert {each["name"]: each["data"] for each in option["series"]} == {"as is": [75.0, 0], "mirrored": [25.0, 0]}


def test_the_law_of_channels_is_drawn_in_their_colours() -> None:
    option = figures.law({"r": [1.0], "g": [2.0], "b": [3.0]}, {}, theme=LIGHT, unit="", title="t", channels=True)
    lines = [each["lineStyle"]["color"] for each in option["series"] if each["type"] == "line"]
    assert lines == [palette.ORANGE, palette.GREEN, palette.BLUE]
