"""Cached calls of the page about ten crops and ensembles: views of one image, and a measured test set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.records import AveragedSet, InputImage, NetworkInstance, TrainConfig, View
from explorer.summaries import recorded_crops
from explorer.summaries.ten_crops import IMAGE, NETWORKS
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.cached.keeping import kept
from explorer.weights import recorded_averages

if TYPE_CHECKING:
    import numpy as np

    from explorer.averaging.looking import Running
    from explorer.averaging.reporting import Row, Together

LITES = tuple(f"pretrained:{slug}" for slug in NETWORKS)
OWN_SET = "digits"
"""The measured test set that small runs of one's own can join: its images are bundled, and asked in a second."""

_TOP = 5


# --- one image --------------------------------------------------------------------------------------------------------


def views(side: int, scheme: str) -> tuple[View, ...]:
    """The views of a scheme for a network's side."""
    from explorer.averaging import views_of

    return views_of(scheme, side)


@kept(max_entries=32)
def framed(image: InputImage, side: int, scheme: str) -> bytes:
    """The square picture that the views are cut from, with their outlines, as JPEG."""
    from explorer.averaging.looking import picture
    from explorer.figures.averaging import framed_jpeg

    cut = views(side, scheme)
    return framed_jpeg(picture(image.pixels, max(view.canvas for view in cut)), cut)


@kept(max_entries=32)
def thumbnails(image: InputImage, side: int, scheme: str) -> tuple[bytes, ...]:
    """Every view as a small PNG."""
    from explorer.averaging.looking import piece
    from explorer.figures.averaging import thumbnail_png

    return tuple(thumbnail_png(piece(image.pixels, view)) for view in views(side, scheme))


@kept(max_entries=64)
def _softmaxes(model_id: str, image: InputImage, cut: tuple[View, ...]) -> tuple[np.ndarray, ...]:
    recorded = recorded_crops().get(model_id, {}) if image.key == IMAGE else {}
    if all(view in recorded for view in cut):
        return tuple(recorded[view] for view in cut)
    from explorer.averaging.looking import softmax_of_views

    return softmax_of_views(cached_models.model(model_id), image.pixels, cut)


@kept(max_entries=64)
def running(model_id: str, image: InputImage, side: int, scheme: str) -> Running:
    """A model's softmax on every view, and the average as they are added. Raises `ExplorerError`."""
    from explorer.averaging.looking import running as computed

    return computed(_softmaxes(model_id, image, views(side, scheme)), _TOP)


@kept(max_entries=32)
def lites(image: InputImage, scheme: str) -> tuple[tuple[int, ...], tuple[tuple[float, ...], ...]]:
    """What EfficientNet-Lite0, 1 and 2 say of an image by a scheme: the classes that their average puts first, and the
    shares of these for each network, and for the average last. Raises `ExplorerError`.
    """
    from explorer.averaging import averaged
    from explorer.averaging.looking import first_classes

    shares = [
        averaged(_softmaxes(model_id, image, views(cached.spec(slug).input_shape[1], scheme)))
        for slug, model_id in zip(NETWORKS, LITES, strict=True)
    ]
    rows = [*shares, averaged(shares)]
    classes = first_classes(rows[-1], _TOP)
    return classes, tuple(tuple(float(row[index]) for index in classes) for row in rows)


@kept(max_entries=32)
def macs(model_id: str, side: int, scheme: str) -> int:
    """Multiply-adds of all views of an image. Raises `ExplorerError`."""
    instance = cached_models.card(model_id).instance
    return sum(
        cached.trace(_at(instance, view.side)).macs if view.side != side else cached.trace(instance).macs
        for view in views(side, scheme)
    )


def _at(instance: NetworkInstance, side: int) -> NetworkInstance:
    return replace(instance, input_shape=(instance.input_shape[0], side, side))


# --- a test set -------------------------------------------------------------------------------------------------------


def own_runs() -> dict[str, TrainConfig]:
    """Finished runs of the lab that were trained on the bundled digits and can join, by model id."""
    found = cached_models.finished_runs("lenet5")
    return {model_id: config for model_id, config in found.items() if config.dataset == _own_dataset()}


def _own_dataset() -> str:
    return recorded_averages()[OWN_SET].dataset


@kept(max_entries=8)
def _joined(name: str, runs: tuple[str, ...]) -> AveragedSet:
    """A measured set with runs of one's own as further members: each is asked here. Raises `ExplorerError`."""
    record = recorded_averages()[name]
    if not runs:
        return record
    from explorer.averaging.measuring import ask_again
    from explorer.averaging.reporting import with_member

    for model_id in runs:
        record = with_member(record, ask_again(cached_models.model(model_id), record))
    return record


@kept(max_entries=16)
def rows(name: str, runs: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """Every member of a measured set by every scheme. Raises `ExplorerError`."""
    from explorer.averaging.reporting import rows_of

    return rows_of(_joined(name, runs))


@kept(max_entries=64)
def together(name: str, models: tuple[str, ...], scheme: str, runs: tuple[str, ...] = ()) -> Together:
    """Some members of a measured set and their average. Raises `ExplorerError`."""
    from explorer.averaging.reporting import together as computed

    return computed(_joined(name, runs), models, scheme)


@kept(max_entries=256)
def example_png(name: str, number: int) -> bytes:
    """One of the images that a measured set keeps, enlarged."""
    from explorer.averaging.reporting import example_pixels
    from explorer.figures.averaging import thumbnail_png

    return thumbnail_png(example_pixels(recorded_averages()[name], number))
