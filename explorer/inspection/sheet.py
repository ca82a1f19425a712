"""All maps of one layer: their order on a sheet, and statistics of their values."""

from __future__ import annotations

import numpy as np

from explorer.inspection.depth import active_fraction, by_strength
from explorer.records import LayerSheet


def layer_sheet(volume: np.ndarray, order: str) -> LayerSheet:
    """Summary of the maps (C, H, W) of a layer, in one `order` of `SHEET_ORDERS`."""
    channels = by_strength(volume) if order == "strength" else tuple(range(len(volume)))
    return LayerSheet(
        order=channels,
        ranges=tuple((float(volume[channel].min()), float(volume[channel].max())) for channel in channels),
        mean=float(volume.mean()),
        std=float(volume.std()),
        low=float(volume.min()),
        high=float(volume.max()),
        active=active_fraction(volume),
        dead=float((volume.max((1, 2)) <= 0).mean()),
    )
