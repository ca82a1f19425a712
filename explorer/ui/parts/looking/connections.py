"""The receptive fields on the page Feature maps: what a cell depends on, and what a pixel reaches."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer.figures.tiles import Tile
from explorer.records import InputImage, LayerRecord, LayerView, Pair
from explorer.ui.cached import maps as cached_maps, models as cached_models
from explorer.ui.components import pointing
from explorer.ui.parts.looking.maps import STATE, layer_and_cell
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets.availability import goes_on

_SIDE = 150  # pixels of an image


def any_layer(model_id: str, image: InputImage) -> None:
    """All maps of a layer, one of them enlarged, and the effective receptive field of one of its cells."""

    def draw() -> None:
        layer, cell = layer_and_cell(model_id, image)
        _effective_receptive_field(model_id, image, layer, cell)

    layout.section(t("maps.any_layer"), t("maps.any_layer_note"))
    fragment(draw)


def _effective_receptive_field(model_id: str, image: InputImage, layer: LayerRecord, cell: Pair) -> None:
    from explorer.inspection import effective_receptive_field

    title = t("maps.hears", layer=layer.name, row=cell[0], column=cell[1])
    st.markdown(title)
    if not goes_on(model_id, STATE.compute_field):
        return
    views = cached_maps.effective_receptive_field(model_id, image, layer.name, cell)
    _row_of_views("hears", title, views, _field_sentence, effective_receptive_field, t("maps.hears_note"))


def _field_sentence(view: LayerView) -> str:
    size = "×".join(map(str, view.layer.rf.size))
    return t("maps.heard", stage=view.layer.stage, size=size, share=f"{100 * view.share:.1f}")


def pixel(model_id: str, image: InputImage) -> None:
    """The projective field: which cells one input pixel can change, and which it does."""
    layout.section(t("maps.pixel"), t("maps.pixel_note"))
    fragment(lambda: _projective_field(model_id, image))


def _projective_field(model_id: str, image: InputImage) -> None:
    from explorer.inspection import projective_field

    left, right = st.columns([1, 4], gap="large")
    with left:
        place = _pick_pixel(model_id, image)
    with right:
        if goes_on(model_id, STATE.compute_reach):
            views = cached_maps.projective_field(model_id, image, place)
            title = f"**{t('maps.pixel')}** · {t('maps.chosen_pixel', row=place[0], column=place[1])}"
            _row_of_views("reaches", title, views, _reach_sentence, projective_field)


def _pick_pixel(model_id: str, image: InputImage) -> Pair:
    from explorer.figures.receptive_windows import image_png

    pixels = cached_models.model(model_id).resize_crop(image.pixels)
    rows, columns = pixels.shape[:2]
    chosen = state.bind(
        STATE.pixel,
        allowed=lambda place: place[0] < rows and place[1] < columns,
        default=(rows // 2, columns // 2),
        owner=f"{rows} x {columns}",
    )
    drawing = partial(
        pointing.point,
        image_png(pixels, rows),
        rows,
        columns,
        chosen.value,
        key="pixel",
        label=t("maps.pixel_alt"),
        pick=lambda row, column: chosen.set((row, column)),
    )
    row, column = chosen.commit()
    said = t("maps.chosen_pixel", row=row, column=column)
    exhibit.show(Exhibit("maps-pixel", drawing, said, note=said), details=False)
    return row, column


def _reach_sentence(view: LayerView) -> str:
    return t("maps.reached", stage=view.layer.stage, share=f"{100 * view.share:.0f}")


def _row_of_views(
    name: str,
    title: str,
    views: tuple[tuple[LayerView, bytes], ...],
    caption: Callable[[LayerView], str],
    code: Callable[..., object],
    note: str = "",
) -> None:
    """One image per stage, shallow first, and one text twin for all."""
    tiles = tuple(Tile(png, caption(view)) for view, png in views)
    sentence = "\n".join((title, "", *(f"- {tile.words}" for tile in tiles)))
    exhibit.show(Exhibit(name, tiles, sentence, code=(code,), note=note, width=_SIDE))
