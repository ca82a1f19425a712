"""Forward pass of LeNet-5 on a digit, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.models import Model
from explorer.records import ForwardPass, LayerRecord, StageMaps
from explorer.tracing import capture

STAGES = {"C1": "a1", "S2": "s2", "C3": "a3", "S4": "s4"}
"""The layers whose maps are shown, by their name in the paper; a convolution after its non-linearity."""


def forward_pass(model: Model, image: np.ndarray, layers: Sequence[LayerRecord]) -> ForwardPass:
    """Run LeNet-5 on an image, uint8 (H, W, 3), and keep the maps of its four stages."""
    features = capture(model.instantiate(), model.preprocess(image), layers, tuple(STAGES.values()))
    stages = tuple(StageMaps(stage, features.maps[layer]) for stage, layer in STAGES.items())
    return ForwardPass(model.resize_crop(image), stages, model.categories, tuple(features.probabilities.tolist()))
