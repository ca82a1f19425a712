"""Models: networks with weights, the names of their classes, and how each wants its input. What *Looking inside* opens.

Law: torch, torchvision and safetensors; no Streamlit, no captum. A model has an id: "recorded:<name>" (ships with the
project), "pretrained:<slug>" (torchvision's), "run:<id>" (trained here), "own:<digest>" (the visitor's file),
"random:<slug>" (the control). Weights are shared between modules and never written to: whoever hooks or changes a
module asks `Model.instantiate()` for one of their own.
"""

from __future__ import annotations

from explorer.models.model import Model, check_finite, random_model, shipped_model, trained_model
from explorer.models.own import own_model
from explorer.models.pretrained import (
    PublishedWeights,
    fetch,
    is_here,
    pretrained_model,
    published_networks,
    published_weights,
)
from explorer.models.reading import MOST_MEGABYTES, SUFFIXES, read_state
from explorer.models.trained import model_of_run

__all__ = [
    "MOST_MEGABYTES",
    "SUFFIXES",
    "Model",
    "PublishedWeights",
    "check_finite",
    "fetch",
    "is_here",
    "model_of_run",
    "own_model",
    "pretrained_model",
    "published_networks",
    "published_weights",
    "random_model",
    "read_state",
    "shipped_model",
    "trained_model",
]
