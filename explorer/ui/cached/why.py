"""Cached calls around attributions. What is computed once for a model, an image and a class is not computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.records import Attribution, Explain, InputImage, MapSummary, Pair
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.maps import layers
from explorer.ui.cached.models import model

if TYPE_CHECKING:
    from explorer.attributions import Curves, MethodSpec

RANDOM_ORDER = "random-order"
"""Stands for a method where pixels are moved in a random order."""


def specs() -> tuple[MethodSpec, ...]:
    """All attribution methods by year."""
    from explorer.attributions import methods

    return tuple(sorted(methods().values(), key=lambda spec: spec.year))


@kept(max_entries=64)
def relus(model_id: str) -> int:
    """How many ReLUs a network has: guided backpropagation and deconvolution change what happens there alone."""
    from explorer import inspection

    return inspection.relu_count(model(model_id))


@kept(max_entries=256)
def attribution(model_id: str, image: InputImage, asked: Explain) -> Attribution:
    """A method's attribution map. Raises `ExplorerError`."""
    from explorer import inspection

    return inspection.explain(model(model_id), image.pixels, asked)


@kept(max_entries=256)
def rendered_map(model_id: str, image: InputImage, asked: Explain, view: str) -> tuple[MapSummary, bytes]:
    """The map of a method in numbers and as a PNG; `view`: "overlay" or "alone". Raises `ExplorerError`."""
    from explorer import inspection
    from explorer.attributions import method
    from explorer.figures import attributions as figures

    found, signed = attribution(model_id, image, asked), method(asked.method).signed
    photograph = None if view == "alone" else model(model_id).resize_crop(image.pixels)
    return inspection.map_summary(found), figures.map_png(found.values, photograph, signed=signed)


@kept(max_entries=64)
def photograph(model_id: str, image: InputImage) -> bytes:
    """The image as the network is given it, as a PNG."""
    from explorer.figures.attributions import photograph_png

    return photograph_png(model(model_id).resize_crop(image.pixels))


@kept(max_entries=256)
def agreement(model_id: str, image: InputImage, asked: Explain) -> float:
    """Rank correlation of the magnitudes of a map and of the same map under random weights."""
    from explorer import inspection

    both = (attribution(model_id, image, replace(asked, randomized=randomized)) for randomized in (False, True))
    return inspection.agreement(*both)


@kept(max_entries=64)
def grids(model_id: str) -> Mapping[str, Pair]:
    """(rows, columns) of the map behind every stage that has one."""
    from explorer import inspection

    return inspection.grad_cam_grids(model(model_id))


@kept(max_entries=256)
def opens(model_id: str, stage: str, grid: Pair) -> int:
    """The number, from 1, of the operation whose maps a class map behind a stage is made of; 0 if it is not found."""
    from explorer import inspection

    layer = inspection.attributed_layer(layers(model_id), model(model_id).spec, stage)
    return layer.index + 1 if layer and layer.out_shape[1:] == grid else 0


@kept(max_entries=128)
def curves(model_id: str, image: InputImage, asked: Explain) -> Curves:
    """Insertion and deletion in the order of a method, or in a random one (`RANDOM_ORDER`). Raises `ExplorerError`."""
    from explorer import inspection

    values = None if asked.method == RANDOM_ORDER else attribution(model_id, image, asked).values
    return inspection.curves(model(model_id), image.pixels, values, asked.target)
