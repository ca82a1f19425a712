"""What a finished search has found for one channel: its favourite patches, and what the images show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.datasets import ImageData
from explorer.models import Model
from explorer.records import TopActivations, TopPatches, UnitLayer
from explorer.units import crop_windows


def top_patches(model: Model, layer: UnitLayer, found: TopActivations, data: ImageData, channel: int) -> TopPatches:
    """The strongest activations of a channel; `data` is the set whose training images were searched."""
    truths = tuple(data.classes[int(data.train_labels[number])] for number in found.images[channel])
    size = model.instance.size
    return TopPatches(
        tuple(found.values[channel].tolist()),
        truths,
        float(found.mean[channel]),
        float(found.active_fraction[channel]),
        whole=all(field >= length for field, length in zip(layer.rf.size, size, strict=True)),
    )


def living_channels(found: TopActivations, most: int) -> tuple[int, ...]:
    """The first `most` channels that some image raises above zero."""
    return tuple(int(channel) for channel in np.flatnonzero(found.active_fraction > 0)[:most])


def patch_windows(
    model: Model, layer: UnitLayer, found: TopActivations, data: ImageData, positions: Sequence[tuple[int, int]]
) -> np.ndarray:
    """The windows that units saw, uint8 (N, h, w, C), for each wanted (channel, place among its strongest from 0)."""
    images = [int(found.images[at]) for at in positions]
    places = [(int(found.rows[at]), int(found.columns[at])) for at in positions]
    return crop_windows(data.train_images, layer.rf, model.input_shape, images, places)
