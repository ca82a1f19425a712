"""Cached calls around trained networks: how one does on a test set, and what happens to one picture inside it.

A `model_id` names the weights: "recorded:<name>" for those that ship, "run:<id>" for those of a finished run here.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records import Evaluation, ForwardPass, InputImage
from explorer.text import plain
from explorer.ui.cached import maps as cached_maps
from explorer.ui.cached import own_sets
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model

BUNDLED, FETCHED = "digits28", ("mnist", "fashion-mnist")
_SHAPE = (1, 28, 28)

_SMALL, _LARGE = 4 * 28, 8 * 28  # whole factors, so that browsers do not blur a picture of 28 pixels


@dataclass(frozen=True, slots=True)
class Offer:
    """A data set of 28 x 28 grey pictures; `ready`: it can be trained on now, else `megabytes` are to be fetched."""

    slug: str
    title: str
    train: int
    megabytes: float
    ready: bool


def offers() -> tuple[Offer, ...]:
    """The data sets that LeNet-5 can read: bundled, published, and the visitor's own."""
    from explorer import datasets

    declared = [datasets.dataset(slug) for slug in (BUNDLED, *FETCHED)]
    known = [Offer(d.slug, d.title, d.train, d.download_mb, datasets.available(d.slug)) for d in declared]
    own = [one for one in own_sets.readable() if one.shape == _SHAPE]
    return (*known, *(Offer(one.slug, plain(one.slug.partition(":")[2]), one.train, 0.0, True) for one in own))


def fits(slug: str) -> bool:
    """Whether a data set is there and has the right shape."""
    return any(offer.slug == slug and offer.ready for offer in offers())


@kept(max_entries=32)
def evaluation(model_id: str, dataset: str) -> tuple[Evaluation, tuple[bytes, ...]]:
    """How a model does on the test images of a data set, and its worst mistakes as PNGs. Raises `ExplorerError`."""
    from explorer import inspection
    from explorer.figures.seen import picture_png

    found = inspection.evaluate(model(model_id), dataset)
    return found, tuple(picture_png(mistake.pixels, _SMALL) for mistake in found.mistakes)


@kept(max_entries=128)
def forward_pass(model_id: str, image: InputImage) -> tuple[ForwardPass, bytes, tuple[bytes, ...]]:
    """An image on its way through LeNet-5: in numbers; what goes in, and the maps of each stage, as PNGs."""
    from explorer import inspection
    from explorer.figures.maps import grid_png
    from explorer.figures.seen import picture_png

    found = inspection.forward_pass(model(model_id), image.pixels, cached_maps.layers(model_id))
    grids = (grid_png(one.maps, columns=6 if len(one.maps) == 6 else 8, shared=True) for one in found.stages)
    return found, picture_png(found.pixels, _LARGE), tuple(grids)
