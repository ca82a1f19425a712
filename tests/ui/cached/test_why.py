"""Attributions as they are kept and drawn: in the colours that their legend announces."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from explorer.attributions import methods
from explorer.figures.attributions import signed_palette
from explorer.figures.maps import viridis
from explorer.images import load
from explorer.records import Explain, InputImage
from explorer.ui.cached import why

SHIPPED = "recorded:cifar-short-cifar-resnet20-seed0"


def colours(png: bytes) -> set[bytes]:
    """Every colour of an image, as RGB bytes."""
    return {bytes(colour) for colour in np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).reshape(-1, 3)}


@pytest.mark.parametrize("slug", methods())
def test_a_map_is_drawn_in_the_colours_of_its_legend(slug: str) -> None:
    """Values below zero need the scale that tells for from against; magnitudes have the scale of all maps."""
    image, asked = InputImage("cat", load("cat")), Explain(slug, 3)
    below_zero = bool((why.explained(SHIPPED, image, asked).found.values < 0).any())
    assert below_zero == methods()[slug].signed
    alone = why.map_png(SHIPPED, image, asked, "alone")
    scale = {bytes(colour) for colour in (signed_palette() if below_zero else viridis())}
    assert colours(alone) <= scale
    assert len(colours(alone)) > 20
    overlay = why.map_png(SHIPPED, image, asked, "overlay")
    assert not colours(overlay) <= scale, "the photograph is seen through it"
