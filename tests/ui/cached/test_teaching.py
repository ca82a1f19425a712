"""A visitor's own classes: nothing that is made of their images lies where another visitor could read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from explorer.records import InputImage
from explorer.ui.cached.transfer import teaching
from tests.ui.cached.sessions import Visitor, kept_for_everybody


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    ann = Visitor("ann")
    yield ann
    ann.leaves()


def image(seed: int) -> InputImage:
    pixels = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), np.uint8)
    return InputImage(f"teaching-{seed}", pixels, own=True)


def everything(classes: teaching.Classes) -> teaching.Taught:
    """All that the page makes of images."""
    known = teaching.taught(classes)
    teaching.said(known, classes, image(9))
    teaching.class_map(known, image(9), 1)
    teaching.thumbnail(image(9))
    return known


def test_nothing_of_own_images_is_kept_for_everybody(visitor: Visitor) -> None:
    bundled = tuple(teaching.start("photographs", False).values())
    visitor.does(teaching.taught, bundled)
    before = kept_for_everybody()
    known = visitor.does(everything, ((image(1), image(2)), (image(3), image(4))))
    assert kept_for_everybody() == before
    assert visitor.does(teaching.taught, ((image(1), image(2)), (image(3), image(4)))) is known, "kept for the visitor"


def test_one_own_image_makes_the_whole_head_ones_own(visitor: Visitor) -> None:
    bundled = tuple(teaching.start("photographs", False).values())
    visitor.does(teaching.taught, bundled)
    before = kept_for_everybody()
    mixed = (bundled[0], (*bundled[1], image(5)))
    visitor.does(teaching.taught, mixed)
    assert kept_for_everybody() == before


def test_the_bundled_images_are_taught_once(visitor: Visitor) -> None:
    bundled = tuple(teaching.start("photographs", True).values())
    ben = Visitor("ben")
    assert visitor.does(teaching.taught, bundled) is ben.does(teaching.taught, bundled)
    ben.leaves()
    other = (bundled[0], bundled[1], tuple(replace(each, key=f"{each.key}!") for each in bundled[2]))
    assert visitor.does(teaching.taught, other) is not visitor.does(teaching.taught, bundled)
