"""Summary of one image's activations at the end of each stage: strongest channels, receptive field of the strongest."""

from __future__ import annotations

import numpy as np

from explorer.inspection.layers import stage_ends
from explorer.models import Model
from explorer.records import FeatureMaps, LayerRecord, Pair, StageSummary, Window


def depth_summary(model: Model, features: FeatureMaps, channels: int) -> tuple[StageSummary, ...]:
    """A summary of every stage's output with its `channels` strongest channels; `features` includes these outputs."""
    ends, size = stage_ends(features.layers), model.instance.size
    return tuple(_summary(end, features.maps[end.name], size, channels) for end in ends)


def _summary(layer: LayerRecord, volume: np.ndarray, size: Pair, channels: int) -> StageSummary:
    """`volume` is (C, H, W), or (C,) after the last grid; `size` is the image's (height, width)."""
    active = active_fraction(volume)
    if volume.ndim == 1:
        return StageSummary(layer, (), active, (int(volume.argmax()), 0, 0), (0, 0, *size), 1.0)
    strongest = by_strength(volume)[:channels]
    row, column = divmod(int(volume[strongest[0]].argmax()), volume.shape[2])
    window = layer.rf.window(row, column)
    return StageSummary(layer, strongest, active, (strongest[0], row, column), window, _share_inside(window, size))


def by_strength(volume: np.ndarray) -> tuple[int, ...]:
    """The channels of a volume (C, H, W) by their largest value, descending."""
    return tuple(int(channel) for channel in (-volume.max((1, 2))).argsort(kind="stable"))


def active_fraction(volume: np.ndarray) -> float:
    """Fraction of the values above zero."""
    return float((volume > 0).mean())


def _share_inside(window: Window, size: Pair) -> float:
    """Fraction of an image of `size` (height, width) inside a window."""
    top, left, bottom, right = window
    rows = max(0, min(bottom, size[0]) - max(top, 0))
    columns = max(0, min(right, size[1]) - max(left, 0))
    return rows * columns / (size[0] * size[1])
