"""Layers of a network that can be shown, and the memory of their maps."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.records import LayerRecord

KEPT_MEGABYTES = 160.0
"""All maps of an image are cached up to this size; above it, only those that are requested."""

MOST_MEGABYTES = 400.0
"""What reads all maps of an image is computed unasked up to this size."""


def stage_ends(layers: Sequence[LayerRecord]) -> tuple[LayerRecord, ...]:
    """The last operation of every stage, from input to output."""
    return tuple({layer.stage: layer for layer in layers}.values())


def grid_layers(layers: Sequence[LayerRecord]) -> tuple[LayerRecord, ...]:
    """The layers whose output is (C, H, W) with more than one position."""
    return tuple(layer for layer in layers if len(layer.out_shape) == 3 and layer.out_shape[1] * layer.out_shape[2] > 1)


def megabytes(layers: Sequence[LayerRecord]) -> float:
    """Size of all maps of one image, in float32."""
    return sum(layer.activation_bytes for layer in layers) / 1e6


def layers_to_keep(layers: Sequence[LayerRecord], also: str = "") -> tuple[str, ...] | None:
    """Names of the layers whose maps are cached: None for all; where these are too large, stage ends and `also`."""
    if megabytes(layers) <= KEPT_MEGABYTES:
        return None
    ends = tuple(layer.name for layer in stage_ends(layers))
    return (*ends, also) if also and also not in ends else ends
