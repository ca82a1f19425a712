"""Cached calls around one operation of a network: its code, and its mean map of an image."""

from __future__ import annotations

import streamlit as st

from explorer.records import InputImage, NetworkInstance
from explorer.ui.cached import models as cached_models, networks
from explorer.ui.cached.keeping import kept

_SIDE = 200  # pixels of a map, at least


@st.cache_data(max_entries=1024, show_spinner=False)
def code(instance: NetworkInstance, index: int) -> str:
    """An operation of a network as PyTorch code."""
    from explorer.inspection import code_of

    return code_of(instance, networks.trace(instance).layers[index])


@kept(max_entries=128)
def mean_map(model_id: str, image: InputImage, name: str) -> tuple[bytes, float, float] | None:
    """The mean of all maps of one operation as a PNG, with its smallest and its largest value; None if it has none."""
    from explorer.figures.receptive_windows import map_png
    from explorer.inspection import mean_maps

    values = mean_maps(cached_models.model(model_id), image.pixels, [name]).get(name)
    return None if values is None else (map_png(values, _SIDE), float(values.min()), float(values.max()))
