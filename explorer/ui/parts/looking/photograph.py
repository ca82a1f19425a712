"""The image of a page as the visitor gave it, with the part of it that the network gets."""

from __future__ import annotations

import streamlit as st

from explorer.records import InputImage
from explorer.ui.cached import maps as cached_maps, models as cached_models
from explorer.ui.shell.words import t


def show(model_id: str, image: InputImage) -> None:
    """The image, bright where the network gets it, and in which resolution."""
    rows, columns = image.pixels.shape[:2]
    height, width = cached_models.model(model_id).instance.size
    said = t("looking.crop", size=f"{columns}×{rows}", input=f"{width}×{height}")
    with st.container(key="photograph"):
        st.image(cached_maps.photograph(model_id, image), width="stretch")
        st.caption(said)
