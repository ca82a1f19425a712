"""Cached calls of the page on non-linearities, pooling and normalisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer import tasks
from explorer.records import TaskOrder
from explorer.records.nonlinear import DepthCurve, DyingRun, LayerValues, SaturationCurve
from explorer.tasks.entries.dying import RUNS, DyingRequest, parsed
from explorer.ui.cached import models as cached_models, runs as cached_runs
from explorer.weights import lab_runs, recorded_dying, shipped

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor


Pairs = tuple[tuple[str, float], ...]
_LENETS = {
    "lenet-tanh-raw": ("tanh", "raw", "max"),
    "lenet-tanh": ("tanh", "standard", "max"),
    "lenet-relu": ("relu", "standard", "max"),
    "lenet-relu-raw": ("relu", "raw", "max"),
    "relu-max": ("relu", "standard", "max"),
    "relu-avg": ("relu", "standard", "avg"),
    "tanh-max": ("tanh", "standard", "max"),
    "tanh-avg": ("tanh", "standard", "avg"),
}
_IDS = {
    "resnet20": "recorded:shapes-short-cifar-resnet20-seed0",
    "cifar": "recorded:cifar-he-cifar-resnet20-seed0",
    "lite0": "pretrained:efficientnet-lite0",
}
_IMAGES = 120
PHOTOGRAPHS = ("cat", "astronaut", "coffee", "rocket", "motorcycle", "camera", "brick")


def model_id(code: str) -> str:
    """The id of a model that the page calls by a short name."""
    if code in _IDS:
        return _IDS[code]
    activation, pixels, pooling = _LENETS[code]
    options = {"activation": activation, "pooling": pooling}
    name = next(
        run.name
        for run in lab_runs("lenet-lab")
        if dict(run.config.options) == options and run.config.pixels == pixels and run.weights
    )
    return f"recorded:{name}"


# --- functions --------------------------------------------------------------------------------------------------------


@st.cache_data(max_entries=16, show_spinner=False)
def layers(code: str) -> tuple[str, ...]:
    """The non-linearities of a trained network, by module."""
    from explorer.inspection import activation_layers

    return activation_layers(cached_models.model(model_id(code)))


@st.cache_resource(max_entries=8, show_spinner=False)
def _pre_activations(code: str, layer: str) -> np.ndarray:
    from explorer.inspection import pre_activations

    return pre_activations(cached_models.model(model_id(code)), images(code), layer)


def images(code: str) -> Tensor:
    """Images for a network: its test images; photographs for the one that knows ImageNet."""
    if code == "lite0":
        return _photographs(code)
    from explorer import datasets

    return datasets.load("shapes" if code == "resnet20" else "digits28").test_images[:_IMAGES]


def _photographs(code: str) -> Tensor:
    import numpy as np
    import torch

    from explorer.images import load

    model = cached_models.model(model_id(code))
    cut = [model.resize_crop(load(slug)).transpose(2, 0, 1) for slug in PHOTOGRAPHS]
    return torch.from_numpy(np.stack(cut))


@st.cache_data(max_entries=256, show_spinner=False)
def layer_values(code: str, layer: str, function: str, knobs: Pairs) -> LayerValues:
    """Pre-activations of a layer, before and after a non-linearity of the catalogue."""
    from explorer.inspection import through

    return through(_pre_activations(code, layer), function, dict(knobs))


# --- dead units -------------------------------------------------------------------------------------------------------


def recorded(rate: float) -> tuple[DyingRun, ...]:
    """The recorded runs at a rate."""
    return tuple(run for run in recorded_dying() if run.config.rate == rate)


def order(rate: float, seed: int) -> TaskOrder:
    """The task that trains all arms here. Every task has a model: this one needs none, and gets a small one."""
    model = cached_models.model(shipped()["lenet5"])
    return tasks.order("dying", DyingRequest(rate, seed), model.meta, model.id)


def weights() -> bytes:
    """The weights that the order names."""
    from safetensors.torch import save

    state = cached_models.model(shipped()["lenet5"]).state
    return save({name: tensor.contiguous() for name, tensor in state.items()})


def trained(key: str) -> tuple[DyingRun, ...]:
    """What a task has trained so far; nothing before its first points."""
    content = cached_runs.service().artifact(key, RUNS)
    return parsed(content) if content else ()


# --- depth ------------------------------------------------------------------------------------------------------------


@st.cache_data(max_entries=256, show_spinner=False)
def gradient(function: str, start: str, seed: int) -> DepthCurve:
    """A gradient on its way back through fifty random layers."""
    from explorer.blocks import depth

    return depth.gradient(function, start, seed)


@st.cache_data(max_entries=64, show_spinner=False)
def saturation(scale: float, norm: bool, seed: int) -> SaturationCurve:
    """Saturated tanh units through fifty random layers."""
    from explorer.blocks import depth

    return depth.saturation(scale, norm, seed)
