"""What a network makes of an image: shapes are drawn first, and the page again when their maps are there."""

from __future__ import annotations

import streamlit as st

from explorer.images import load
from explorer.records import InputImage, NetworkInstance, NetworkSummary
from explorer.ui.cached import networks as cached, painted
from explorer.ui.cached.painted import Painted
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets.availability import HERE, group
from explorer.ui.widgets.operation import Opened, panel


def painted_already(summary: NetworkSummary, instance: NetworkInstance, image: str, level: str) -> Painted | None:
    """What the volumes carry, if it need not be waited for."""
    return painted.ready(instance, image, level, group(summary) == HERE)


def paint(summary: NetworkSummary, instance: NetworkInstance, image: str, level: str) -> None:
    """Below everything else on the page: the maps that are not there yet; then the page is drawn with them."""
    if painted_already(summary, instance, image, level) is None:
        layout.let_it_paint("painting", (instance, image, level))  # before torch is imported, if it is not there yet
        painted.paint(instance, image, level, group(summary) == HERE)
        st.rerun()


def operation(summary: NetworkSummary, instance: NetworkInstance, image: str) -> None:
    """The operation that was clicked, with its map where weights for the network are here."""

    def seen() -> tuple[str, InputImage]:
        return painted.weights_of(instance, group(summary) == HERE), InputImage(image, load(image))

    panel(Opened(instance, seen))


def from_an_image(summary: NetworkSummary, instance: NetworkInstance, image: str, level: str) -> None:
    """The input image, and the first convolution's maps of it as soon as they are there."""
    already = painted_already(summary, instance, image, level)
    left, right = st.columns([1, 5], vertical_alignment="top", gap="medium")
    with left:
        jpeg = cached.photograph_jpeg(image, instance.size, instance.input_shape[0])
        exhibit.show(Exhibit("input", jpeg, t(f"image.{image}"), note=cached.credit(image)), details=False)
    if already:
        with right:
            _film(already)


def _film(already: Painted) -> None:
    maps = already.first
    count, rows, columns = maps.maps.shape
    shown, size = min(painted.SHOWN, count), f"{rows}×{columns}×{count}"
    weights = t("pipeline.maps_trained") if maps.seed is None else t("pipeline.maps_untrained", seed=maps.seed)
    said = t("pipeline.maps", layer=maps.layer, size=size, shown=shown, count=count)
    alt = t("pipeline.maps_alt", shown=shown, count=count)
    exhibit.show(Exhibit("first-maps", already.film, alt, note=f"{said} {weights}"), details=False)
