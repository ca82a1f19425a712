"""Cached calls around trained networks: how one does on a test set, and what happens to one picture inside it.

A `source` names the weights: "recorded:<name>" for those that ship, "run:<id>" for those of a finished run here.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.errors import ExplorerError, RunStoreError
from explorer.records import TrainConfig
from explorer.ui import lab

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from explorer.training.evaluating import Scale

BUNDLED, FETCHED = "digits28", ("mnist", "fashion-mnist")
_SHAPE = (1, 28, 28)
_ENLARGED = 4  # times, so that browsers do not blur a picture of 28 pixels


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
    own = [(slug, _pictures_of_own(slug)) for slug in datasets.own_datasets()]
    return (*known, *(Offer(slug, slug.partition(":")[2], count, 0.0, True) for slug, count in own if count))


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _pictures_of_own(slug: str) -> int:
    """How many pictures one of the visitor's sets has to train on; 0 where they do not fit or cannot be read."""
    from explorer import datasets

    try:
        declared = datasets.dataset(slug)
    except ExplorerError:
        return 0
    return declared.train if declared.shape == _SHAPE else 0


def fits(slug: str) -> bool:
    """Whether a data set is there and has the right shape."""
    return any(offer.slug == slug and offer.ready for offer in offers())


def classes_of(source: str) -> tuple[str, ...]:
    """What the outputs of a network stand for."""
    return _weights(source)[2]


@st.cache_resource(max_entries=16, show_spinner=False)
def _weights(source: str) -> tuple[TrainConfig, Mapping[str, Tensor], tuple[str, ...]]:
    """Configuration, weights and classes. Shared: not to be changed. Raises `ExplorerError` where they are gone."""
    from safetensors.torch import load

    from explorer import datasets
    from explorer.weights import recorded_runs, weights_file

    kind, _, name = source.partition(":")
    if kind == "recorded":
        weights = load(weights_file(name).read_bytes())
        return recorded_runs()[name].config, weights, recorded_runs()[name].classes
    blob = lab.lab().weights(name)
    if blob is None:
        raise RunStoreError(f"Run {name!r} has no weights.")
    config = lab.lab().run(name).config
    return config, load(blob), datasets.dataset(config.dataset).classes


def _network(source: str) -> tuple[Any, Scale]:
    """A network of the caller's own, in evaluation mode, and how its inputs are scaled."""
    import torch

    from explorer import datasets
    from explorer.networks import network
    from explorer.training.evaluating import Scale

    config, weights, classes = _weights(source)
    spec = network(config.network)
    # As it is taught, not as it is trained: there the maximum is taken in front of the non-linearity, which is the
    # same function, but the maps of C1 would be missing.
    net = spec.build(classes=len(classes), **spec.options(dict(config.options))).eval()
    net.load_state_dict(weights)
    mean, std = (0.0,), (1.0,)
    if config.pixels == "standard":
        data = datasets.load(config.dataset if datasets.available(config.dataset) else BUNDLED)
        mean, std = data.mean, data.std
    return net, Scale.of(config.pixels, mean, std, torch.device("cpu"))


@st.cache_resource(max_entries=32, show_spinner=False)
def evaluation(source: str, dataset: str, most: int = 24) -> Evaluation:
    """Evaluate on the test pictures of a data set, and keep the `most` worst mistakes. Raises `ExplorerError`."""
    import torch

    from explorer import datasets
    from explorer.training import judge

    net, scale = _network(source)
    classes = classes_of(source)
    data = datasets.load(dataset)
    images, labels = data.test_images, data.test_labels
    judged = judge(net, images, labels, scale)
    answers = judged.probabilities.argmax(1)
    losses = -judged.probabilities.gather(1, labels[:, None])[:, 0].clamp_min(1e-30).log()
    order = torch.where(answers != labels, losses, -1.0).argsort(descending=True, stable=True)[:most]
    mistakes = tuple(
        Mistake(
            _enlarged(images[i, 0].numpy()),
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

    net, scale = _network(source)
    picture = torch.from_numpy(np.frombuffer(pixels, np.uint8).copy()).reshape(1, *_SHAPE)
    kept: dict[str, Tensor] = {}

    def keep(stage: str) -> Any:
        return lambda module, inputs, output: kept.update({stage: output[0]})

    layers = {"C1": net.a1, "S2": net.s2, "C3": net.a3, "S4": net.s4}
    hooks = [layer.register_forward_hook(keep(stage)) for stage, layer in layers.items()]
    try:
        with torch.inference_mode():
            probabilities = net(scale(picture)).softmax(1)[0]
    finally:
        for hook in hooks:
            hook.remove()
    stages = []
    for stage in layers:
        maps = kept[stage].numpy()
        png = grid_png(maps, columns=6 if len(maps) == 6 else 8, shared=True)
        stages.append(Maps(stage, maps.shape, float(maps.min()), float(maps.max()), png))
    return Passage(
        _enlarged(picture[0, 0].numpy(), 8), tuple(stages), classes_of(source), tuple(probabilities.tolist())
    )


def test_picture(dataset: str, wanted: int) -> tuple[int, bytes, str]:
    """A test picture: its number, its grey values, and what it shows; a small set is counted round again.

    Raises `ExplorerError`.
    """
    from explorer import datasets

    data = datasets.load(dataset)
    number = wanted % len(data.test_labels)
    return number, data.test_images[number, 0].numpy().tobytes(), data.classes[int(data.test_labels[number])]


def _enlarged(grey: np.ndarray, factor: int = _ENLARGED) -> bytes:
    """Grey values (H, W) as a PNG in which every one is a square of `factor` pixels."""
    from PIL import Image

    picture = Image.fromarray(grey)
    buffer = io.BytesIO()
    size = (picture.width * factor, picture.height * factor)
    picture.resize(size, Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()
