"""What goes into the non-linearities of a trained network, and what another non-linearity would make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from explorer.blocks.activations import FLAT, activation, steepest
from explorer.records.nonlinear import LayerValues

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.models import Model

_MOST_VALUES, _BINS = 120_000, 60


def activation_layers(model: Model) -> tuple[str, ...]:
    """The modules of a network that apply a non-linearity, in the order of the network."""
    return tuple(name for name, module in model.instantiate().named_modules() if _is_activation(module))


def _is_activation(module: nn.Module) -> bool:
    from torch import nn

    kinds = (nn.ReLU, nn.ReLU6, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.Hardswish, nn.LeakyReLU)
    return isinstance(module, kinds)


def pre_activations(model: Model, images: Tensor, layer: str) -> np.ndarray:
    """What a layer's non-linearity is given for some images, uint8 (B, C, h, w): float32 (values, units).

    A unit is a channel or a neuron. Of large maps only every k-th row and column is kept, so that there are at most
    120,000 values or so.
    """
    import torch

    found: list[Tensor] = []
    net = model.instantiate()
    net.get_submodule(layer).register_forward_pre_hook(lambda module, args: found.append(args[0].clone()))
    with torch.inference_mode():
        net(model.scale(images))
    z = found[0]
    if z.dim() == 4:
        step = max(1, round((z.numel() / _MOST_VALUES) ** 0.5))
        z = z[:, :, ::step, ::step].permute(0, 2, 3, 1)  # (B, H, W, C)
    values: np.ndarray = z.reshape(-1, z.shape[-1]).numpy()
    return values


def through(z: np.ndarray, slug: str, values: Mapping[str, float]) -> LayerValues:
    """Pre-activations (values, units) before and after a non-linearity of the catalogue. Raises `UnknownEntry`."""
    entry = activation(slug)
    wide = z.astype(np.float64)
    with np.errstate(over="ignore"):  # e^-z of a value far below 0: the sigmoid is 0 there
        after, slopes = entry.value(wide, values), np.abs(entry.slope(wide, values))
    flat = slopes < FLAT * steepest(entry, values)
    before, edges = _counted(wide)
    counts, after_edges = _counted(after)
    return LayerValues(
        edges=edges,
        before=before,
        after_edges=after_edges,
        after=counts,
        zeros=float((after == 0).mean()),
        flat=float(flat.mean()),
        negative=float((wide < 0).mean()),
        dead=float(flat.all(0).mean()),
        count=wide.size,
        mean=float(wide.mean()),
        std=float(wide.std()),
    )


def _counted(values: np.ndarray) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Counts in bins; one value in a thousand at either end is counted in the last bin there."""
    low, high = np.quantile(values, (0.001, 0.999))
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), bins=_BINS, range=(low, high))
    return tuple(counts.tolist()), tuple(edges.tolist())
