"""The parts of the page Feature maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import SHEET_ORDERS, InputImage, LayerRecord, LayerSheet, LayerView, Pair
from explorer.ui.cached import maps as cached_maps
from explorer.ui.cached import models as cached_models
from explorer.ui.components import pointing
from explorer.ui.parts.looking.depth_strip import strip_html
from explorer.ui.shell import layout, navigation, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import model as model_widget

if TYPE_CHECKING:
    from explorer.figures.maps import Sheet

_CHANNELS, _CHANNELS_BESIDE = 5, 3
_TOP, _TOP_BESIDE = 3, 2


def strips(sources: tuple[str, ...], seen: InputImage) -> None:
    """The depth strip of one network, or of two side by side."""
    channels = _CHANNELS if len(sources) == 1 else _CHANNELS_BESIDE
    for number, (column, source) in enumerate(zip(st.columns(len(sources), gap="large"), sources, strict=True)):
        with column, st.container(key=f"strip{'-beside' if len(sources) > 1 else ''}-{number}"):
            _one_strip(source, seen, channels, top=_TOP if len(sources) == 1 else _TOP_BESIDE)


def _one_strip(source: str, seen: InputImage, channels: int, top: int) -> None:
    model = cached_models.model(source)
    found = cached_maps.maps(source, seen)
    said = " · ".join(f"**{model_widget.class_name(model, i)}** {100 * share:.0f} %" for i, share in found.top(top))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(t("maps.says", network=model.spec.title, top=said), width="content")
        if top == _TOP:
            st.page_link(navigation.page("why"), label=t("maps.why"), icon=":material/arrow_forward:", width="content")
    names = [model_widget.class_name(model, i) for i in range(len(model.categories))]
    st.html(strip_html(cached_maps.depth_strip(source, seen, channels), names))


def any_layer(source: str, seen: InputImage) -> None:
    """All maps of a layer as a grid to point into; one of them enlarged; what one of its cells hears."""
    layout.section(t("maps.any_layer"), t("maps.any_layer_note"))

    @st.fragment
    def explore() -> None:
        layer = _layer_picker(source)
        order, shared = _view()
        channels = layer.out_shape[0]
        state.seed("map-channel", -1, state.number(-1, channels - 1), parameter="ch")
        found, sheet = cached_maps.layer_sheet(source, seen, layer.name, order, shared)
        if not 0 <= state.get("map-channel", -1) < channels:
            state.put("map-channel", found.order[0])
        left, right = st.columns([3, 2], gap="large")
        with left:
            _sheet(layer, found, sheet)
            _downloads(source, seen, layer, sheet)
        with right:
            cell = _channel(source, seen, layer)
        _effective_field(source, seen, layer, cell)

    explore()


def _layer_picker(source: str) -> LayerRecord:
    by_name = {layer.name: layer for layer in cached_maps.grids(source)}
    ends = [layer.name for layer in cached_maps.stage_ends(source) if layer.name in by_name]
    default = ends[min(1, len(ends) - 1)]
    key = f"layer.{source}"
    state.seed(key, default, state.one_of(by_name), parameter="layer")
    st.selectbox(t("control.layer"), list(by_name), format_func=lambda name: _layer_name(by_name[name]), key=key)
    return by_name[str(state.publish(key, default, parameter="layer"))]


def _layer_name(layer: LayerRecord) -> str:
    shape = "×".join(map(str, (*layer.out_shape[1:], layer.out_shape[0])))
    return f"{layer.stage} · {layer.name} · {t(f'kind.{layer.kind}')} · {shape}"


def _view() -> tuple[str, bool]:
    left, right = st.columns(2)
    with left:
        order = controls.choice("order", SHEET_ORDERS, SHEET_ORDERS[0])
    with right:
        scale = controls.choice("colours", ("each", "shared"), "each")
    return order, scale == "shared"


def _sheet(layer: LayerRecord, found: LayerSheet, sheet: Sheet) -> None:
    place = found.order.index(state.get("map-channel", 0))
    names = [t("maps.channel_alt", number=channel) for channel in found.order]

    def pick(row: int, column: int) -> None:
        if row * sheet.columns + column < len(found.order):
            state.put("map-channel", found.order[row * sheet.columns + column])

    pointing.point(
        sheet.png,
        sheet.rows,
        sheet.columns,
        divmod(place, sheet.columns),
        key=f"grid.{layer.name}",
        label=t("maps.grid_alt", count=layer.out_shape[0], layer=layer.name),
        pick=pick,
        gap=sheet.gap / sheet.pitch[1],
        names=names,
    )
    st.caption(
        t(
            "maps.statistics",
            count=layer.out_shape[0],
            mean=f"{found.mean:.3g}",
            std=f"{found.std:.3g}",
            low=f"{found.low:.3g}",
            high=f"{found.high:.3g}",
            firing=f"{100 * found.active:.0f}",
            dead=f"{100 * found.dead:.0f}",
        )
    )


def _downloads(source: str, seen: InputImage, layer: LayerRecord, sheet: Sheet) -> None:
    name = f"{cached_models.model(source).spec.slug}-{layer.name}"
    volume = cached_maps.maps(source, seen, layer.name).maps[layer.name]  # here: a download is written in no session
    with st.container(horizontal=True):
        st.download_button(
            t("maps.png"), sheet.png, f"{name}.png", "image/png", on_click="ignore", icon=":material/image:"
        )
        st.download_button(
            t("maps.npz"),
            lambda: cached_maps.archive(volume),
            f"{name}.npz",
            "application/octet-stream",
            on_click="ignore",
            icon=":material/data_array:",
        )


def _channel(source: str, seen: InputImage, layer: LayerRecord) -> Pair:
    """One channel, enlarged and with its values; returns the chosen cell."""
    from explorer.figures.maps import value_labels
    from explorer.figures.seen import map_png

    channels, rows, columns = layer.out_shape
    st.number_input(t("control.channel"), 0, channels - 1, key="map-channel", step=1)
    channel = int(state.publish("map-channel", -1, parameter="ch"))
    one = cached_maps.channel(source, seen, layer.name, channel)
    strongest = divmod(int(one.argmax()), columns)
    shown = f"{source} {layer.name} {channel}"
    cell = _cell("map", shown, strongest)
    pointing.point(
        map_png(one, rows),
        rows,
        columns,
        cell,
        key=f"map.{layer.name}",
        label=t("maps.map_alt", channel=channel, layer=layer.name),
        pick=lambda row, column: state.put("_cell.map", (shown, row, column)),
        width=380,
        names=value_labels(one),
    )
    value = f"{one[cell]:.3f}"
    st.caption(
        t("maps.cell", row=cell[0], column=cell[1], value=value, low=f"{one.min():.3g}", high=f"{one.max():.3g}")
    )
    return cell


def _cell(name: str, shown: str, default: Pair) -> Pair:
    """The cell chosen of what is `shown`, as long as that is the same; `default` to begin with."""
    of, row, column = state.get(f"_cell.{name}", ("", *default))
    return (row, column) if of == shown else default


def _effective_field(source: str, seen: InputImage, layer: LayerRecord, cell: Pair) -> None:
    st.markdown(t("maps.hears", layer=layer.name, row=cell[0], column=cell[1]))
    if not _wanted(source, "hears"):
        return
    _row_of_views(
        "hears",
        cached_maps.effective_receptive_field(source, seen, layer.name, cell),
        lambda view: t(
            "maps.heard",
            stage=view.layer.stage,
            size="×".join(map(str, view.layer.rf.size)),
            share=f"{100 * view.share:.1f}",
        ),
    )
    st.caption(t("maps.hears_note"))


def _wanted(source: str, what: str) -> bool:
    """Whether to go on at once; a network with gigabytes of maps waits until it is asked."""
    megabytes = cached_maps.too_many_megabytes(source)
    if not megabytes:
        return True
    st.caption(t("maps.heavy", size=f"{megabytes / 1000:.1f}"))
    return st.toggle(t("maps.compute"), key=f"compute.{what}.{source}")


def pixel(source: str, seen: InputImage) -> None:
    """The other way round: what one pixel of the input can move, and does."""
    from explorer.figures.seen import picture_png

    layout.section(t("maps.pixel"), t("maps.pixel_note"))

    @st.fragment
    def explore() -> None:
        picture = cached_models.model(source).resize_crop(seen.pixels)
        rows, columns = picture.shape[:2]
        shown = f"{rows} x {columns}"
        row, column = _cell("pixel", shown, (rows // 2, columns // 2))
        left, right = st.columns([1, 4], gap="large")
        with left:
            pointing.point(
                picture_png(picture, rows),
                rows,
                columns,
                (row, column),
                key="pixel",
                label=t("maps.pixel_alt"),
                pick=lambda down, across: state.put("_cell.pixel", (shown, down, across)),
            )
            st.caption(t("maps.chosen_pixel", row=row, column=column))
        with right:
            if not _wanted(source, "reaches"):
                return
            _row_of_views(
                "reaches",
                cached_maps.projective_field(source, seen, (row, column)),
                lambda view: t("maps.reached", stage=view.layer.stage, share=f"{100 * view.share:.0f}"),
            )

    explore()


def _row_of_views(name: str, views: tuple[tuple[LayerView, bytes], ...], caption: Callable[[LayerView], str]) -> None:
    with st.container(horizontal=True, gap="small", key=f"places-{name}"):
        for view, png in views:
            words = caption(view)
            st.image(png, caption=words, width=150, alt=words)
