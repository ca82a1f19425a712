"""Top patches of one channel, from the `TopActivations` of its layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.datasets import ImageData
from explorer.models import Model
from explorer.records import TopActivations, TopPatches, UnitLayer
from explorer.units import crop_windows


def top_patches(model: Model, layer: UnitLayer, top: TopActivations, data: ImageData, channel: int) -> TopPatches:
    """The strongest activations of a channel; `data` is the set whose training images were searched."""
    truths = tuple(data.classes[int(data.train_labels[index])] for index in top.images[channel])
    size = model.instance.size
    return TopPatches(
        tuple(top.values[channel].tolist()),
        truths,
        float(top.mean[channel]),
        float(top.active_fraction[channel]),
        whole=all(field >= length for field, length in zip(layer.rf.size, size, strict=True)),
    )


def living_channels(top: TopActivations, most: int) -> tuple[int, ...]:
    """The first `most` channels that are above zero for some image."""
    return tuple(int(channel) for channel in np.flatnonzero(top.active_fraction > 0)[:most])


def patch_windows(
    model: Model, layer: UnitLayer, top: TopActivations, data: ImageData, positions: Sequence[tuple[int, int]]
) -> np.ndarray:
    """The image patches, uint8 (N, h, w, C), of each (channel, rank from 0) in `positions`."""
    images = [int(top.images[position]) for position in positions]
    cells = [(int(top.rows[position]), int(top.columns[position])) for position in positions]
    return crop_windows(data.train_images, layer.rf, model.input_shape, images, cells)
