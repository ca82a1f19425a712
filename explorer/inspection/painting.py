"""Mean maps of one image at chosen points of a network: what the volumes of a drawing carry on their faces."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from explorer.models import Model
from explorer.records import FirstMaps
from explorer.tracing import capture, layers_of


def mean_maps(model: Model, image: np.ndarray, names: Collection[str]) -> Mapping[str, np.ndarray]:
    """The mean over the channels of each named map that is a grid, float32 (H, W); `image` is uint8 (H, W, 3)."""
    return _means(_captured(model, image, names))


def first_and_mean_maps(
    model: Model, image: np.ndarray, names: Collection[str]
) -> tuple[FirstMaps, Mapping[str, np.ndarray]]:
    """All maps of the first convolution, and the `mean_maps`, of one pass; `image` is uint8 (H, W, 3)."""
    first = next(layer.name for layer in layers_of(model.instance) if layer.kind == "conv")
    maps = _captured(model, image, {first, *names})
    return FirstMaps(first, maps[first]), _means({name: maps[name] for name in names})


def _captured(model: Model, image: np.ndarray, names: Collection[str]) -> Mapping[str, np.ndarray]:
    layers = layers_of(model.instance)
    return capture(model.instantiate(), model.preprocess(image), layers, frozenset(names)).maps


def _means(maps: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    grids = {name: volume for name, volume in maps.items() if volume.ndim == 3 and volume.shape[1:] != (1, 1)}
    return {name: volume.mean(0) for name, volume in grids.items()}
