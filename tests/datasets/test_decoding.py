"""Images of any kind, size and orientation become squares of one kind."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer import datasets
from explorer.datasets import ImageData, _decoding
from tests.datasets.making import encoded, folder


def load(name: str) -> ImageData:
    return datasets.load(f"own:{name}")


def pair(root: Path, first: bytes, second: bytes, suffix: str = "png") -> None:
    """Two classes, an image each, in train and test alike."""
    for part in ("train", "test"):
        for name, body in (("a", first), ("b", second)):
            (root / part / name).mkdir(parents=True)
            (root / part / name / f"1.{suffix}").write_bytes(body)


def test_grey_images_have_one_channel(place: Path) -> None:
    pair(place / "g", encoded(30, mode="L"), encoded(200, mode="L"))
    data = load("g")
    assert data.shape == (1, 10, 10)
    assert data.train_images[:, 0, 0, 0].tolist() == [30, 200]


def test_one_coloured_image_makes_all_coloured(place: Path) -> None:
    pair(place / "g", encoded(30, mode="L"), encoded((9, 8, 7)))
    assert load("g").train_images[:, :, 0, 0].tolist() == [[30, 30, 30], [9, 8, 7]]


def test_transparency_is_white_and_sixteen_bits_become_eight(place: Path) -> None:
    pair(place / "clear", encoded((1, 2, 3, 0), mode="RGBA"), encoded((1, 2, 3, 255), mode="RGBA"))
    pair(place / "deep", encoded(256 * 77 + 3, mode="I;16"), encoded(256 * 201, mode="I;16"))
    assert load("clear").train_images[:, :, 0, 0].tolist() == [[255, 255, 255], [1, 2, 3]]
    assert load("deep").train_images[:, 0, 0, 0].tolist() == [77, 201]


def test_images_of_different_sizes_get_the_most_common_one(place: Path) -> None:
    folder(place / "pets" / "a", {}, size=(8, 8))
    folder(place / "pets", {"b": 3, "c": 2}, size=(12, 12))
    (place / "pets" / "c" / "wide.png").write_bytes(encoded((0, 0, 9), size=(40, 20)))
    data = load("pets")
    assert data.shape == (3, 12, 12)


def test_the_centre_is_kept_and_large_photographs_are_made_small(place: Path) -> None:
    wide = np.zeros((300, 900, 3), np.uint8)
    wide[:, 300:600] = (0, 250, 0)
    buffers = [io.BytesIO(), io.BytesIO()]
    for buffer in buffers:
        Image.fromarray(wide).save(buffer, "JPEG", quality=95)
    pair(place / "photos", buffers[0].getvalue(), buffers[1].getvalue(), "JPG")
    data = load("photos")
    assert data.shape == (3, 64, 64)
    inner = data.train_images[0, :, :, 4:60].float()
    assert inner[1].min() > 235
    assert inner[0].max() < 20


def test_all_of_the_central_square_is_kept(place: Path) -> None:
    tall = np.zeros((160, 128), np.uint8)
    tall[16:80, 64:], tall[80:144, :64], tall[80:144, 64:] = 80, 160, 240  # quarters of the central square
    buffer = io.BytesIO()
    Image.fromarray(tall).save(buffer, "PNG")
    pair(place / "quarters", buffer.getvalue(), encoded(0, mode="L"))
    data = datasets.load("own:quarters")
    (first,) = (image for image, label in zip(data.train_images, data.train_labels, strict=True) if label == 0)
    assert [int(first[0, y, x]) for y in (2, 61) for x in (2, 61)] == pytest.approx([0, 80, 160, 240], abs=1)


def test_a_photograph_is_turned_upright(place: Path) -> None:
    pixels = np.zeros((10, 10, 3), np.uint8)
    pixels[:5] = 255  # the camera lay on its side: the bright half belongs to the right
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(buffer, "PNG", exif=exif)
    pair(place / "turned", buffer.getvalue(), encoded((0, 0, 0)))
    first = load("turned").train_images[0, 0]
    assert (first[:, 5:] == 255).all()
    assert (first[:, :5] == 0).all()


def test_a_decompression_bomb_is_not_decoded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_decoding, "_MOST_PIXELS", 10_000)
    folder(place / "pets", {"cat": 5, "dog": 5})
    (place / "pets" / "cat" / "bomb.png").write_bytes(encoded((0, 0, 0), size=(101, 100)))
    assert load("pets").broken == (f"{Path('pets', 'cat', 'bomb.png')}: 101x100 pixels are too many",)


def test_a_bomb_is_named_whatever_pillow_says_of_it(place: Path) -> None:
    folder(place / "pets", {"cat": 5, "dog": 5})
    (place / "pets" / "cat" / "bomb.png").write_bytes(encoded(0, size=(12_000, 10_000), mode="1"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        broken = load("pets").broken
    assert len(broken) == 1
    assert "12000" in broken[0]
