"""Cached calls of the page that asks what units want, and the tasks behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer import tasks
from explorer.errors import RunStoreError
from explorer.records import (
    AblatedAccuracy,
    AblatedAnswers,
    Block,
    FirstFilters,
    InputImage,
    Lesion,
    TopActivations,
    TopPatches,
    UnitLayer,
)
from explorer.summaries import recorded_look
from explorer.tasks.entries.maximize import NEWEST
from explorer.ui.cached import models as cached_models, networks as cached, runs as cached_runs
from explorer.ui.cached.keeping import kept

if TYPE_CHECKING:
    from explorer.figures.maps import Sheet

MOST_JUDGED = 1_000
_OVERVIEW = 32


# --- what there is to ask ---------------------------------------------------------------------------------------------


@kept(max_entries=16)
def layers(model_id: str) -> tuple[UnitLayer, ...]:
    """The layers whose units can be studied. Raises `ExplorerError`."""
    from explorer.units import unit_layers

    model = cached_models.model(model_id)
    return unit_layers(model.instantiate(), cached.trace(model.instance))


@kept(max_entries=16)
def blocks(model_id: str) -> tuple[Block, ...]:
    """The blocks that could be bypassed. Raises `ExplorerError`."""
    from explorer.units import blocks_of

    model = cached_models.model(model_id)
    return blocks_of(model.instantiate(), cached.trace(model.instance))


@kept(max_entries=32)
def filters(model_id: str, by_norm: bool) -> tuple[FirstFilters, Sheet]:
    """The filters of the first convolution, the longest first or by index, in numbers and as a sheet."""
    from explorer.figures.units import filters_sheet

    look = recorded_look()
    if by_norm and look and look.card.id == model_id:
        return look.filters, filters_sheet(look.filters)
    [first_filters] = filters_code()
    found = first_filters(cached_models.model(model_id), by_norm=by_norm)
    return found, filters_sheet(found)


def filters_code() -> tuple[Callable[..., FirstFilters]]:
    """What computes them."""
    from explorer.inspection import first_filters

    return (first_filters,)


# --- tasks ------------------------------------------------------------------------------------------------------------


@kept(max_entries=64)
def fingerprint(model_id: str) -> str:
    """A digest of the weights themselves: the same weights under two names share their results."""
    digest = hashlib.sha256()
    for name, tensor in sorted(cached_models.model(model_id).state.items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


@st.cache_resource(max_entries=16, show_spinner=False)
def top_activations(key: str) -> TopActivations:
    """The top activations found by a finished task."""
    found: TopActivations = _result("patches", key)
    return found


@kept(max_entries=64)
def patches(key: str, model_id: str, layer: UnitLayer, dataset: str, channel: int) -> tuple[TopPatches, bytes]:
    """The nine patches of one channel, in numbers and as a PNG. Raises `ExplorerError`."""
    from explorer import inspection
    from explorer.figures.units import tiled
    from explorer.units import searched

    model, found = cached_models.model(model_id), top_activations(key)
    data = searched(dataset, model.input_shape)
    positions = [(channel, place) for place in range(found.images.shape[1])]
    windows = inspection.patch_windows(model, layer, found, data, positions)
    return inspection.top_patches(model, layer, found, data, channel), tiled(windows, columns=3, side=120).png


@kept(max_entries=32)
def overview(key: str, model_id: str, layer: UnitLayer, dataset: str) -> tuple[tuple[int, ...], Sheet | None]:
    """The first channels that are active, and the strongest patch of each on one sheet; None where there are none."""
    from explorer import inspection
    from explorer.figures.units import tiled
    from explorer.units import searched

    model, found = cached_models.model(model_id), top_activations(key)
    data = searched(dataset, model.input_shape)
    alive = inspection.living_channels(found, _OVERVIEW)
    windows = inspection.patch_windows(model, layer, found, data, [(channel, 0) for channel in alive])
    return alive, tiled(windows, alive, columns=8, side=72) if alive else None


def frames(key: str, side_of_one: int) -> tuple[tuple[int, bytes], ...]:
    """The frames of a search that were kept, (step, PNG), in order."""
    from explorer.figures.units import printed_png

    return tuple((step, printed_png(png, side_of_one)) for step, png in _result("maximize", key).frames)


def newest_frame(key: str, side_of_one: int) -> bytes:
    """The newest frame of a search; empty before the first."""
    from explorer.figures.units import printed_png

    newest = cached_runs.service().artifact(key, NEWEST)
    return printed_png(newest, side_of_one) if newest else b""


@st.cache_data(max_entries=32, show_spinner=False)
def swept(key: str) -> tuple[float, dict[str, float]]:
    """Accuracies measured by a finished sweep: of the whole network, and with each block bypassed."""
    found = _result("ablation-sweep", key)
    return found.whole, dict(found.without)


def _result(slug: str, key: str) -> Any:
    """The result of a finished task. Raises `RunStoreError` where it was evicted."""
    if not (files := cached_runs.service().artifacts(key)):
        raise RunStoreError("This result had to make room for newer ones. Start it again.", "made_room")
    return tasks.task(slug).result(files)


# --- ablation ---------------------------------------------------------------------------------------------------------


@kept(max_entries=64)
def input_png(model_id: str, image: InputImage) -> bytes:
    """An image as the network gets it, enlarged."""
    from explorer.figures.receptive_windows import image_png

    return image_png(cached_models.model(model_id).resize_crop(image.pixels), 128)


@kept(max_entries=256)
def probabilities(model_id: str, image: InputImage, lesion: Lesion) -> tuple[float, ...]:
    """Probabilities of all classes for an image with parts switched off. Raises `ExplorerError`."""
    from explorer import inspection

    return inspection.probabilities(cached_models.model(model_id), image.pixels, lesion, blocks(model_id))


def ablated_answers(model_id: str, image: InputImage, lesion: Lesion) -> AblatedAnswers:
    """Predictions before and after an ablation. Raises `ExplorerError`."""
    return AblatedAnswers(probabilities(model_id, image, Lesion()), probabilities(model_id, image, lesion))


@kept(max_entries=256)
def accuracy(model_id: str, dataset: str, lesion: Lesion) -> tuple[float, int]:
    """Accuracy on the first test images of a data set, and on how many. Raises `ExplorerError`."""
    from explorer import datasets, inspection

    data = datasets.load(dataset)
    return inspection.accuracy(cached_models.model(model_id), data, lesion, blocks(model_id), MOST_JUDGED)


def ablated_accuracy(model_id: str, dataset: str, lesion: Lesion) -> AblatedAccuracy:
    """Accuracy before and after an ablation. Raises `ExplorerError`."""
    (before, images), (after, _) = (accuracy(model_id, dataset, each) for each in (Lesion(), lesion))
    return AblatedAccuracy(before, after, images)


@kept(max_entries=32, ttl=600)
def evaluation_dataset(model_id: str) -> str | None:
    """A data set that is there and has the classes of a model; None where there is none."""
    from explorer import inspection

    return inspection.evaluation_dataset(cached_models.model(model_id))
