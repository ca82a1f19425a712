"""Receptive and projective fields, measured for one image beside what the formula allows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.inspection.layers import stage_ends
from explorer.models import Model
from explorer.records import LayerRecord, LayerView, Pair
from explorer.tracing import cell_at, effective_receptive_fields, pixel_influence, projective_window

MOST_OF_IT = 0.95
"""The share of the gradient whose pixels are counted: the rest is spread thinly over the whole receptive field."""

MOVED = 0.05
"""A cell counts as reached when it moves by more than this share of the cell that moves most."""

Viewed = tuple[LayerView, np.ndarray]
"""A view, and what was measured: float32 (H, W) on the input's grid, or (H', W') on the layer's."""


def effective_receptive_field(
    model: Model, image: np.ndarray, layers: Sequence[LayerRecord], layer: LayerRecord, cell: Pair
) -> tuple[Viewed, ...]:
    """Which pixels of an image, uint8 (H, W, 3), a cell (row, column) of `layer` depends on, and how strongly.

    Beside it the cells at the same relative place at the end of every stage, in execution order. `share` is the
    smallest share of the pixels that carries 95 % of the gradient's magnitude (Luo et al. 2016, arXiv:1701.04128).
    """
    _, rows, columns = layer.out_shape
    place = (cell[0] + 0.5) / rows, (cell[1] + 0.5) / columns
    ends = [end for end in stage_ends(layers) if len(end.out_shape) == 3 and end.name != layer.name]
    shown = sorted([*ends, layer], key=lambda each: each.index)
    cells = {each.name: cell if each.name == layer.name else cell_at(each, place) for each in shown}
    fields = effective_receptive_fields(model.instantiate(), model.preprocess(image), layers, cells)
    return tuple((_view(each, cells[each.name], fields[each.name]), fields[each.name]) for each in shown)


def _view(layer: LayerRecord, cell: Pair, gradient: np.ndarray) -> LayerView:
    return LayerView(layer, cell, layer.rf.window(*cell), share_within(gradient, MOST_OF_IT))


def share_within(values: np.ndarray, part: float) -> float:
    """The smallest share of the cells that adds up to `part` of all `values`, none below zero; 0 where all are 0."""
    sums = np.sort(values, axis=None)[::-1].cumsum()
    return float((sums < part * sums[-1]).sum() + 1) / values.size if sums[-1] > 0 else 0.0


def projective_field(model: Model, image: np.ndarray, layers: Sequence[LayerRecord], pixel: Pair) -> tuple[Viewed, ...]:
    """Which cells at the end of every stage move when one pixel (row, column) of the model's input does, and how far.

    `share` is the share of the cells that move by more than 5 % of the one that moves most.
    """
    ends = [end for end in stage_ends(layers) if len(end.out_shape) == 3]
    names = [end.name for end in ends]
    moved = pixel_influence(model.instantiate(), model.preprocess(image), layers, names, pixel)
    return tuple(
        (
            LayerView(end, pixel, projective_window(end, pixel) or (0, 0, 0, 0), _share_moved(moved[end.name])),
            moved[end.name],
        )
        for end in ends
    )


def _share_moved(change: np.ndarray) -> float:
    return float((change > MOVED * change.max()).mean()) if change.max() > 0 else 0.0
