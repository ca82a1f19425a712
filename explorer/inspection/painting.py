"""Mean maps of one image at chosen points of a network: what the volumes of a drawing carry on their faces."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from explorer.models import Model
from explorer.tracing import capture, layers_of


def mean_maps(model: Model, image: np.ndarray, names: Collection[str]) -> Mapping[str, np.ndarray]:
    """The mean over the channels of each named map that is a grid, float32 (H, W); `image` is uint8 (H, W, 3)."""
    found = capture(model.instantiate(), model.preprocess(image), layers_of(model.instance), frozenset(names))
    grids = {name: volume for name, volume in found.maps.items() if volume.ndim == 3 and volume.shape[1:] != (1, 1)}
    return {name: volume.mean(0) for name, volume in grids.items()}


def first_maps(model: Model, image: np.ndarray) -> tuple[str, np.ndarray]:
    """The first convolution of a model, and its maps of an image, uint8 (H, W, 3), as float32 (C, H', W')."""
    layers = layers_of(model.instance)
    name = next(layer.name for layer in layers if layer.kind == "conv")
    return name, capture(model.instantiate(), model.preprocess(image), layers, frozenset({name})).maps[name]
