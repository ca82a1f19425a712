"""Receptive fields on a photograph: frames where the windows are, light where the ways lead."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.arithmetic.stacks import PRESETS, reached, stacked_pair
from explorer.figures import palette
from explorer.figures.stacks import frames_png, pairs, seen_png
from explorer.figures.theme import LIGHT

WHITE = np.full((64, 64, 3), 255, np.uint8)


def opened(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_each_frame_lies_around_its_window() -> None:
    drawn = opened(frames_png(WHITE, [(10, 10, 30, 30), (5, 8, 60, 40)]))
    factor = drawn.shape[0] // 64
    for colour, (top, left, bottom, right) in zip(palette.CYCLE, [(10, 10, 30, 30), (5, 8, 60, 40)], strict=False):
        rows, columns = np.nonzero((drawn == rgb(colour)).all(2))
        assert (rows.min(), columns.min()) == (top * factor, left * factor)
        assert (rows.max() + 1, columns.max() + 1) == (bottom * factor, right * factor)


def test_a_window_in_the_padding_makes_room_for_it() -> None:
    assert opened(frames_png(WHITE, [(-8, -8, 20, 20)])).shape[0] % (64 + 16) == 0
    assert opened(frames_png(WHITE, [(0, 0, 64, 64)])).shape[0] % 64 == 0


def test_light_is_the_root_of_the_ways() -> None:
    below = reached(PRESETS["three-3"], 64, 30)[0]
    light = opened(seen_png(WHITE, below))[..., 0]
    cells = light[:: (factor := light.shape[0] // 11), ::factor]  # 7 pixels and a margin of 2
    middle = cells[5] / 255
    ways = np.array([0, 0, 1, 3, 6, 7, 6, 3, 1, 0, 0])
    assert middle == pytest.approx(0.14 + 0.86 * np.sqrt(ways / 7), abs=0.005)
    assert cells[2, 2] / 255 == pytest.approx(0.14 + 0.86 / 7, abs=0.005)


def test_a_pair_is_marked_on_both_curves() -> None:
    found = [(count, stacked_pair(3, count, 2)) for count in (1, 2, 3)]
    words = dict.fromkeys(("size", "parameters", "stacked", "single"), "")
    stacked, single = pairs(found, 2, theme=LIGHT, words=words, title="")["series"]
    assert [point["value"] for point in stacked["data"]] == [[3, 36], [5, 72], [7, 108]]
    assert [point["value"] for point in single["data"]] == [[3, 36], [5, 100], [7, 196]]
    assert [point["symbolSize"] > 10 for point in single["data"]] == [False, True, False]
