"""Models: networks with weights, categories and preprocessing, as the pages of *Looking inside* use them.

Law: torch, torchvision and safetensors; no Streamlit, no captum. A model has an id: "recorded:<name>" (ships with the
project), "pretrained:<slug>" (torchvision's), "run:<id>" (trained here), "own:<digest>" (the visitor's file),
"random:<slug>" (the control). Weights are shared between modules and never written to: to hook or change a module,
create one with `Model.instantiate()`.
"""

from __future__ import annotations

from explorer.models.model import Model, random_model, require_finite_output, shipped_model, trained_model
from explorer.models.own import open_options, own_model, with_options
from explorer.models.pretrained import (
    PublishedWeights,
    fetch,
    is_here,
    pretrained_model,
    published_networks,
    published_weights,
    trained_for,
)
from explorer.models.reading import MOST_MEGABYTES, SUFFIXES, read_state
from explorer.models.trained import model_of_run

__all__ = [
    "MOST_MEGABYTES",
    "SUFFIXES",
    "Model",
    "PublishedWeights",
    "fetch",
    "is_here",
    "model_of_run",
    "open_options",
    "own_model",
    "pretrained_model",
    "published_networks",
    "published_weights",
    "random_model",
    "read_state",
    "require_finite_output",
    "shipped_model",
    "trained_for",
    "trained_model",
    "with_options",
]
