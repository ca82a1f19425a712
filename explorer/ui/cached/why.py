"""Cached calls around attributions. What is computed once for a model, an image and a class is not computed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.records import Explain, ExplainedMap, InputImage, Lesion, MethodCard, Pair
from explorer.summaries import recorded_look
from explorer.ui.cached import units as cached_units
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.maps import answer, layers, recorded
from explorer.ui.cached.models import card, model

if TYPE_CHECKING:
    from explorer.attributions import Curves

RANDOM_ORDER = "random-order"
"""Stands for a method where pixels are moved in a random order."""


def cards() -> tuple[MethodCard, ...]:
    """All attribution methods by year; needs no torch where they are recorded."""
    look = recorded_look()
    return tuple(sorted(look.methods if look else _methods(), key=lambda card: card.year))


def _methods() -> tuple[MethodCard, ...]:
    from explorer.attributions import methods

    return tuple(methods().values())


def code(slugs: Sequence[str]) -> tuple[Callable[..., object], ...]:
    """What computes the maps of methods."""
    from explorer.attributions import method

    return tuple(method(slug).run for slug in slugs)


def shares(model_id: str, image: InputImage) -> tuple[float, ...]:
    """The probabilities of all classes."""
    if recorded(model_id, image):
        return tuple(answer(model_id, image).probabilities.tolist())
    return cached_units.probabilities(model_id, image, Lesion())


@kept(max_entries=64)
def relus(model_id: str) -> int:
    """How many ReLUs a network has: guided backpropagation and deconvolution change what happens there alone."""
    look = recorded_look()
    if look and look.card.id == model_id:
        return look.relus
    from explorer import inspection

    return inspection.relu_count(model(model_id))


@kept(max_entries=256)
def explained(model_id: str, image: InputImage, asked: Explain) -> ExplainedMap:
    """A method's attribution map and what is said of it. Raises `ExplorerError`."""
    if look := recorded(model_id, image):
        for each in look.maps:
            if asked == Explain(each.found.method, each.found.target):
                return each
    from explorer import inspection

    explaining = model(model_id)
    found = inspection.explain(explaining, image.pixels, asked)
    opens = inspection.operation_behind(layers(model_id), explaining.spec, found.layer, found.grid)
    return ExplainedMap(found, inspection.map_summary(found), opens)


@kept(max_entries=256)
def map_png(model_id: str, image: InputImage, asked: Explain, view: str) -> bytes:
    """The map of a method as a PNG; `view`: "overlay" or "alone". Raises `ExplorerError`."""
    from explorer.figures import attributions as figures
    from explorer.images import as_input

    values = explained(model_id, image, asked).found.values
    [signed] = (each.signed for each in cards() if each.slug == asked.method)
    photograph = None if view == "alone" else as_input(image.pixels, card(model_id).input_shape)
    return figures.map_png(values, photograph, signed=signed)


@kept(max_entries=64)
def photograph(model_id: str, image: InputImage) -> bytes:
    """The image as the network is given it, as a PNG."""
    from explorer.figures.attributions import photograph_png
    from explorer.images import as_input

    return photograph_png(as_input(image.pixels, card(model_id).input_shape))


@kept(max_entries=256)
def agreement(model_id: str, image: InputImage, asked: Explain) -> float:
    """Rank correlation of the magnitudes of a map and of the same map under random weights."""
    from explorer import inspection

    both = (explained(model_id, image, replace(asked, randomized=randomized)).found for randomized in (False, True))
    return inspection.agreement(*both)


@kept(max_entries=64)
def grids(model_id: str) -> Mapping[str, Pair]:
    """(rows, columns) of the map behind every stage that has one."""
    from explorer import inspection

    return inspection.grad_cam_grids(model(model_id))


@kept(max_entries=128)
def curves(model_id: str, image: InputImage, asked: Explain) -> Curves:
    """Insertion and deletion in the order of a method, or in a random one (`RANDOM_ORDER`). Raises `ExplorerError`."""
    from explorer import inspection

    values = None if asked.method == RANDOM_ORDER else explained(model_id, image, asked).found.values
    return inspection.curves(model(model_id), image.pixels, values, asked.target)
