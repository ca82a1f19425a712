"""Receptive and projective fields, measured for one image, with the theoretical ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.inspection.layers import stage_ends
from explorer.models import Model
from explorer.records import LayerRecord, LayerView, Pair
from explorer.tracing import cell_at, effective_receptive_fields, pixel_influence, projective_window

GRADIENT_SHARE = 0.95
"""The fraction of the gradient whose pixels are counted: the rest is spread thinly over the whole receptive field."""

CHANGE_THRESHOLD = 0.05
"""A cell counts as affected when it changes by more than this fraction of the largest change."""

Measured = tuple[LayerView, np.ndarray]
"""A view, and the measurement: float32 (H, W) on the input's grid, or (H', W') on the layer's."""


def effective_receptive_field(
    model: Model, image: np.ndarray, layers: Sequence[LayerRecord], layer: LayerRecord, cell: Pair
) -> tuple[Measured, ...]:
    """Effective receptive field of a cell (row, column) of `layer` in an image, uint8 (H, W, 3).

    And of the cell at the same relative position at the end of every stage, in execution order. `share` is the
    smallest fraction of the pixels with 95 % of the gradient's magnitude (Luo et al. 2016, arXiv:1701.04128).
    """
    _, rows, columns = layer.out_shape
    position = (cell[0] + 0.5) / rows, (cell[1] + 0.5) / columns
    ends = [end for end in stage_ends(layers) if len(end.out_shape) == 3 and end.name != layer.name]
    shown = sorted([*ends, layer], key=lambda record: record.index)
    cells = {record.name: cell if record.name == layer.name else cell_at(record, position) for record in shown}
    fields = effective_receptive_fields(model.instantiate(), model.preprocess(image), layers, cells)
    return tuple((_view(record, cells[record.name], fields[record.name]), fields[record.name]) for record in shown)


def _view(layer: LayerRecord, cell: Pair, gradient: np.ndarray) -> LayerView:
    return LayerView(layer, cell, layer.rf.window(*cell), share_within(gradient, GRADIENT_SHARE))


def share_within(values: np.ndarray, part: float) -> float:
    """The smallest fraction of the cells that sums to `part` of all `values`, which are >= 0; 0 where all are 0."""
    sums = np.sort(values, axis=None)[::-1].cumsum()
    return float((sums < part * sums[-1]).sum() + 1) / values.size if sums[-1] > 0 else 0.0


def projective_field(
    model: Model, image: np.ndarray, layers: Sequence[LayerRecord], pixel: Pair
) -> tuple[Measured, ...]:
    """Change of every cell at the end of each stage when one pixel (row, column) of the model's input changes.

    `share` is the fraction of the cells that change by more than 5 % of the largest change.
    """
    ends = [end for end in stage_ends(layers) if len(end.out_shape) == 3]
    names = [end.name for end in ends]
    changes = pixel_influence(model.instantiate(), model.preprocess(image), layers, names, pixel)
    return tuple(
        (
            LayerView(end, pixel, projective_window(end, pixel) or (0, 0, 0, 0), _share_changed(changes[end.name])),
            changes[end.name],
        )
        for end in ends
    )


def _share_changed(change: np.ndarray) -> float:
    return float((change > CHANGE_THRESHOLD * change.max()).mean()) if change.max() > 0 else 0.0
