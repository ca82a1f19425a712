"""Images to start from where nobody has photographed anything yet: crops of photographs, and handwritten digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product

import numpy as np

from explorer import datasets
from explorer.images import load
from explorer.records import InputImage

ClassSet = Mapping[str, tuple[InputImage, ...]]
"""Images by the code of their class."""

NEITHER = "neither"

_CROP = 0.7
"""Side of a crop, as a share of the photograph's shorter side."""

_DIGITS, _OTHERS, _EACH = ("3", "8"), ("1", "4", "7"), 9


def photographs(*, neither: bool) -> ClassSet:
    """Crops of one photograph of a cat and of one of a cup, half of them mirrored; and of others, for neither."""
    found = {slug: tuple(_crop(slug, i) for i in range(6)) for slug in ("cat", "coffee")}
    others = ("astronaut", "rocket", "motorcycle", "camera", "brick")
    return {**found, **({NEITHER: tuple(_crop(slug, i) for i, slug in enumerate(others))} if neither else {})}


def digits(*, neither: bool) -> ClassSet:
    """Threes and eights, each by its own hand; and other digits, for neither."""
    found = {name: _digits(name, _EACH) for name in _DIGITS}
    others = tuple(image for name in _OTHERS for image in _digits(name, _EACH // len(_OTHERS)))
    return {**found, **({NEITHER: others} if neither else {})}


STARTS: Mapping[str, Callable[..., ClassSet]] = {"photographs": photographs, "digits": digits}


def _crop(slug: str, which: int) -> InputImage:
    """One of six square crops of a photograph: three places, each as it is or mirrored."""
    pixels = load(slug)
    height, width = pixels.shape[:2]
    side = round(_CROP * min(height, width))
    (down, across), mirrored = list(product(((0.0, 0.0), (1.0, 0.5), (0.5, 1.0)), (False, True)))[which % 6]
    top, left = round(down * (height - side)), round(across * (width - side))
    cut = pixels[top : top + side, left : left + side]
    cut = np.ascontiguousarray(cut[:, ::-1] if mirrored else cut)
    cut.setflags(write=False)
    return InputImage(f"{slug}~{which}", cut)


def _digits(name: str, count: int) -> tuple[InputImage, ...]:
    data = datasets.load("digits28")
    numbers = (data.train_labels == data.classes.index(name)).nonzero().flatten()[:count].tolist()
    return tuple(InputImage(f"digits28~{number}", _colours(data.train_images[number].numpy())) for number in numbers)


def _colours(grey: np.ndarray) -> np.ndarray:
    """(1, H, W) as (H, W, 3)."""
    pixels = np.repeat(grey[0][..., None], 3, 2)
    pixels.setflags(write=False)
    return pixels
