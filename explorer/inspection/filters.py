"""The filters of the first convolution, by L2 norm."""

from __future__ import annotations

import numpy as np

from explorer import units
from explorer.models import Model
from explorer.records import FirstFilters


def first_filters(model: Model, *, by_norm: bool) -> FirstFilters:
    """The filters of the first convolution with their L2 norms, by descending norm or by index."""
    name, weights = units.first_filters(model.instantiate())
    norms = np.sqrt((weights.astype(np.float64) ** 2).sum((1, 2, 3)))
    order = (-norms).argsort(kind="stable") if by_norm else np.arange(len(norms))
    return FirstFilters(name, tuple(order.tolist()), weights[order], tuple(norms[order].tolist()))
