"""The faces of a pipeline's volumes: mean maps of an image, from weights that were trained for this network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import InputImage, NetworkInstance
from explorer.ui.cached import models as cached_models, networks
from explorer.ui.cached.keeping import kept

if TYPE_CHECKING:
    import numpy as np


@st.cache_data(max_entries=256, ttl=60, show_spinner=False)
def weights_of(instance: NetworkInstance) -> str:
    """The id of weights that were trained for a network as it is built; "" where there are none here."""
    from explorer import models

    return models.trained_for(instance)


@kept(max_entries=128)
def faces(model_id: str, image: InputImage, level: str) -> Mapping[int, np.ndarray]:
    """The mean map at the end of each volume on the main path, uint8 (H, W, 3), by the volume's number from 1."""
    from explorer.figures.maps import coloured
    from explorer.inspection import mean_maps

    model = cached_models.model(model_id)
    ends = [segment.last.name for segment in networks.outline(model.instance, level) if segment.main]
    maps = mean_maps(model, image.pixels, ends)
    _painted().add((model_id, image.key, level))
    return {number: coloured(maps[name]) for number, name in enumerate(ends, start=1) if name in maps}


@kept(max_entries=64)
def first_maps(model_id: str, image: InputImage) -> tuple[str, np.ndarray]:
    """The name of the first convolution, and its maps with trained weights, float32 (C, H, W)."""
    from explorer import inspection

    return inspection.first_maps(cached_models.model(model_id), image.pixels)


@kept(max_entries=64)
def filmstrip(model_id: str, image: InputImage, count: int) -> bytes:
    """The first `count` of these maps as one PNG."""
    from explorer.figures.maps import grid_png

    maps = first_maps(model_id, image)[1][:count]
    return grid_png(maps, columns=min(12, len(maps)))


def ready(model_id: str, image: InputImage, level: str) -> bool:
    """Whether the maps are there already: a drawing does not wait for them."""
    return (model_id, image.key, level) in _painted()


@st.cache_resource(show_spinner=False)
def _painted() -> set[tuple[str, str, str]]:
    return set()
