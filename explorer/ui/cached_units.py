"""Cached calls of the page that asks what units want, and the side tasks behind it."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.jobs import side
from explorer.records import Block, Excitement, Lesion, ShapeTrace, UnitLayer
from explorer.text import plain
from explorer.ui import cached, cached_subjects, own_sets

if TYPE_CHECKING:
    import numpy as np

    from explorer.subjects import Subject

MOST_JUDGED = 1_000
_OVERVIEW = 32


@dataclass(frozen=True, slots=True)
class Filters:
    """The first filters as one PNG, in the order of `order`; `norms` are their lengths, `size` is their side."""

    layer: str
    picture: bytes
    order: tuple[int, ...]
    norms: tuple[float, ...]
    size: int
    colour: bool


@dataclass(frozen=True, slots=True)
class Patches:
    """What excites one channel: a PNG of nine patches, its activations, and what the pictures show."""

    picture: bytes
    values: tuple[float, ...]
    truths: tuple[str, ...]
    mean: float
    firing: float
    whole: bool


# --- what there is to ask ---------------------------------------------------------------------------------------------


@st.cache_resource(max_entries=16, show_spinner=False)
def layers(source: str) -> tuple[UnitLayer, ...]:
    """The layers whose units can be asked. Raises `ExplorerError`."""
    from explorer.units import unit_layers

    its = cached_subjects.subject(source)
    return unit_layers(its.network(), _trace(its))


@st.cache_resource(max_entries=16, show_spinner=False)
def blocks(source: str) -> tuple[Block, ...]:
    """The blocks that could be bypassed. Raises `ExplorerError`."""
    from explorer.units import blocks_of

    its = cached_subjects.subject(source)
    return blocks_of(its.network(), _trace(its))


def _trace(its: Subject) -> ShapeTrace:
    return cached.trace(its.spec.slug, its.input_shape[1:], len(its.classes), its.options)


@st.cache_resource(max_entries=32, show_spinner=False)
def filters(source: str, by_norm: bool) -> Filters:
    """The filters of the first convolution, the longest first or by index."""
    import numpy as np

    from explorer.figures.units import filter_tiles, tiles_png
    from explorer.units import first_filters

    name, weights = first_filters(cached_subjects.subject(source).network())
    norms = np.sqrt((weights.astype(np.float64) ** 2).sum((1, 2, 3)))
    order = (-norms).argsort(kind="stable") if by_norm else np.arange(len(norms))
    columns = 8 if len(norms) <= 32 else 16
    side_of_one = 84 if len(norms) <= 32 else 60
    picture = tiles_png(
        filter_tiles(weights[order]), order.tolist(), columns=min(columns, len(norms)), side=side_of_one
    )
    colour = weights.shape[1] == 3
    return Filters(name, picture, tuple(order.tolist()), tuple(norms[order].tolist()), weights.shape[2], colour)


# --- side tasks -------------------------------------------------------------------------------------------------------


@st.cache_data(max_entries=64, show_spinner=False)
def fingerprint(source: str) -> str:
    """A digest of the weights themselves: the same weights under two names share their results."""
    digest = hashlib.sha256()
    for name, tensor in sorted(cached_subjects.subject(source).state.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


@st.cache_resource(max_entries=16, show_spinner=False)
def excitement(key: str) -> Excitement:
    """What a finished search for patches has found."""
    import numpy as np

    with np.load(io.BytesIO((side.folder(key) / "result.npz").read_bytes())) as found:
        arrays = {name: found[name] for name in found.files}
    return Excitement(**{**arrays, "seen": int(arrays["seen"])})


@st.cache_resource(max_entries=64, show_spinner=False)
def patches(key: str, source: str, layer: str, dataset: str, channel: int) -> Patches:
    """The nine patches of one channel. Raises `ExplorerError`."""
    from explorer import datasets
    from explorer.figures.units import tiles_png

    found, data = excitement(key), datasets.load(dataset)
    windows = _cut(source, layer, dataset, found, [(channel, i) for i in range(found.pictures.shape[1])])
    truths = tuple(plain(data.classes[int(data.train_labels[number])]) for number in found.pictures[channel])
    its = next(one for one in layers(source) if one.module == layer)
    shape = cached_subjects.subject(source).input_shape
    return Patches(
        tiles_png(windows, columns=3, side=120),
        tuple(found.values[channel].tolist()),
        truths,
        float(found.mean[channel]),
        float(found.firing[channel]),
        all(field >= length for field, length in zip(its.rf.size, shape[1:], strict=True)),
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def overview(key: str, source: str, layer: str, dataset: str) -> tuple[bytes, tuple[int, ...]]:
    """The strongest patch of each of the first channels that fire, as one PNG, and their numbers."""
    from explorer.figures.units import tiles_png

    found = excitement(key)
    alive = [channel for channel in range(len(found.firing)) if found.firing[channel] > 0][:_OVERVIEW]
    if not alive:
        return b"", ()
    windows = _cut(source, layer, dataset, found, [(channel, 0) for channel in alive])
    return tiles_png(windows, alive, columns=8, side=72), tuple(alive)


def _cut(source: str, layer: str, dataset: str, found: Excitement, wanted: list[tuple[int, int]]) -> np.ndarray:
    from explorer import datasets
    from explorer.units import cut

    its = next(one for one in layers(source) if one.module == layer)
    images = datasets.load(dataset).train_images
    numbers = [int(found.pictures[at]) for at in wanted]
    places = [(int(found.rows[at]), int(found.columns[at])) for at in wanted]
    return cut(images, its.rf, cached_subjects.subject(source).input_shape, numbers, places)


def frames(key: str, side_of_one: int) -> tuple[tuple[int, bytes], ...]:
    """The frames of a search that were kept, (step, PNG), in order."""
    from explorer.figures.units import printed_png

    kept = sorted(side.folder(key).glob("frame-*.png"))
    return tuple((int(path.stem.partition("-")[2]), printed_png(path.read_bytes(), side_of_one)) for path in kept)


def newest_frame(key: str, side_of_one: int) -> bytes:
    """The newest frame of a search; empty before the first."""
    from explorer.figures.units import printed_png

    path = side.folder(key) / "frame.png"
    return printed_png(path.read_bytes(), side_of_one) if path.exists() else b""


@st.cache_data(max_entries=32, show_spinner=False)
def swept(key: str) -> tuple[float, dict[str, float]]:
    """What a finished sweep has measured: accuracy of the whole network, and with each block bypassed."""
    names, values = json.loads((side.folder(key) / "result.json").read_text(encoding="utf-8"))
    return values[0], dict(zip(names[1:], values[1:], strict=True))


# --- lesions ----------------------------------------------------------------------------------------------------------


@st.cache_data(max_entries=64, show_spinner=False)
def seen_png(source: str, picture: str, _pixels: np.ndarray) -> bytes:
    """A picture as the network gets it, enlarged; `picture` is the key of its content."""
    from explorer.figures.seen import picture_png

    return picture_png(cached_subjects.subject(source).pixels(_pixels), 128)


@st.cache_data(max_entries=256, show_spinner=False)
def answers(source: str, picture: str, lesion: Lesion, _pixels: np.ndarray) -> tuple[float, ...]:
    """Probabilities of all classes for a picture; `picture` is the key of its content. Raises `ExplorerError`."""
    import torch

    from explorer.units import lesioned

    its = cached_subjects.subject(source)
    with lesioned(its.network(), lesion, blocks(source)) as net, torch.inference_mode():
        shares: tuple[float, ...] = tuple(net(its.tensor(_pixels)).softmax(1)[0].tolist())
    return shares


@st.cache_data(max_entries=256, show_spinner=False)
def accuracy(source: str, dataset: str, lesion: Lesion) -> tuple[float, int]:
    """Accuracy on the first test pictures of a data set, and on how many. Raises `ExplorerError`."""
    from explorer import datasets
    from explorer.units import accuracy as measured
    from explorer.units import lesioned

    its, data = cached_subjects.subject(source), datasets.load(dataset)
    images, labels = data.test_images[:MOST_JUDGED], data.test_labels[:MOST_JUDGED]
    with lesioned(its.network(), lesion, blocks(source)) as net:
        return measured(net, its.scale, images, labels, its.input_shape), len(labels)


@st.cache_data(max_entries=32, ttl=600, show_spinner=False)
def judged_on(source: str) -> str:
    """A data set that is there and has the classes of a network; "" where there is none."""
    from explorer import datasets

    its = cached_subjects.subject(source)
    declared = [datasets.dataset(slug) for slug in cached_subjects.sample_sets() if not slug.startswith("own:")]
    fitting = [one for one in declared if one.classes == its.classes]
    if fitting:  # of the right size first, and the published before the bundled stand-in
        return min(fitting, key=lambda one: (one.shape != its.input_shape, one.bundled)).slug
    for own in own_sets.readable():
        # Folders and files seldom name their classes as the paper did: as many of them, in colour alike, will do.
        if len(own.classes) == len(its.classes) and own.shape[0] == its.input_shape[0]:
            return own.slug
    return ""
