"""A filtered photograph: its colours, and the code beside it, which makes the same pixels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.blocks.filtering import filtered
from explorer.blocks.kernels import KERNELS
from explorer.figures.filtered import after_pixels, after_png, before_png, code
from explorer.images import load, thumbnail
from explorer.records.filtered import Filter

FILTERS = {
    "signed": Filter(KERNELS["sobel-vertical"], padding=1),
    "image": Filter(KERNELS["gaussian"], stride=2, dilation=3),
    "thirds": Filter(KERNELS["blur"], padding=1, over="each"),
    "sum": Filter(KERNELS["vertical"], over="sum", stride=2),
    "bright sum": Filter(KERNELS["sharpen"], over="sum"),
    "each": Filter(KERNELS["laplace"], over="each", padding=2),
    "magnitude": Filter(KERNELS["sobel-vertical"], magnitude=True),
    "three magnitudes": Filter(KERNELS["scharr-vertical"], magnitude=True, over="each"),
    "rectangular": Filter(((1.0, -0.5, 0.25),), over="grey"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_code_reproduces_what_is_shown_pixel_for_pixel(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = FILTERS[name]
    pixels = thumbnail(load("cat"), 1 if asked.over == "grey" else 3, 120)
    found = filtered(pixels[..., 0] if asked.over == "grey" else pixels, asked)
    (tmp_path / "filter-before.png").write_bytes(before_png(found))
    monkeypatch.chdir(tmp_path)
    exec(code(found, asked), {})
    if len(found.values) == 1 or found.result == "image":
        shown = {"filter-after.png": after_png(found)}
    else:
        shown = {f"filter-after-{index}.png": after_png(found, index) for index in range(3)}
    for file, data in shown.items():
        made = Image.open(tmp_path / file)
        shown_as = Image.open(io.BytesIO(data)).convert(made.mode)
        assert np.array_equal(np.asarray(made), np.asarray(shown_as))


def test_signed_values_are_blue_against_orange() -> None:
    """Light to the left of dark is positive for [1 0 -1], and orange."""
    row = np.array([[200] * 4 + [50] * 4], np.uint8).repeat(5, 0)
    found = filtered(np.concatenate([row, row[:, ::-1]], 1), FILTERS["signed"], everything=True)
    drawn = Image.open(io.BytesIO(after_png(found))).convert("RGB")
    red, _, blue = np.asarray(drawn)[2].transpose(1, 0).astype(int)
    assert red[3] > blue[3] + 100
    assert red[12] < blue[12] - 50
    assert abs(red[6] - blue[6]) < 10


def test_an_image_is_black_at_nothing_and_white_at_its_limit() -> None:
    found = filtered(np.array([[0, 255, 128]], np.uint8), Filter(((1.0,),)))
    assert after_pixels(found).tolist() == [[0, 255, 128]]
    assert found.limit == 255
