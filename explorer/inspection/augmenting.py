"""What a chain of transforms makes of an image, and what a model says of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from explorer.images import fitted
from explorer.models import Model
from explorer.records import Answer, AugmentedImages, Chain, Drawn, Given, OptionValue, Step, Swept
from explorer.transforms import apply, draw_sheet, step, transform

SIDE = 224
"""Pixels of a side of every augmented image."""

_SWEPT, _BATCH = 9, 8


def square(image: np.ndarray) -> Tensor:
    """The image, uint8 (H, W, 3), as it is augmented: its middle, uint8 (3, 224, 224)."""
    return torch.from_numpy(np.ascontiguousarray(fitted(image, (SIDE, SIDE)).transpose(2, 0, 1)))


def augment(image: np.ndarray, drawn: Sequence[Drawn], partner: np.ndarray) -> np.ndarray:
    """The image after each of the draws, uint8 (N, 224, 224, 3); `partner` is the image that some mix it with."""
    own, other = square(image), square(partner)
    return _stacked(apply(own, each, other) for each in drawn)


def augmented_sheet(
    image: np.ndarray, partner: np.ndarray, chain: Chain, given: Given, seed: int, count: int
) -> AugmentedImages:
    """`count` draws of a chain, from a seed, on one image, uint8 (H, W, 3)."""
    drawn = draw_sheet(chain, given, seed, count)
    return AugmentedImages(drawn, augment(image, drawn, partner))


def swept(
    image: np.ndarray, partner: np.ndarray, slug: str, name: str, given: Given, seed: int, count: int = _SWEPT
) -> Swept:
    """A transform with an option over its range, or all its choices, and the same random numbers each time.

    Raises `UnknownEntry`, `BadOption`.
    """
    values = _values(slug, name, count)
    drawn = tuple(
        draw_sheet(Chain((step(slug, {name: value}, 1.0),)), given, seed, 1)[0] for value in values
    )  # each from the seed anew
    return Swept(values, AugmentedImages(drawn, augment(image, drawn, partner)))


def _values(slug: str, name: str, count: int) -> tuple[OptionValue, ...]:
    control = transform(slug).control(name)
    if control.choices:
        return control.choices
    spread = np.linspace(control.low, control.high, count)
    rounded = (round(float(value), 4) for value in spread)
    return tuple(dict.fromkeys(round(value) if isinstance(control.default, int) else value for value in rounded))


def drawn_numbers(one: Step, given: Given, seed: int, count: int) -> Mapping[str, tuple[float | None, ...]]:
    """What a step draws in `count` draws in which it is applied: the values of each of its numbers, by name."""
    always = Chain((Step(one.slug, one.options, 1.0),))
    found: dict[str, list[float | None]] = {}
    for drawn in draw_sheet(always, given, seed, count):
        for number in drawn.steps[0].numbers:
            found.setdefault(number.name, []).append(number.value)
    return {name: tuple(values) for name, values in found.items()}


def answers(model: Model, images: np.ndarray) -> tuple[Answer, ...]:
    """What a model takes each of these images for, uint8 (N, H, W, 3)."""
    network, found = model.instantiate(), list[Answer]()
    stored = torch.from_numpy(np.stack([model.resize_crop(image) for image in images])).permute(0, 3, 1, 2)
    with torch.inference_mode():
        for start in range(0, len(stored), _BATCH):
            shares, classes = network(model.scale(stored[start : start + _BATCH])).softmax(1).max(1)
            found += map(Answer, classes.tolist(), shares.tolist())
    return tuple(found)


def _stacked(images: Iterable[Tensor]) -> np.ndarray:
    """(C, H, W) each to (N, H, W, C), read-only."""
    pixels = torch.stack(list(images)).permute(0, 2, 3, 1).contiguous().numpy()
    pixels.setflags(write=False)
    return pixels
