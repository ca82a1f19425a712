"""Cached calls around chains of transforms. A chain is asked for by its text, a step by the text of a chain of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer.errors import ExplorerError
from explorer.records import Answer, Chain, Given, InputImage, OptionValue, Step
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model
from explorer.ui.cached.practice.colours import cloud

if TYPE_CHECKING:
    import numpy as np

    from explorer.records import AugmentedImages, Swept
    from explorer.transforms import TransformSpec

COUNT = 24
"""Draws on a sheet."""

ASKED = "pretrained:efficientnet-lite0"
"""The model that is asked what it sees."""

_LAW = 1000  # draws from which a law is estimated
_COSTLY = {"warp": 12, "augmix": 100, "noise": 50}  # draws of those that take milliseconds each


# --- chains -----------------------------------------------------------------------------------------------------------


def specs() -> Mapping[str, TransformSpec]:
    """All transforms, by slug, group after group."""
    from explorer.transforms import transforms

    return transforms()


def chain_of(text: str) -> Chain:
    """The chain of a text. Raises `ExplorerError`."""
    from explorer.transforms import read_chain

    return read_chain(text)


def text_of(chain: Chain) -> str:
    """The text of a chain; what mixes two images comes last, and once. Raises `ExplorerError`."""
    from explorer.transforms import checked, write_chain

    mixing = [step for step in chain.steps if specs()[step.slug].mixes]
    single = tuple(step for step in chain.steps if not specs()[step.slug].mixes)
    return write_chain(checked(Chain((*single, *mixing[-1:]))))


def parsed(raw: str) -> str:
    """The text of a chain as it is written here. Raises `ValueError` for one that says no chain."""
    try:
        return text_of(chain_of(raw))
    except ExplorerError as problem:
        raise ValueError(str(problem)) from problem


def step_of(slug: str, options: Mapping[str, OptionValue] | None = None, probability: float | None = None) -> Step:
    """A step with these options. Raises `ExplorerError`."""
    from explorer.transforms import step

    return step(slug, dict(options or {}), probability)


def settings_of(step: Step) -> Mapping[str, OptionValue]:
    """All options of a step."""
    from explorer.transforms import settings

    return settings(step)


def mixes(text: str) -> bool:
    """Whether a chain needs a second image."""
    from explorer.transforms import mixes

    return mixes(chain_of(text))


def code_of(text: str, image: InputImage, source: str, seed: int) -> str:
    """The program of a chain."""
    from explorer.transforms import code

    return code(chain_of(text), _given(image, source), seed, COUNT)


# --- draws ------------------------------------------------------------------------------------------------------------


@kept(max_entries=8)
def sheet(text: str, image: InputImage, partner: InputImage, source: str, seed: int) -> AugmentedImages:
    """A sheet of draws. `source` is whose colours AlexNet's colour augmentation takes: "image", or a data set."""
    from explorer import inspection

    given = _given(image, source)
    return inspection.augmented_sheet(image.pixels, partner.pixels, chain_of(text), given, seed, COUNT)


@kept(max_entries=32)
def tiles(text: str, image: InputImage, partner: InputImage, source: str, seed: int) -> tuple[bytes, ...]:
    """The images of a sheet."""
    from explorer.figures.augmentation import tile

    return tuple(map(tile, sheet(text, image, partner, source, seed).images))


@kept(max_entries=32)
def answers(text: str, image: InputImage, partner: InputImage, source: str, seed: int) -> tuple[Answer, ...]:
    """What `ASKED` takes each draw of a sheet for. Raises `ExplorerError`."""
    from explorer import inspection

    return inspection.answers(model(ASKED), sheet(text, image, partner, source, seed).images)


@kept(max_entries=32)
def answer(image: InputImage) -> Answer:
    """What `ASKED` takes the image itself for. Raises `ExplorerError`."""
    from explorer import inspection

    return inspection.answers(model(ASKED), square(image)[None])[0]


@kept(max_entries=16)
def square(image: InputImage) -> np.ndarray:
    """The image as it is augmented, uint8 (224, 224, 3)."""
    from explorer import inspection

    return inspection.square(image.pixels).permute(1, 2, 0).numpy()


@kept(max_entries=16)
def png(image: InputImage) -> bytes:
    """The image as it is augmented, without any loss: what the code reads."""
    from explorer.figures.augmentation import whole

    return whole(square(image))


@kept(max_entries=16)
def swept(
    slug: str, name: str, image: InputImage, partner: InputImage, source: str, seed: int
) -> tuple[Swept, tuple[bytes, ...]]:
    """A transform with an option over its range, and the images."""
    from explorer import inspection
    from explorer.figures.augmentation import tile

    found = inspection.swept(image.pixels, partner.pixels, slug, name, _given(image, source), seed)
    return found, tuple(map(tile, found.augmented.images))


@kept(max_entries=32)
def same_draw(
    other: InputImage, number: int, text: str, image: InputImage, partner: InputImage, source: str, seed: int
) -> bytes:
    """What was drawn for one image on a sheet, applied to another one. `number` counts from 0."""
    from explorer import inspection
    from explorer.figures.augmentation import tile

    drawn = sheet(text, image, partner, source, seed).drawn[number]
    return tile(inspection.augment(other.pixels, [drawn], partner.pixels)[0])


@kept(max_entries=32)
def law(text: str, seed: int) -> Mapping[str, tuple[float | None, ...]]:
    """What the one step of a chain draws, over many draws of an image of 224 pixels: the values of each number."""
    from explorer import inspection

    (step,) = chain_of(text).steps
    given = Given((3, inspection.SIDE, inspection.SIDE))
    return inspection.drawn_numbers(step, given, seed, _COSTLY.get(step.slug, _LAW))


def _given(image: InputImage, source: str) -> Given:
    from explorer import inspection

    covariance = None if source == "image" else cloud(image, source).covariance
    return Given((3, inspection.SIDE, inspection.SIDE), covariance)
