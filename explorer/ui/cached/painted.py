"""The faces of a pipeline's volumes: what the network makes of an image, with weights trained for it where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import FirstMaps, NetworkInstance
from explorer.ui.cached import networks

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """The faces by the volume's number from 1, each uint8 (H, W, 3), and the first convolution's maps.

    `model_id` are the weights; "" where none here were trained for the network: then only the first volume has a face,
    the liveliest map of an untrained filter.
    """

    model_id: str
    faces: Mapping[int, np.ndarray]
    first: FirstMaps


_Key = tuple[NetworkInstance, str, str, bool]

_MOST = 128


def ready(instance: NetworkInstance, image: str, level: str, trained: bool) -> Painted | None:
    """The faces if they are there already: a drawing waits neither for them nor for torch, which they need."""
    return _kept().get((instance, image, level, trained))


def weights_of(instance: NetworkInstance, trained: bool) -> str:
    """The id of weights that were trained for a network as it is built, "" where none are here."""
    from explorer import models

    return models.trained_for(instance) if trained else ""


def paint(instance: NetworkInstance, image: str, level: str, trained: bool) -> None:
    """Make the faces of a bundled image; `trained`: weights of this network are on this machine."""
    model_id = weights_of(instance, trained)
    first = networks.first_maps(instance, image)
    faces = _mean_maps(model_id, image, level) if model_id else _liveliest(instance, first, level)
    kept = _kept()
    kept[instance, image, level, trained] = Painted(model_id, faces, first)
    for oldest in list(kept)[:-_MOST]:
        kept.pop(oldest, None)


@st.cache_resource(show_spinner=False)
def _kept() -> dict[_Key, Painted]:
    return {}


def _mean_maps(model_id: str, image: str, level: str) -> Mapping[int, np.ndarray]:
    """The mean map at the end of each volume on the main path."""
    from explorer.figures.maps import coloured
    from explorer.images import load
    from explorer.inspection import mean_maps
    from explorer.ui.cached import models as cached_models  # with the run store behind it: no drawing waits for that

    model = cached_models.model(model_id)
    ends = [segment.last.name for segment in networks.outline(model.instance, level) if segment.main]
    maps = mean_maps(model, load(image), ends)
    return {number: coloured(maps[name]) for number, name in enumerate(ends, start=1) if name in maps}


def _liveliest(instance: NetworkInstance, first: FirstMaps, level: str) -> Mapping[int, np.ndarray]:
    from explorer.figures.maps import coloured

    strongest = first.maps[first.maps.std((1, 2)).argmax()]
    # A stage ends behind the first convolution, on another grid: it has no face then.
    fits = networks.outline(instance, level)[0].out_shape[1:] == strongest.shape
    return {1: coloured(strongest)} if fits else {}
