"""Effective receptive field of a unit and projective field of a pixel, measured on an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor

import numpy as np
import torch
from torch import Tensor, nn

from explorer.records import LayerRecord, Pair
from explorer.tracing.capturing import Capturer


def cell_at(layer: LayerRecord, position: tuple[float, float]) -> Pair:
    """The cell of a layer's map at a relative position (vertical, horizontal), each 0 to 1; (0, 0) of a vector."""
    rows, columns = layer.out_shape[1:] if len(layer.out_shape) == 3 else (1, 1)
    return min(rows - 1, floor(position[0] * rows)), min(columns - 1, floor(position[1] * columns))


def effective_receptive_fields(
    network: nn.Module, x: Tensor, layers: Sequence[LayerRecord], cells: Mapping[str, Pair]
) -> dict[str, np.ndarray]:
    """The effective receptive field of one cell per layer: layer name -> float32 (H, W), on the input's grid.

    |d (sum over channels of a[:, i, j]) / d x|, summed over the input's channels (Luo et al. 2016, arXiv:1701.04128,
    who average it over many images; here it is that of the one image `x`, (1, C, H, W)). For a layer without a grid,
    the sum is over all its units. `cells` gives the cell (row, column) by the name of its layer.
    """
    x = x.detach().clone().requires_grad_(True)
    capturer = Capturer(x, layers, cells)
    with torch.enable_grad(), capturer:
        network(x)
    fields = {}
    for name, (row, column) in cells.items():
        volume = capturer.kept[name]
        activation = volume[0, :, row, column].sum() if volume.dim() == 4 else volume.sum()
        (gradient,) = torch.autograd.grad(activation, x, retain_graph=True)
        fields[name] = gradient[0].abs().sum(0).numpy()
    return fields


def pixel_influence(
    network: nn.Module, x: Tensor, layers: Sequence[LayerRecord], names: Sequence[str], pixel: Pair
) -> dict[str, np.ndarray]:
    """Change of each cell of the named layers when a pixel changes: name -> float32 (H', W'), mean over channels.

    The pixel (row, column) of `x` (1, C, H, W) is set to the farther end of the image's range, channel by channel. A
    layer without a grid gives (1, 1).
    """
    changed = x.clone()
    low, high = x.amin((0, 2, 3)), x.amax((0, 2, 3))
    value = x[0, :, pixel[0], pixel[1]]
    changed[0, :, pixel[0], pixel[1]] = torch.where(high - value > value - low, high, low)
    capturers = [Capturer(image, layers, names) for image in (x, changed)]
    with torch.inference_mode():
        for image, capturer in zip((x, changed), capturers, strict=True):
            with capturer:
                network(image)
    changes = {}
    for name in names:
        change = (capturers[1].kept[name] - capturers[0].kept[name])[0].abs()
        changes[name] = (change.mean(0) if change.dim() == 3 else change.mean()[None, None]).numpy()
    return changes


def projective_window(layer: LayerRecord, pixel: Pair) -> tuple[int, int, int, int] | None:
    """Cells of a layer whose theoretical receptive field contains a pixel: (top, left, bottom, right), ends excluded.

    None for a layer without a grid, and for a pixel in no receptive field (stride larger than kernel).
    """
    if len(layer.out_shape) != 3:
        return None
    bounds = []
    for axis in (0, 1):
        start, size, jump = layer.rf.start[axis], layer.rf.size[axis], layer.rf.jump[axis]
        # start + jump * i <= pixel < start + jump * i + size
        first = max(0, -(-(pixel[axis] - start - size + 1) // jump))
        last = min(layer.out_shape[1 + axis] - 1, (pixel[axis] - start) // jump)
        if first > last:
            return None
        bounds.append((first, last + 1))
    return bounds[0][0], bounds[1][0], bounds[0][1], bounds[1][1]
