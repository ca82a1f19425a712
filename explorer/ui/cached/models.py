"""Cached calls around networks with weights and the images they are shown.

A visitor's own files never enter a cache that others read: they lie in the session, and `model` finds them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError, RunStoreError, UnknownEntry
from explorer.records import ModelCard, TrainConfig
from explorer.summaries import recorded_look
from explorer.ui.cached.keeping import kept
from explorer.ui.shell import state

if TYPE_CHECKING:
    import numpy as np

    from explorer.jobs import RunService
    from explorer.models import Model

_OWN = "_own-subjects"
_MOST_OWN = 2  # files of weights that a session keeps: each may be hundreds of megabytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A test image of a data set: uint8 (H, W, 3), its number, and the name of what it shows."""

    number: int
    pixels: np.ndarray
    truth: str


def card(model_id: str) -> ModelCard:
    """What is known of a model without its weights; needs no torch where its first look is recorded."""
    look = recorded_look()
    return look.card if look and look.card.id == model_id else model(model_id)


def model(model_id: str) -> Model:
    """A network with weights, by its id; a visitor's own only in the session it was given to.

    Raises `ExplorerError`.
    """
    if model_id.startswith("own:"):
        file, _, chosen = model_id.partition("~")
        own = own_models()
        if file not in own:
            raise UnknownEntry("file of weights in this session", file, own)
        return _with_options(own[file], chosen) if chosen else own[file]
    return _shared(model_id)


def _with_options(own: Model, chosen: str) -> Model:
    """A visitor's weights in the network with the options that an id names ("zeros=both")."""
    from explorer.models import with_options

    values = {
        f"{control.name}={value}": (control.name, value) for control in own.spec.controls for value in control.choices
    }
    if unknown := [text for text in chosen.split(",") if text not in values]:
        raise UnknownEntry("option", unknown[0], values)
    return with_options(own, dict(values[text] for text in chosen.split(",")))


def _run_service() -> RunService:
    """Imported when it is asked for: most links need no run store."""
    from explorer.ui.cached.runs import service

    return service()


@kept(max_entries=4)
def _shared(model_id: str) -> Model:
    from explorer import models

    kind, _, name = model_id.partition(":")
    if kind == "recorded":
        return models.shipped_model(name)
    if kind == "run":
        blob = _run_service().weights(name)
        if blob is None:
            raise RunStoreError(f"Run {name!r} has no weights.", "no_weights", run=name)
        return models.model_of_run(name, config_of_run(name), blob)
    if kind == "pretrained":
        return models.pretrained_model(name)
    if kind == "random":
        return models.random_model(name)
    raise UnknownEntry("kind of weights", kind, ("recorded", "run", "pretrained", "random"))


def finished_runs(slug: str) -> Mapping[str, TrainConfig]:
    """The configurations of the finished runs of a network in the training lab, newest first, by model id."""
    try:
        runs = _run_service().runs(states=("finished",))
    except ExplorerError:  # a store that cannot be opened: the training pages say so
        return {}
    return {f"run:{run.id}": run.config for run in runs if run.config.network == slug}


def accuracy_of_run(run_id: str) -> float | None:
    """Accuracy (0 to 1) of a run on its test set at its end, None where it was not measured."""
    point = _run_service().latest([run_id]).get(run_id)
    return point.test_accuracy if point else None


def own_models() -> Mapping[str, Model]:
    """The models this visitor uploaded, by id."""
    found: Mapping[str, Model] = state.get(_OWN, {})
    return found


def keep_own(uploaded: Model) -> None:
    """Keep a visitor's own network for this session; the oldest makes room."""
    own = {model_id: each for model_id, each in own_models().items() if model_id != uploaded.id}
    newest = [*own.items(), (uploaded.id, uploaded)][-_MOST_OWN:]
    state.put(_OWN, dict(newest))


@st.cache_resource(max_entries=64, show_spinner=False)
def sample(dataset: str, number: int) -> Sample:
    """A test image by its number; a small set is counted round again. Raises `ExplorerError`."""
    import numpy as np

    from explorer import datasets

    data = datasets.load(dataset)
    number = number % len(data.test_labels)
    stored = data.test_images[number].permute(1, 2, 0).numpy()  # (H, W, C)
    pixels = np.ascontiguousarray(np.broadcast_to(stored, (*stored.shape[:2], 3)))
    pixels.setflags(write=False)
    return Sample(number, pixels, data.classes[int(data.test_labels[number])])


def config_of_run(run_id: str) -> TrainConfig:
    """The configuration of a run. Raises `RunStoreError`."""
    return _run_service().run(run_id).config
