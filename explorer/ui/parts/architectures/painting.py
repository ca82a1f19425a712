"""Maps on the faces of the volumes: shapes are drawn first, and drawn again with the maps when these are there."""

from __future__ import annotations

import streamlit as st

from explorer.records import NetworkInstance, NetworkSummary
from explorer.ui.cached import networks as cached, painted
from explorer.ui.widgets.availability import HERE, group


def painter_of(summary: NetworkSummary, instance: NetworkInstance) -> str:
    """The id of weights that were trained for a network as it is built; "" where none are on this machine."""
    return painted.weights_of(instance) if group(summary) == HERE else ""


def is_painted(painter: str, image: str, level: str) -> bool:
    """Whether a drawing need not wait for its maps."""
    return bool(painter) and painted.ready(painter, cached.input_image(image), level)


def paint(summary: NetworkSummary, instance: NetworkInstance, image: str, level: str) -> None:
    """Below everything else on the page: the maps that are not there yet; then the page is drawn with them."""
    painter = painter_of(summary, instance)
    if painter and not is_painted(painter, image, level):
        painted.faces(painter, cached.input_image(image), level)
        st.rerun()
