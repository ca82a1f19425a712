"""The page Feature maps: its state, and any layer with one of its maps; receptive fields are in `connections`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.fields import Field, cell, choice, flag, number, slug
from explorer.records import SHEET_ORDERS, InputImage, LayerRecord, LayerSheet, Pair
from explorer.ui.cached import maps as cached_maps, models as cached_models
from explorer.ui.components import pointing
from explorer.ui.shell import exhibit, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.state import Bound
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import ImageFields
from explorer.ui.widgets.model import SECOND, ModelFields
from explorer.ui.widgets.operation import OPERATION, Opened, panel

if TYPE_CHECKING:
    from explorer.figures.maps import Sheet

_MOST_CHANNELS = 100_000


@dataclass(frozen=True, slots=True)
class MapsState:
    """What is chosen on the page: models and an image; a layer, one of its channels and cells; a pixel of the image.

    The channel and the cell are the strongest until others are chosen, the pixel is the one in the middle.
    `operation` is the one that was clicked. `compute_field` and `compute_reach` say that a network with gigabytes of
    maps is to be run all the same.
    """

    model: ModelFields = field(default_factory=ModelFields)
    second: ModelFields = SECOND
    beside: Field[bool] = flag("beside")
    image: ImageFields = field(default_factory=ImageFields)
    layer: Field[str] = slug("layer")
    order: Field[str] = choice("order", SHEET_ORDERS)
    colours: Field[str] = choice("colours", ("each", "shared"))
    channel: Field[int] = number("ch", 0, _MOST_CHANNELS, label="control.channel")
    pixel: Field[Pair] = cell("pixel", label="maps.chosen_pixel")
    cell: Field[Pair] = cell("cell", label="maps.cell")
    compute_field: Field[bool] = flag("field", label="maps.compute")
    compute_reach: Field[bool] = flag("reach", label="maps.compute")
    operation: Field[int] = OPERATION


STATE = MapsState()


def operation(model_id: str, image: InputImage) -> None:
    """The operation whose thumbnails were clicked; its maps are shown below as a grid when asked for."""

    def choose(name: str) -> None:
        state.assign(STATE.layer, name, owner=model_id)

    panel(Opened(cached_models.card(model_id).instance, lambda: (model_id, image), choose))


# --- one layer --------------------------------------------------------------------------------------------------------


def layer_and_cell(model_id: str, image: InputImage) -> tuple[LayerRecord, Pair]:
    """All maps of a layer as a grid to point into, and one of them enlarged; returns the layer and the chosen cell."""
    layer = _pick_layer(model_id)
    left, right = st.columns(2)
    with left:
        order = inputs.segmented(STATE.order)
    with right:
        shared = inputs.segmented(STATE.colours) == "shared"
    found, sheet = cached_maps.layer_sheet(model_id, image, layer.name, order, shared)
    strongest = cached_maps.strongest_channel(model_id, image, layer.name)
    owner = f"{model_id} {layer.name}"
    channel = state.bind(STATE.channel, allowed=range(layer.out_shape[0]), default=strongest, owner=owner)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _sheet(layer, found, sheet, channel)
        _downloads(model_id, image, layer, sheet)
    with right:
        return layer, _map(model_id, image, layer, channel)


def _pick_layer(model_id: str) -> LayerRecord:
    by_name = {layer.name: layer for layer in cached_maps.grids(model_id)}
    ends = [layer.name for layer in cached_maps.stage_ends(model_id) if layer.name in by_name]
    default = ends[min(1, len(ends) - 1)]
    named = {name: _layer_name(layer) for name, layer in by_name.items()}
    return by_name[inputs.select(STATE.layer, list(by_name), named.__getitem__, default=default, owner=model_id)]


def _layer_name(layer: LayerRecord) -> str:
    shape = "×".join(map(str, (*layer.out_shape[1:], layer.out_shape[0])))
    return f"{layer.stage} · {layer.name} · {t(f'kind.{layer.kind}')} · {shape}"


def _sheet(layer: LayerRecord, found: LayerSheet, sheet: Sheet, channel: Bound[int]) -> None:
    from explorer.inspection import layer_sheet

    def pick(row: int, column: int) -> None:
        if row * sheet.columns + column < len(found.order):
            channel.set(found.order[row * sheet.columns + column])

    drawing = partial(
        pointing.point,
        sheet.png,
        sheet.rows,
        sheet.columns,
        divmod(found.order.index(channel.value), sheet.columns),
        key=f"grid.{layer.name}",
        label=t("maps.grid_alt", count=layer.out_shape[0], layer=layer.name),
        pick=pick,
        gap=sheet.gap / sheet.pitch[1],
        names=[t("maps.channel_alt", number=channel) for channel in found.order],
    )
    firing, dead = f"{100 * found.active:.0f}", f"{100 * found.dead:.0f}"
    mean, std, low, high = (f"{value:.3g}" for value in (found.mean, found.std, found.low, found.high))
    count = len(found.order)
    sentence = t("maps.statistics", count=count, mean=mean, std=std, low=low, high=high, firing=firing, dead=dead)
    rows = partial(_ranges, found)
    exhibit.show(Exhibit("maps-sheet", drawing, sentence, rows=rows, code=(layer_sheet,), note=sentence))


def _ranges(found: LayerSheet) -> list[dict[str, float]]:
    """One row per channel: its number, its smallest and its largest value."""
    names = t(STATE.channel.words), t("lenet.low"), t("lenet.high")
    return [dict(zip(names, (n, *ends), strict=True)) for n, ends in zip(found.order, found.ranges, strict=True)]


def _downloads(model_id: str, image: InputImage, layer: LayerRecord, sheet: Sheet) -> None:
    name = f"{cached_models.model(model_id).spec.slug}-{layer.name}"
    volume = cached_maps.maps(model_id, image, layer.name).maps[layer.name]  # here: a download is written in no session
    files: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
        "png": ("image/png", sheet.png, ":material/image:"),
        "npz": ("application/octet-stream", lambda: cached_maps.archive(volume), ":material/data_array:"),
    }
    with st.container(horizontal=True):
        for kind, (mime, data, icon) in files.items():
            st.download_button(t(f"maps.{kind}"), data, f"{name}.{kind}", mime, on_click="ignore", icon=icon)


def _map(model_id: str, image: InputImage, layer: LayerRecord, channel: Bound[int]) -> Pair:
    """One channel, enlarged and with its values; returns the chosen cell."""
    from explorer.figures.maps import value_labels
    from explorer.figures.receptive_windows import map_png

    channels, rows, columns = layer.out_shape
    st.number_input(t(STATE.channel.words), 0, channels - 1, key=channel.key, step=1)
    chosen = channel.commit()
    values = cached_maps.channel(model_id, image, layer.name, chosen)
    strongest = divmod(int(values.argmax()), columns)
    cell = state.bind(
        STATE.cell,
        allowed=lambda place: place[0] < rows and place[1] < columns,
        default=strongest,
        owner=f"{model_id} {layer.name} {chosen}",
    )
    drawing = partial(
        pointing.point,
        map_png(values, rows),
        rows,
        columns,
        cell.value,
        key=f"map.{layer.name}",
        label=t("maps.map_alt", channel=chosen, layer=layer.name),
        pick=lambda row, column: cell.set((row, column)),
        width=380,
        names=value_labels(values),
    )
    row, column = cell.commit()
    value, low, high = f"{values[row, column]:.3f}", f"{values.min():.3g}", f"{values.max():.3g}"
    sentence = t("maps.cell", row=row, column=column, value=value, low=low, high=high)
    table = partial(_values, values.tolist())
    exhibit.show(Exhibit("maps-map", drawing, sentence, rows=table, note=sentence))
    return row, column


def _values(values: list[list[float]]) -> list[dict[str, float]]:
    """One row per row of a map, its columns counted from 0."""
    return [{str(column): value for column, value in enumerate(row)} for row in values]
