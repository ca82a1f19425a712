"""Parameters and multiply-adds of a layer, as formulas with numbers substituted.

Convention: one multiply-add (MAC) per weight and output position, at batch 1; biases, normalisation, activations and
pooling are not counted (as in He et al. 2015, Table 1, and torchvision's `_ops`). FLOPs are twice that.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from explorer.records import WEIGHTED, Formula, LayerRecord


def _weights(layer: LayerRecord) -> tuple[int, str, str]:
    """(count, symbols, substituted) of the weights of a convolution or linear layer, without bias."""
    if layer.kind == "linear":
        n_in, n_out = layer.in_shape[-1], layer.out_shape[-1]
        return n_in * n_out, "n·n′", f"{n_in}·{n_out}"
    assert layer.kernel is not None
    through = layer.unusual.through if layer.unusual else None
    kernel = (through[0], *layer.kernel) if through else layer.kernel[3 - len(layer.in_shape) :]
    return filter_weights(kernel, layer.in_shape[0], layer.out_shape[0], layer.groups or 1)


def filter_weights(kernel: Sequence[int], n_in: int, n_out: int, groups: int = 1) -> tuple[int, str, str]:
    """(count, symbols, substituted) of the weights of `n_out` filters, each over the channels of its group."""
    area, f = "·".join(map(str, kernel)), "·".join("f" for _ in kernel)
    count = prod(kernel) * (n_in // groups) * n_out
    if groups == 1:
        return count, f"{f}·n_C·n_C′", f"{area}·{n_in}·{n_out}"
    if groups == n_in:
        return count, f"{f}·1·n_C′", f"{area}·1·{n_out}"
    return count, f"{f}·(n_C/g)·n_C′", f"{area}·({n_in}/{groups})·{n_out}"


def parameters_of(layer: LayerRecord) -> Formula | None:
    """Trainable parameters of a recorded operation, or None where it has none."""
    if layer.unusual and layer.unusual.made_of:
        made_of = layer.unusual.made_of
        return Formula(sum(made_of), "∑ n_θ", " + ".join(map(str, made_of)))
    if layer.kind in WEIGHTED:
        weights, symbols, substituted = _weights(layer)
        if not layer.bias:
            return Formula(weights, symbols, substituted)
        n_out = layer.out_shape[-1] if layer.kind == "linear" else layer.out_shape[0]
        bias = "n′" if layer.kind == "linear" else "n_C′"
        return Formula(weights + n_out, f"{symbols} + {bias}", f"{substituted} + {n_out}")
    if not layer.parameters:
        return None
    n_c = layer.out_shape[0]
    if layer.function == "batch_norm":
        return Formula(2 * n_c, "2·n_C (γ, β)", f"2·{n_c}")
    return Formula(n_c, "n_C", f"{n_c}")


def macs_of(layer: LayerRecord) -> Formula | None:
    """Multiply-adds of a recorded convolution or linear layer at batch 1, or None for other kinds."""
    if layer.kind not in WEIGHTED:
        return None
    weights, symbols, substituted = _weights(layer)
    if layer.kind == "linear":
        rows = prod(layer.out_shape[:-1])
        if rows == 1:
            return Formula(weights, symbols, substituted)
        return Formula(weights * rows, f"m·{symbols}", f"{rows}·{substituted}")  # m vectors, each by itself
    transposed = layer.unusual is not None and layer.unusual.transposed  # every cell that goes in meets every weight
    sides = layer.in_shape[1:] if transposed else layer.out_shape[1:]
    mark, named = ("" if transposed else "′"), {1: "n", 2: "n_H n_W", 3: "n_D n_H n_W"}[len(sides)]
    counted = "·".join(f"{side}{mark}" for side in named.split())
    return Formula(weights * prod(sides), f"{counted}·{symbols}", f"{'·'.join(map(str, sides))}·{substituted}")
