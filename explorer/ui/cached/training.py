"""Cached calls around trained networks: how one does on a test set, and what happens to one image inside it.

A `model_id` names the weights: "recorded:<name>" for those that ship, "run:<id>" for those of a finished run here.
"""

from __future__ import annotations

from dataclasses import dataclass

from explorer.records import Evaluation, ForwardPass, InputImage, Judged, Pair
from explorer.text import plain
from explorer.ui.cached import maps as cached_maps, own_sets
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model

BUNDLED, RECORDED, FETCHED = "digits28", "mnist", ("mnist", "fashion-mnist")
_SHAPE = (1, 28, 28)

_SMALL, _LARGE = 4 * 28, 8 * 28  # whole factors, so that browsers do not blur an image of 28 pixels


@dataclass(frozen=True, slots=True)
class DatasetChoice:
    """A data set that can be trained on; `ready`: it can be trained on now, else `megabytes` are to be fetched."""

    slug: str
    title: str
    train: int
    megabytes: float
    ready: bool


def dataset_choices() -> tuple[DatasetChoice, ...]:
    """The data sets that LeNet-5 can read: bundled, published, and the visitor's own."""
    return _choices((BUNDLED, *FETCHED), _SHAPE)


def colour_choices() -> tuple[DatasetChoice, ...]:
    """CIFAR-10, and the visitor's own sets of colour images of its size."""
    return _choices(("cifar10",), (3, 32, 32))


def _choices(published: tuple[str, ...], shape: tuple[int, int, int]) -> tuple[DatasetChoice, ...]:
    from explorer import datasets

    declared = [datasets.dataset(slug) for slug in published]
    known = [DatasetChoice(d.slug, d.title, d.train, d.download_mb, datasets.available(d.slug)) for d in declared]
    own = [each for each in own_sets.readable() if each.shape == shape]
    return (
        *known,
        *(DatasetChoice(each.slug, plain(each.slug.partition(":")[2]), each.train, 0.0, True) for each in own),
    )


def classes_of(slug: str) -> int | None:
    """The number of classes of a data set, None of one that is not there any more."""
    from explorer import datasets

    if slug in datasets.datasets():
        return len(datasets.dataset(slug).classes)
    return next((len(each.classes) for each in own_sets.readable() if each.slug == slug), None)


def fits(slug: str) -> bool:
    """Whether a data set is there and has the right shape."""
    return any(offer.slug == slug and offer.ready for offer in dataset_choices())


@kept(max_entries=32)
def evaluation(model_id: str, dataset: str) -> Evaluation:
    """How a model does on the test images of a data set. Raises `ExplorerError`."""
    from explorer import inspection

    return inspection.evaluate(model(model_id), dataset)


@kept(max_entries=64)
def judged(model_id: str, dataset: str, cell: Pair | None, most: int = 24) -> tuple[tuple[Judged, bytes], ...]:
    """The images behind a cell of the confusion matrix, or the worst mistakes, with PNGs. Raises `ExplorerError`."""
    from explorer.figures.receptive_windows import image_png

    found = evaluation(model_id, dataset)
    shown = found.behind(*cell) if cell else found.mistakes[:most]
    return tuple((each, image_png(each.pixels, _SMALL)) for each in shown)


@kept(max_entries=128)
def forward_pass(model_id: str, image: InputImage) -> tuple[ForwardPass, bytes, tuple[bytes, ...]]:
    """An image on its way through LeNet-5: in numbers; what goes in, and the maps of each stage, as PNGs."""
    from explorer import inspection
    from explorer.figures.maps import grid_png
    from explorer.figures.receptive_windows import image_png

    found = inspection.forward_pass(model(model_id), image.pixels, cached_maps.layers(model_id))
    grids = (grid_png(stage.maps, columns=6 if len(stage.maps) == 6 else 8, shared=True) for stage in found.stages)
    return found, image_png(found.pixels, _LARGE), tuple(grids)
