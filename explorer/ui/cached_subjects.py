"""Cached calls around networks with weights and the pictures they are shown.

A visitor's own files never enter a cache that others read: they lie in the session, and `subject` finds them there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError, RunStoreError, UnknownEntry
from explorer.records import TrainConfig
from explorer.text import plain
from explorer.ui import lab, state
from explorer.weights import recorded_runs

if TYPE_CHECKING:
    import numpy as np

    from explorer.subjects import Subject

_OWN = "_own-subjects"
_MOST_OWN = 2  # files of weights that a session keeps: each may be hundreds of megabytes


@dataclass(frozen=True, slots=True)
class Sample:
    """A test picture of a data set: uint8 (H, W, 3), its number, and the name of what it shows."""

    number: int
    pixels: np.ndarray
    truth: str


def subject(source: str) -> Subject:
    """A network with weights, by its source; a visitor's own only in the session it was given to.

    Raises `ExplorerError`.
    """
    if source.startswith("own:"):
        mine = own_subjects()
        if source not in mine:
            raise UnknownEntry("file of weights in this session", source, mine)
        return mine[source]
    return _shared(source)


@st.cache_resource(max_entries=4, show_spinner=False)
def _shared(source: str) -> Subject:
    from explorer import subjects

    kind, _, name = source.partition(":")
    if kind == "recorded":
        return subjects.recorded_subject(name)
    if kind == "run":
        return _of_a_run(name)
    if kind == "pretrained":
        return subjects.pretrained_subject(name)
    if kind == "random":
        return subjects.random_subject(name)
    raise UnknownEntry("kind of weights", kind, ("recorded", "run", "pretrained", "random"))


def _of_a_run(run_id: str) -> Subject:
    from safetensors.torch import load

    from explorer import datasets, subjects

    blob = lab.lab().weights(run_id)
    if blob is None:
        raise RunStoreError(f"Run {run_id!r} has no weights.")
    config = lab.lab().run(run_id).config
    declared = datasets.dataset(config.dataset)
    mean, std = (0.0,) * declared.shape[0], (1.0,) * declared.shape[0]
    if config.pixels == "standard":  # else the pictures themselves need not be there
        data = datasets.load(config.dataset)
        mean, std = data.mean, data.std
    its = subjects.subject_of(f"run:{run_id}", config, load(blob), declared.classes, mean, std)
    return subjects.answering(its)


def finished_runs(slug: str) -> Mapping[str, TrainConfig]:
    """The configurations of the finished runs of a network in the training lab, newest first, by their source."""
    try:
        runs = lab.lab().runs(states=("finished",))
    except ExplorerError:  # a store that cannot be opened: the training pages say so
        return {}
    return {f"run:{run.id}": run.config for run in runs if run.config.network == slug}


def accuracy_of_run(run_id: str) -> float | None:
    """Accuracy (0 to 1) of a run on its test set at its end, None where it was not measured."""
    point = lab.lab().latest([run_id]).get(run_id)
    return point.test_accuracy if point else None


def shipped() -> Mapping[str, str]:
    """The sources of the weights that ship, by the slug of their network; the first by name where there are several."""
    found: dict[str, str] = {}
    for run in recorded_runs().values():
        if run.weights:
            found.setdefault(run.config.network, f"recorded:{run.name}")
    return dict(sorted(found.items(), key=lambda item: item[0] != "cifar-resnet20"))


def also_shipped(slug: str) -> Mapping[str, str]:
    """Further weights that ship for a network: the data set they were trained on, by source."""
    runs = [run for run in recorded_runs().values() if run.weights and run.config.network == slug]
    return {f"recorded:{run.name}": run.config.dataset for run in runs[1:]}


def own_subjects() -> Mapping[str, Subject]:
    """What this visitor brought, by source."""
    found: Mapping[str, Subject] = state.get(_OWN, {})
    return found


def keep_own(brought: Subject) -> None:
    """Keep a visitor's own network for this session; the oldest makes room."""
    mine = {source: one for source, one in own_subjects().items() if source != brought.source}
    newest = [*mine.items(), (brought.source, brought)][-_MOST_OWN:]
    state.put(_OWN, dict(newest))


def sample_sets() -> tuple[str, ...]:
    """The data sets that are there now, by slug."""
    from explorer import datasets

    return (*(slug for slug in datasets.datasets() if datasets.available(slug)), *datasets.own_datasets())


def set_title(slug: str) -> str:
    """The name a data set was published under; of one of the user's own, its file's."""
    from explorer import datasets

    return plain(slug.removeprefix("own:")) if slug.startswith("own:") else datasets.dataset(slug).title


@st.cache_resource(max_entries=64, show_spinner=False)
def sample(dataset: str, wanted: int) -> Sample:
    """A test picture by its number; a small set is counted round again. Raises `ExplorerError`."""
    import numpy as np

    from explorer import datasets

    data = datasets.load(dataset)
    number = wanted % len(data.test_labels)
    stored = data.test_images[number].permute(1, 2, 0).numpy()  # (H, W, C)
    pixels = np.ascontiguousarray(np.broadcast_to(stored, (*stored.shape[:2], 3)))
    pixels.setflags(write=False)
    return Sample(number, pixels, data.classes[int(data.test_labels[number])])


def config_of_run(run_id: str) -> TrainConfig:
    """What a run was configured as. Raises `RunStoreError`."""
    return lab.lab().run(run_id).config


def top1(slug: str) -> float:
    """Accuracy in percent that torchvision measured of its weights for a network."""
    from explorer import subjects

    return subjects.offer(slug).top1
