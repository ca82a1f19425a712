"""Cached calls around trained networks: how one does on a test set, and what happens to one picture inside it.

A `source` names the weights: "recorded:<name>" for those that ship, "run:<id>" for those of a finished run here.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.text import plain
from explorer.ui import cached_maps, cached_subjects, own_sets

BUNDLED, FETCHED = "digits28", ("mnist", "fashion-mnist")
_SHAPE = (1, 28, 28)
_STAGES = {"C1": "a1", "S2": "s2", "C3": "a3", "S4": "s4"}
"""The layers whose maps are shown, by their name in the paper; a convolution behind its non-linearity."""

_SMALL, _LARGE = 4 * 28, 8 * 28  # whole factors, so that browsers do not blur a picture of 28 pixels


@dataclass(frozen=True, slots=True)
class Offer:
    """A data set of 28 x 28 grey pictures; `ready`: it can be trained on now, else `megabytes` are to be fetched."""

    slug: str
    title: str
    train: int
    megabytes: float
    ready: bool


@dataclass(frozen=True, slots=True)
class Mistake:
    """A test picture (PNG) that was answered wrongly; `probability` is what the answer was given."""

    picture: bytes
    truth: str
    answer: str
    probability: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How weights do on a test set. `counts` are by truth and answer; `mistakes` begin with the largest loss."""

    dataset: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    loss: float
    accuracy: float
    mistakes: tuple[Mistake, ...]

    @property
    def pictures(self) -> int:
        """Size of the test set."""
        return sum(map(sum, self.counts))

    @property
    def wrong(self) -> int:
        """How many were answered wrongly."""
        return self.pictures - sum(row[i] for i, row in enumerate(self.counts))


@dataclass(frozen=True, slots=True)
class Maps:
    """The maps of a stage: their shape, their smallest and largest value, and all of them as one PNG."""

    stage: str
    shape: tuple[int, int, int]
    low: float
    high: float
    picture: bytes


@dataclass(frozen=True, slots=True)
class Passage:
    """A picture on its way through: what goes in (PNG), the maps of each stage, the probability of each class."""

    seen: bytes
    stages: tuple[Maps, ...]
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]


def offers() -> tuple[Offer, ...]:
    """The data sets that LeNet-5 can read: bundled, published, and the visitor's own."""
    from explorer import datasets

    declared = [datasets.dataset(slug) for slug in (BUNDLED, *FETCHED)]
    known = [Offer(d.slug, d.title, d.train, d.download_mb, datasets.available(d.slug)) for d in declared]
    own = [one for one in own_sets.readable() if one.shape == _SHAPE]
    return (*known, *(Offer(one.slug, plain(one.slug.partition(":")[2]), one.train, 0.0, True) for one in own))


def fits(slug: str) -> bool:
    """Whether a data set is there and has the right shape."""
    return any(offer.slug == slug and offer.ready for offer in offers())


def classes_of(source: str) -> tuple[str, ...]:
    """What the outputs of a network stand for, as it can be shown."""
    return tuple(plain(name) for name in cached_subjects.subject(source).classes)


@st.cache_resource(max_entries=32, show_spinner=False)
def evaluation(source: str, dataset: str, most: int = 24) -> Evaluation:
    """Evaluate on the test pictures of a data set, and keep the `most` worst mistakes. Raises `ExplorerError`."""
    import torch

    from explorer import datasets
    from explorer.figures.seen import picture_png
    from explorer.training import judge

    its, classes = cached_subjects.subject(source), classes_of(source)
    data = datasets.load(dataset)
    images, labels = data.test_images, data.test_labels
    judged = judge(its.network(), images, labels, its.scale)
    answers = judged.probabilities.argmax(1)
    losses = -judged.probabilities.gather(1, labels[:, None])[:, 0].clamp_min(1e-30).log()
    order = torch.where(answers != labels, losses, -1.0).argsort(descending=True, stable=True)[:most]
    mistakes = tuple(
        Mistake(
            picture_png(images[i, 0].numpy(), _SMALL),
            classes[int(labels[i])],
            classes[int(answers[i])],
            float(judged.probabilities[i, answers[i]]),
        )
        for i in order.tolist()
        if answers[i] != labels[i]
    )
    counts = tuple(tuple(row) for row in judged.confusion(labels).tolist())
    return Evaluation(dataset, classes, counts, judged.loss, judged.accuracy, mistakes)


@st.cache_resource(max_entries=128, show_spinner=False)
def passage(source: str, pixels: bytes) -> Passage:
    """Send a picture (784 grey values, row by row) through a network and keep the maps of its four stages."""
    import numpy as np
    import torch

    from explorer.figures.maps import grid_png
    from explorer.figures.seen import picture_png
    from explorer.tracing import capture

    its = cached_subjects.subject(source)
    picture = torch.from_numpy(np.frombuffer(pixels, np.uint8).copy()).reshape(1, *_SHAPE)
    found = capture(its.network(), its.scale(picture), cached_maps.layers(source), tuple(_STAGES.values()))
    stages = []
    for stage, layer in _STAGES.items():
        maps = found.maps[layer]
        png = grid_png(maps, columns=6 if len(maps) == 6 else 8, shared=True)
        stages.append(Maps(stage, maps.shape, float(maps.min()), float(maps.max()), png))
    return Passage(
        picture_png(picture[0, 0].numpy(), _LARGE),
        tuple(stages),
        classes_of(source),
        tuple(found.probabilities.tolist()),
    )


def test_picture(dataset: str, wanted: int) -> tuple[int, bytes, str]:
    """A test picture: its number, its grey values, and what it shows; a small set is counted round again.

    Raises `ExplorerError`.
    """
    from explorer import datasets

    data = datasets.load(dataset)
    number = wanted % len(data.test_labels)
    return number, data.test_images[number, 0].numpy().tobytes(), plain(data.classes[int(data.test_labels[number])])
