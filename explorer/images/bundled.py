"""The bundled photographs, and cropping and resizing to the input of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from explorer.errors import BadImage, UnknownEntry
from explorer.records import Pair, luma


@dataclass(frozen=True, slots=True)
class Photograph:
    """A bundled image: its file, and its credit; photographs lie in scikit-image's data folder, credited as there."""

    slug: str
    file: str
    credit: str


PHOTOGRAPHS = (
    Photograph("cat", "chelsea.png", "Chelsea, Stéfan van der Walt (CC0)"),
    Photograph("astronaut", "astronaut.png", "Eileen Collins, NASA (public domain)"),
    Photograph("coffee", "coffee.png", "Rachel Michetti, Pikolo Espresso Bar (CC0)"),
    Photograph("rocket", "rocket.jpg", "SpaceX, DSCOVR launch (public domain)"),
    Photograph("motorcycle", "motorcycle_left.png", "Scharstein et al. 2014, Middlebury stereo data set"),
    Photograph("camera", "camera.png", "Cameraman, Lav Varshney (CC0)"),
    Photograph("brick", "brick.png", "CC0Textures (CC0)"),
)

DIGIT = Photograph(
    "digit",
    "digit.png",
    "Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits (UCI); from scikit-learn; enlarged from 8×8",
)
"""For networks that read digits: the first test image of the data set `digits28`, in a file beside this one."""


def photograph(slug: str) -> Photograph:
    """One bundled image. Raises `UnknownEntry`."""
    for entry in (*PHOTOGRAPHS, DIGIT):
        if entry.slug == slug:
            return entry
    raise UnknownEntry("photograph", slug, [entry.slug for entry in PHOTOGRAPHS])


@cache
def load(slug: str) -> np.ndarray:
    """A bundled image as uint8 (H, W, 3). Raises `UnknownEntry`, `BadImage`."""
    entry = photograph(slug)
    try:
        with Image.open(Path(__file__).with_name(entry.file) if entry is DIGIT else _data() / entry.file) as image:
            pixels = np.asarray(image.convert("RGB"))
    except OSError as error:
        raise BadImage(f"The bundled image {slug!r} cannot be read ({error}); pick another.") from error
    pixels.setflags(write=False)
    return pixels


def _data() -> Path:
    """scikit-image's data folder, located without importing it, which would also import scipy. Raises `BadImage`."""
    package = find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        raise BadImage("The bundled photographs come with scikit-image, which is not installed: run make run again.")
    return Path(package.submodule_search_locations[0]) / "data"


def fitted(pixels: np.ndarray, size: Pair) -> np.ndarray:
    """The largest centre crop with the aspect ratio of `size` (rows, columns), resized to it; uint8 RGB."""
    top, left, bottom, right = crop(pixels.shape[:2], size)
    image = Image.fromarray(pixels)
    return np.asarray(image.resize(size[::-1], Image.Resampling.BICUBIC, box=(left, top, right, bottom)))


def crop(whole: Sequence[int], size: Pair) -> tuple[float, float, float, float]:
    """(top, left, bottom, right) of the crop that `fitted` takes from an image of `whole` (rows, columns) pixels."""
    scale = min(whole[0] / size[0], whole[1] / size[1])
    height, width = size[0] * scale, size[1] * scale
    # Rounding may make the box longer than the image, 500 / 240 * 240 > 500, which Pillow refuses.
    top, left = max(0.0, (whole[0] - height) / 2), max(0.0, (whole[1] - width) / 2)
    return top, left, min(top + height, whole[0]), min(left + width, whole[1])


def as_input(pixels: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Cropped and resized for a network whose input is of `shape` (C, H, W), grey where C is 1: uint8 (H, W, C)."""
    channels, *size = shape
    resized = fitted(pixels, (size[0], size[1]))
    return resized if channels == 3 else _grey(resized)


def _grey(pixels: np.ndarray) -> np.ndarray:
    grey: np.ndarray = luma(*np.moveaxis(pixels.astype(np.float32), 2, 0)).round().astype(np.uint8)
    return grey[..., None]


def thumbnail(pixels: np.ndarray, channels: int, side: int) -> np.ndarray:
    """The image as a network with `channels` input channels gets it: grey for 1, colour for 3; at most `side` rows."""
    if channels == 1:
        pixels = np.repeat(_grey(pixels), 3, 2)
    image = Image.fromarray(pixels)
    if image.height > side:
        image = image.resize((round(image.width * side / image.height), side), Image.Resampling.BICUBIC)
    return np.asarray(image)
