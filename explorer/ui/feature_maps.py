"""The parts of the page Feature maps."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import TYPE_CHECKING

import streamlit as st

from explorer.ui import cached_maps, controls, layout, looking, navigation, pointing, state
from explorer.ui.strip import strip_html
from explorer.ui.words import t

if TYPE_CHECKING:
    from explorer.records import LayerRecord, Pair
    from explorer.ui.looking import Seen

_CHANNELS, _CHANNELS_BESIDE = 5, 3
_TOP, _TOP_BESIDE = 3, 2


def strips(sources: tuple[str, ...], seen: Seen) -> bool:
    """The depth strip of one network, or of two side by side; false where an answer is not finite."""
    if not all(isfinite(share) for source in sources for share in cached_maps.maps(source, seen).probabilities):
        st.warning(t("upload.no_answer"), icon=":material/error:")
        return False
    channels = _CHANNELS if len(sources) == 1 else _CHANNELS_BESIDE
    for number, (column, source) in enumerate(zip(st.columns(len(sources), gap="large"), sources, strict=True)):
        with column, st.container(key=f"strip{'-beside' if len(sources) > 1 else ''}-{number}"):
            _one_strip(source, seen, channels, top=_TOP if len(sources) == 1 else _TOP_BESIDE)
    return True


def _one_strip(source: str, seen: Seen, channels: int, top: int) -> None:
    subject = looking.subject(source)
    found = cached_maps.maps(source, seen)
    said = " · ".join(f"**{looking.class_name(subject, i)}** {100 * share:.0f} %" for i, share in found.top(top))
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(t("maps.says", network=subject.spec.title, top=said), width="content")
        if top == _TOP:
            st.page_link(navigation.page("why"), label=t("maps.why"), icon=":material/arrow_forward:", width="content")
    names = [looking.class_name(subject, i) for i in range(len(subject.classes))]
    st.html(strip_html(cached_maps.strip(source, seen, channels), names))


def any_layer(source: str, seen: Seen) -> None:
    """All maps of a layer as a grid to point into; one of them enlarged; what one of its cells hears."""
    layout.section(t("maps.any_layer"), t("maps.any_layer_note"))

    @st.fragment
    def explore() -> None:
        layer = _layer_picker(source)
        order, shared = _view()
        channels = layer.out_shape[0]
        state.seed("map-channel", -1, state.number(-1, channels - 1), parameter="ch")
        grid = cached_maps.grid(source, seen, layer.name, order, shared)
        if not 0 <= state.get("map-channel", -1) < channels:
            state.put("map-channel", grid.order[0])
        left, right = st.columns([3, 2], gap="large")
        with left:
            _grid(layer, grid)
            _downloads(source, seen, layer, grid)
        with right:
            cell = _channel(source, seen, layer)
        _hears(source, seen, layer, cell)

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
        order = controls.choice("order", cached_maps.ORDERS, cached_maps.ORDERS[0])
    with right:
        scale = controls.choice("colours", ("each", "shared"), "each")
    return order, scale == "shared"


def _grid(layer: LayerRecord, grid: cached_maps.Grid) -> None:
    place = grid.order.index(state.get("map-channel", 0))
    names = [t("maps.channel_alt", number=channel) for channel in grid.order]

    def pick(row: int, column: int) -> None:
        if row * grid.sheet.columns + column < len(grid.order):
            state.put("map-channel", grid.order[row * grid.sheet.columns + column])

    pointing.point(
        grid.sheet.png,
        grid.sheet.rows,
        grid.sheet.columns,
        divmod(place, grid.sheet.columns),
        key=f"grid.{layer.name}",
        label=t("maps.grid_alt", count=layer.out_shape[0], layer=layer.name),
        pick=pick,
        gap=grid.sheet.gap / grid.sheet.pitch[1],
        names=names,
    )
    st.caption(
        t(
            "maps.statistics",
            count=layer.out_shape[0],
            mean=f"{grid.mean:.3g}",
            std=f"{grid.std:.3g}",
            low=f"{grid.low:.3g}",
            high=f"{grid.high:.3g}",
            firing=f"{100 * grid.firing:.0f}",
            dead=f"{100 * grid.dead:.0f}",
        )
    )


def _downloads(source: str, seen: Seen, layer: LayerRecord, grid: cached_maps.Grid) -> None:
    name = f"{looking.subject(source).spec.slug}-{layer.name}"
    with st.container(horizontal=True):
        st.download_button(
            t("maps.png"), grid.sheet.png, f"{name}.png", "image/png", on_click="ignore", icon=":material/image:"
        )
        st.download_button(
            t("maps.npz"),
            lambda: cached_maps.archive(source, seen, layer.name),
            f"{name}.npz",
            "application/octet-stream",
            on_click="ignore",
            icon=":material/data_array:",
        )


def _channel(source: str, seen: Seen, layer: LayerRecord) -> Pair:
    """One channel, enlarged and with its values; returns the chosen cell."""
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
        names=cached_maps.values_of(one),
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


def _hears(source: str, seen: Seen, layer: LayerRecord, cell: Pair) -> None:
    st.markdown(t("maps.hears", layer=layer.name, row=cell[0], column=cell[1]))
    if not _wanted(source, "hears"):
        return
    places = cached_maps.hears(source, seen, layer.name, cell)
    _row_of_places(
        "hears",
        places,
        lambda place: t(
            "maps.heard",
            stage=place.stage,
            size="×".join(map(str, place.rf)),
            share=f"{100 * place.within:.1f}",
        ),
    )
    st.caption(t("maps.hears_note"))


def _wanted(source: str, what: str) -> bool:
    """Whether to go on at once; a network with gigabytes of maps waits until it is asked."""
    megabytes = cached_maps.megabytes(source)
    if megabytes <= cached_maps.MOST_MEGABYTES:
        return True
    st.caption(t("maps.heavy", size=f"{megabytes / 1000:.1f}"))
    return st.toggle(t("maps.compute"), key=f"compute.{what}.{source}")


def pixel(source: str, seen: Seen) -> None:
    """The other way round: what one pixel of the input can move, and does."""
    from explorer.figures.seen import picture_png

    layout.section(t("maps.pixel"), t("maps.pixel_note"))

    @st.fragment
    def explore() -> None:
        picture = looking.subject(source).pixels(seen.pixels)
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
            _row_of_places(
                "reaches",
                cached_maps.reaches(source, seen, (row, column)),
                lambda place: t("maps.reached", stage=place.stage, share=f"{100 * place.within:.0f}"),
            )

    explore()


def _row_of_places(
    name: str, places: tuple[cached_maps.Place, ...], caption: Callable[[cached_maps.Place], str]
) -> None:
    with st.container(horizontal=True, gap="small", key=f"places-{name}"):
        for place in places:
            words = caption(place)
            st.image(place.png, caption=words, width=150, alt=words)
