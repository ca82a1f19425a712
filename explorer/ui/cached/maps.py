"""Cached calls around the feature maps of one picture.

A `source` names the weights (`explorer.models`), `key` the picture: a digest or slug that stands for its content.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import FeatureMaps, InputImage, LayerRecord, Pair, Shape
from explorer.ui.cached.models import model

if TYPE_CHECKING:
    import numpy as np

    from explorer.figures.maps import Sheet

MOST_MEGABYTES = 400.0
"""All maps of a picture are kept up to here; of larger ones, those that are asked for."""

ORDERS = ("strength", "index")


@dataclass(frozen=True, slots=True)
class Strongest:
    """A channel as a picture (PNG)."""

    channel: int
    png: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A stage in the depth strip. `window` is the picture with what the strongest unit sees of it (PNG).

    `seen` is the share of the picture inside that window, `firing` the share of units above zero, both 0 to 1. A stage
    without a grid has one block of numbers in `mean`, and no channels.
    """

    stage: str
    layer: str
    shape: Shape
    rf: Pair
    seen: float
    window: bytes
    mean: bytes
    channels: tuple[Strongest, ...]
    firing: float
    unit: tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """All maps of a layer: the sheet, the channel in each place of it, and what can be counted."""

    sheet: Sheet
    order: tuple[int, ...]
    mean: float
    std: float
    low: float
    high: float
    firing: float
    dead: float


@dataclass(frozen=True, slots=True)
class Place:
    """A layer seen from one place: a picture (PNG) and how large the window is."""

    layer: str
    stage: str
    shape: Shape
    rf: Pair
    cell: Pair
    png: bytes
    within: float = 0.0


@st.cache_resource(max_entries=64, show_spinner=False)
def layers(source: str) -> tuple[LayerRecord, ...]:
    """The operations of a network, in order."""
    from explorer.tracing import layers_of

    looked = model(source)
    return layers_of(looked.instance)


def stage_ends(source: str) -> tuple[LayerRecord, ...]:
    """The last operation of every stage."""
    last = {layer.stage: layer for layer in layers(source)}
    return tuple(last.values())


def grids(source: str) -> tuple[LayerRecord, ...]:
    """The layers whose output is a grid of maps, larger than one cell."""
    return tuple(x for x in layers(source) if len(x.out_shape) == 3 and x.out_shape[1] * x.out_shape[2] > 1)


def megabytes(source: str) -> float:
    """Size of all maps of one picture."""
    return sum(record.activation_bytes for record in layers(source)) / 1e6


@st.cache_resource(max_entries=4, show_spinner=False)
def _captured(source: str, key: str, _pixels: np.ndarray, wanted: tuple[str, ...] | None) -> FeatureMaps:
    from explorer.tracing import capture

    looked = model(source)
    return capture(looked.instantiate(), looked.preprocess(_pixels), layers(source), wanted)


def maps(source: str, seen: InputImage, layer: str = "") -> FeatureMaps:
    """The maps of every stage's end, and of `layer`; of all layers where they fit into memory."""
    if megabytes(source) <= MOST_MEGABYTES:
        return _captured(source, seen.key, seen.pixels, None)
    ends = tuple(record.name for record in stage_ends(source))
    return _captured(source, seen.key, seen.pixels, (*ends, layer) if layer and layer not in ends else ends)


def strip(source: str, seen: InputImage, channels: int) -> tuple[Row, ...]:
    """The depth strip of a picture: a row a stage, with the `channels` strongest maps of each."""
    return _strip(source, seen.key, seen.pixels, channels)


@st.cache_resource(max_entries=64, show_spinner=False)
def _strip(source: str, key: str, _pixels: np.ndarray, channels: int) -> tuple[Row, ...]:
    found, looked = maps(source, InputImage(key, _pixels)), model(source)
    picture = looked.resize_crop(_pixels)
    return tuple(_row(record, found.maps[record.name], picture, channels) for record in stage_ends(source))


def _row(record: LayerRecord, volume: np.ndarray, picture: np.ndarray, channels: int, side: int = 76) -> Row:
    from explorer.figures import seen as figures

    firing = float((volume > 0).mean())
    if volume.ndim == 1:
        unit, whole = (int(volume.argmax()), 0, 0), (0, 0, *picture.shape[:2])
        window = figures.window_png(picture, whole, side)
        return Row(
            record.stage,
            record.name,
            record.out_shape,
            record.rf.size,
            1.0,
            window,
            figures.barcode_png(volume, side),
            (),
            firing,
            unit,
        )
    by_strength = volume.max((1, 2)).argsort()[::-1][:channels]
    row, column = divmod(int(volume[by_strength[0]].argmax()), volume.shape[2])
    window = record.rf.window(row, column)
    return Row(
        record.stage,
        record.name,
        record.out_shape,
        record.rf.size,
        _share(window, picture.shape[:2]),
        figures.window_png(picture, window, side),
        figures.map_png(volume.mean(0), side),
        tuple(Strongest(int(c), figures.map_png(volume[c], side)) for c in by_strength),
        firing,
        (int(by_strength[0]), row, column),
    )


def _share(window: tuple[int, int, int, int], size: tuple[int, ...]) -> float:
    """Share of a picture (rows, columns) inside a window."""
    top, left, bottom, right = window
    rows = max(0, min(bottom, size[0]) - max(top, 0))
    columns = max(0, min(right, size[1]) - max(left, 0))
    return rows * columns / (size[0] * size[1])


def grid(source: str, seen: InputImage, layer: str, order: str, shared: bool) -> Grid:
    """All maps of a layer, by `order` (one of `ORDERS`), on one colour scale or each on its own."""
    return _grid(source, seen.key, seen.pixels, layer, order, shared)


@st.cache_resource(max_entries=64, show_spinner=False)
def _grid(source: str, key: str, _pixels: np.ndarray, layer: str, order: str, shared: bool) -> Grid:
    from explorer.figures.maps import sheet

    volume = maps(source, InputImage(key, _pixels), layer).maps[layer]
    channels = len(volume)
    places = (-volume.max((1, 2))).argsort(kind="stable") if order == "strength" else range(channels)
    placed = [int(channel) for channel in places]
    columns = next(n for n in (4, 8, 12, 16, 24, 32, 48, 64) if n * n * 0.7 >= channels or n == 64)
    return Grid(
        sheet=sheet(volume[placed], shared=shared, columns=min(columns, channels)),
        order=tuple(placed),
        mean=float(volume.mean()),
        std=float(volume.std()),
        low=float(volume.min()),
        high=float(volume.max()),
        firing=float((volume > 0).mean()),
        dead=float((volume.max((1, 2)) <= 0).mean()),
    )


def channel(source: str, seen: InputImage, layer: str, number: int) -> np.ndarray:
    """One map of a layer, float32 (H, W). Shared: not to be changed."""
    one: np.ndarray = maps(source, seen, layer).maps[layer][number]
    return one


def archive(source: str, seen: InputImage, layer: str) -> bytes:
    """The maps of a layer as an NPZ file: `maps` float32 (C, H, W)."""
    import numpy as np

    buffer = io.BytesIO()
    np.savez_compressed(buffer, maps=maps(source, seen, layer).maps[layer])
    return buffer.getvalue()


def hears(source: str, seen: InputImage, layer: str, cell: Pair) -> tuple[Place, ...]:
    """What a cell of a layer, and the cell at the same place at the end of every stage, hears of the picture."""
    return _hears(source, seen.key, seen.pixels, layer, cell)


@st.cache_resource(max_entries=64, show_spinner=False)
def _hears(source: str, key: str, _pixels: np.ndarray, layer: str, cell: Pair) -> tuple[Place, ...]:
    from explorer.figures.seen import window_png
    from explorer.tracing import cell_at, effective_fields

    looked, chosen = model(source), next(x for x in layers(source) if x.name == layer)
    _, rows, columns = chosen.out_shape
    place = (cell[0] + 0.5) / rows, (cell[1] + 0.5) / columns
    shown = [x for x in stage_ends(source) if len(x.out_shape) == 3 and x.name != layer]
    shown = sorted([*shown, chosen], key=lambda x: x.index)
    cells = {x.name: cell if x is chosen else cell_at(x, place) for x in shown}
    fields = effective_fields(looked.instantiate(), looked.preprocess(_pixels), layers(source), cells)
    picture = looked.resize_crop(_pixels)
    found = []
    for record in shown:
        window, heat = record.rf.window(*cells[record.name]), fields[record.name]
        png = window_png(picture, window, 150, heat=heat)
        within = _within(heat)
        found.append(
            Place(record.name, record.stage, record.out_shape, record.rf.size, cells[record.name], png, within)
        )
    return tuple(found)


def _within(heat: np.ndarray) -> float:
    """The smallest share of the picture's pixels that carries 95 % of the gradient; 0 where there is none."""
    ordered = heat.flatten()
    ordered.sort()
    sums = ordered[::-1].cumsum()
    return float((sums < 0.95 * sums[-1]).sum() + 1) / heat.size if sums[-1] > 0 else 0.0


def reaches(source: str, seen: InputImage, pixel: Pair) -> tuple[Place, ...]:
    """The cells that one pixel of the network's input moves, at the end of every stage."""
    return _reaches(source, seen.key, seen.pixels, pixel)


@st.cache_resource(max_entries=64, show_spinner=False)
def _reaches(source: str, key: str, _pixels: np.ndarray, pixel: Pair) -> tuple[Place, ...]:
    from explorer.figures.seen import reach_png
    from explorer.tracing import influence, reached

    looked = model(source)
    ends = [x for x in stage_ends(source) if len(x.out_shape) == 3]
    moved = influence(looked.instantiate(), looked.preprocess(_pixels), layers(source), [x.name for x in ends], pixel)
    found = []
    for record in ends:
        change, cells = moved[record.name], reached(record, pixel)
        png = reach_png(change, cells, 150)
        share = float((change > 0.05 * change.max()).mean()) if change.max() > 0 else 0.0
        found.append(Place(record.name, record.stage, record.out_shape, record.rf.size, pixel, png, share))
    return tuple(found)


def values_of(one: np.ndarray) -> list[str]:
    """Every value of a map with where it is, row by row, to be shown while pointing; none where there are too many."""
    if one.size > 64 * 64:
        return []
    return [
        f"{row}, {column}: {value:.3f}" for row, line in enumerate(one.tolist()) for column, value in enumerate(line)
    ]
