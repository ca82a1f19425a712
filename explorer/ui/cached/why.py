"""Cached calls around attributions. What is computed once for a network, a picture and a class is not computed again.

`source` and `key` stand for the subject and the picture, which are handed over beside them and not hashed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.records import Attribution, OptionValue, Pair

if TYPE_CHECKING:
    import numpy as np

    from explorer.attributions import Curves, MethodSpec, Prepared
    from explorer.models import Model

Chosen = tuple[tuple[str, OptionValue], ...]
"""A method's options as something that can be hashed."""

RANDOM = "random-order"
"""Stands for a method where pixels are moved in a random order."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """A network with weights, and a picture: all that an attribution needs but its method and its class."""

    source: str
    key: str
    model: Model
    pixels: np.ndarray


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map as a PNG, and in numbers: the share in each ninth, row by row, and on the strongest tenth of the pixels."""

    png: bytes
    ninths: tuple[float, ...]
    concentration: float


def specs() -> tuple[MethodSpec, ...]:
    """All methods in the order of the years they come from."""
    from explorer.attributions import methods

    return tuple(sorted(methods().values(), key=lambda spec: spec.year))


def answer(look: Look) -> tuple[float, ...]:
    """The probability of every class."""
    return _answer(look.source, look.key, look)


@st.cache_data(max_entries=128, show_spinner=False)
def _answer(source: str, key: str, _look: Look) -> tuple[float, ...]:
    import torch

    with torch.inference_mode():
        logits = _look.model.instantiate()(_look.model.preprocess(_look.pixels))
    return tuple(logits.double().softmax(1)[0].tolist())


def _ready(look: Look, redrawn: bool = False) -> Prepared:
    """A network of the caller's own: methods put hooks on it."""
    import torch

    from explorer import attributions

    torch.set_num_threads(1)  # also where this page is the first: two threads fight with the browser for the cores
    network = look.model.instantiate()
    spec = look.model.spec
    return attributions.prepared(attributions.redrawn(network) if redrawn else network, spec.stages, spec.cam_layer)


@st.cache_data(max_entries=128, show_spinner=False)
def _relus(source: str, _look: Look) -> int:
    return _ready(_look).relus


def relus(look: Look) -> int:
    """How many ReLUs a network has: guided backpropagation and deconvolution change what happens there alone."""
    return _relus(look.source, look)


def attribution(
    look: Look, method: str, target: int, options: Chosen = (), stage: str = "", redrawn: bool = False
) -> Attribution:
    """What a method says; `redrawn`: of the same network with random weights. Raises `ExplorerError`."""
    return _attribution(look.source, look.key, method, target, options, stage, redrawn, look)


@st.cache_resource(max_entries=256, show_spinner=False)
def _attribution(
    source: str, key: str, method: str, target: int, options: Chosen, stage: str, redrawn: bool, _look: Look
) -> Attribution:
    from explorer.attributions import attribute

    x = _look.model.preprocess(_look.pixels)
    return attribute(_ready(_look, redrawn), x, method, target, dict(options), stage=stage)


def drawn(look: Look, found: Attribution, options: Chosen, view: str, redrawn: bool = False) -> Drawn:
    """A map as a picture; `view`: "overlay" or "alone"."""
    name = (look.source, look.key, found.method, found.target, options, found.layer, redrawn)
    return _drawn(name, view, found, look)


@st.cache_data(max_entries=256, show_spinner=False)
def _drawn(name: tuple[Any, ...], view: str, _found: Attribution, _look: Look) -> Drawn:
    from explorer.attributions import method
    from explorer.figures import attributions as figures

    values, signed = _found.values, method(_found.method).signed
    if view == "alone":
        png = figures.heat_png(values, signed=signed)
    else:
        png = figures.overlay_png(values, _look.model.resize_crop(_look.pixels), signed=signed)
    return Drawn(png, tuple(figures.ninths(values).ravel().tolist()), figures.concentration(values))


def photograph(look: Look) -> bytes:
    """The picture as the network is given it, as a PNG."""
    return _photograph(look.model.spec.slug, look.key, look)


@st.cache_data(max_entries=64, show_spinner=False)
def _photograph(slug: str, key: str, _look: Look) -> bytes:
    from explorer.figures.attributions import photograph_png

    return photograph_png(_look.model.resize_crop(_look.pixels))


def correlation(first: Attribution, second: Attribution) -> float:
    """Rank correlation of the magnitudes of two maps."""
    from explorer.attributions import rank_correlation

    return rank_correlation(first.values, second.values)


def grids(look: Look) -> Mapping[str, Pair]:
    """(rows, columns) of the map behind every stage that has one."""
    return _grids(look.source, look)


@st.cache_data(max_entries=64, show_spinner=False)
def _grids(source: str, _look: Look) -> Mapping[str, Pair]:
    from explorer.attributions import grids as all_grids

    return dict(all_grids(_ready(_look), _look.model.preprocess(_look.pixels)))


def curves(look: Look, method: str, target: int, options: Chosen = ()) -> Curves:
    """Insertion and deletion in the order of a method, or in a random one. Raises `ExplorerError`."""
    return _curves(look.source, look.key, method, target, options, look)


@st.cache_resource(max_entries=128, show_spinner=False)
def _curves(source: str, key: str, method: str, target: int, options: Chosen, _look: Look) -> Curves:
    import numpy as np

    from explorer.attributions import insertion_deletion

    x = _look.model.preprocess(_look.pixels)
    if method == RANDOM:
        values = np.random.default_rng(0).random(tuple(x.shape[2:]))
    else:
        values = attribution(_look, method, target, options).values
    return insertion_deletion(_ready(_look), x, values, target)
