"""The faces of a pipeline's volumes: what the network makes of an image, with weights trained for it where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import FirstMaps, NetworkInstance
from explorer.ui.cached import networks
from explorer.ui.shell import prewarm

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """The faces by the volume's number from 1, each uint8 (H, W, 3); the first convolution's maps, and a PNG of a few.

    `model_id` are the weights; "" where none here were trained for the network: then only the first volume has a face,
    the liveliest map of an untrained filter.
    """

    model_id: str
    faces: Mapping[int, np.ndarray]
    first: FirstMaps
    film: bytes


_Key = tuple[NetworkInstance, str, str, bool]

_MOST = 128
SHOWN = 24
"""Maps of the first convolution on the film, at most."""


def ready(instance: NetworkInstance, image: str, level: str, trained: bool) -> Painted | None:
    """The faces if they are there already: a drawing waits neither for them nor for torch, which they need.

    An untrained filter takes a moment where torch is imported: nothing is drawn twice for its sake.
    """
    if not trained and prewarm.torch_is_here() and (instance, image, level, trained) not in _kept():
        paint(instance, image, level, trained)
    return _kept().get((instance, image, level, trained))


def weights_of(instance: NetworkInstance, trained: bool) -> str:
    """The id of weights that were trained for a network as it is built, "" where none are here."""
    from explorer import models

    return models.trained_for(instance) if trained else ""


def paint(instance: NetworkInstance, image: str, level: str, trained: bool) -> None:
    """Make the faces of a bundled image; `trained`: weights of this network are on this machine."""
    model_id = weights_of(instance, trained)
    kept = _kept()
    kept[instance, image, level, trained] = (
        _with(model_id, image, level) if model_id else _untrained(instance, image, level)
    )
    prewarm.note_torch()
    for oldest in list(kept)[:-_MOST]:
        kept.pop(oldest, None)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[_Key, Painted]:
    return {}


def _with(model_id: str, image: str, level: str) -> Painted:
    """With trained weights: the mean map at the end of each volume on the main path."""
    from explorer import inspection
    from explorer.figures.maps import coloured
    from explorer.images import load
    from explorer.ui.cached.models import model as opened  # here: no drawing waits for what opens models

    model = opened(model_id)
    ends = [segment.last.name for segment in networks.outline(model.instance, level) if segment.main]
    first, maps = inspection.first_and_mean_maps(model, load(image), ends)
    faces = {number: coloured(maps[name]) for number, name in enumerate(ends, start=1) if name in maps}
    return Painted(model_id, faces, first, _film(first))


def _untrained(instance: NetworkInstance, image: str, level: str) -> Painted:
    """The liveliest map of an untrained filter; where a stage ends behind it, on another grid, no face."""
    from explorer.figures.maps import coloured

    first = networks.first_maps(instance, image)
    strongest = first.maps[first.maps.std((1, 2)).argmax()]
    fits = networks.outline(instance, level)[0].out_shape[1:] == strongest.shape
    return Painted("", {1: coloured(strongest)} if fits else {}, first, _film(first))


def _film(first: FirstMaps) -> bytes:
    from explorer.figures.maps import grid_png

    maps = first.maps[:SHOWN]
    return grid_png(maps, columns=min(12, len(maps)))
