"""Formulas for every number of one operation: size, channels, parameters, multiply-adds, receptive field, memory.

Sources: Dumoulin & Visin 2016 (sizes), Araujo, Norris & Sim 2019 (receptive fields); `cost` says how MACs are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import prod

from explorer.arithmetic.cost import macs_of, parameters_of
from explorer.arithmetic.receptive import (
    field_of_input,
    largest,
    mean_jump,
    rf_linear,
    rf_union,
    rf_window,
    stairs_after,
    stairs_of,
    transposed_steps,
    window_steps,
)
from explorer.arithmetic.sizes import resampled_size, same_padding, size_of
from explorer.records import Formula, LayerRecord, Pair, ReceptiveField, Stairs, Unusual

_AXES = ("height", "width")


def working(layers: Sequence[LayerRecord], index: int) -> Mapping[str, Formula]:
    """The formulas of operation `index` of a trace, in order of derivation.

    Keys: "side" (or "height" and "width", in cells, where they differ), "before" (zeros of
    "SAME" padding before the first cell; "before_top" and "before_left" where they differ), "channels", "parameters",
    "macs", "field" and
    "jump" (in pixels of the input; "field_height" and so on where the axes differ), "memory" (bytes). What an operation
    does not change or does not have is omitted.
    """
    layer = layers[index]
    formulas: dict[str, Formula | None] = {
        **_per_axis("side", [_side(layer, axis) for axis in (0, 1)], _AXES),
        **_per_axis("before", [_zeros_before(layer, axis) for axis in (0, 1)], ("before_top", "before_left")),
        "channels": _channels(layer),
        "parameters": parameters_of(layer) if layer.parameters else None,
        "macs": macs_of(layer),
        **_per_axis("field", [_field(layers, layer, axis) for axis in (0, 1)], [f"field_{axis}" for axis in _AXES]),
        **_per_axis("jump", [_jump(layers, layer, axis) for axis in (0, 1)], [f"jump_{axis}" for axis in _AXES]),
        "memory": _memory(layer),
    }
    return {name: formula for name, formula in formulas.items() if formula is not None}


def _per_axis(name: str, axes: Sequence[Formula | None], names: Sequence[str]) -> dict[str, Formula | None]:
    """One entry `name` where both axes have the same formula, else one per axis in `names`."""
    return {name: axes[0]} if axes[0] == axes[1] else dict(zip(names, axes, strict=True))


def _side(layer: LayerRecord, axis: int) -> Formula | None:
    if layer.pads_for is None:
        return size_of(layer, axis) or resampled_size(layer, axis)
    n, zeros = layer.in_shape[1 + axis], _zeros(layer, axis)
    return Formula(n + zeros.value, f"n + {zeros.symbols}", f"{n} + {zeros.substituted}")


def _zeros(layer: LayerRecord, axis: int) -> Formula:
    assert layer.pads_for is not None
    (kernel, stride), n = layer.pads_for, layer.in_shape[1 + axis]
    return same_padding(n, kernel[axis], stride[axis])


def _zeros_before(layer: LayerRecord, axis: int) -> Formula | None:
    """Zeros above or to the left; TensorFlow puts the odd one below and to the right."""
    if layer.pads_for is None:
        return None
    total = _zeros(layer, axis).value
    return Formula(total // 2, "⌊p/2⌋", f"⌊{total}/2⌋")


def _channels(layer: LayerRecord) -> Formula | None:
    """Channels after a concatenation or a flatten; elsewhere they are a hyperparameter of the layer, or unchanged."""
    if layer.kind == "concat":
        counts = [shape[0] for shape in layer.in_shapes]
        terms = [str(count) if times == 1 else f"{times}·{count}" for times, count in _run_lengths(counts)]
        return Formula(sum(counts), "∑ n_C", " + ".join(terms))
    if layer.function == "flatten" and len(layer.in_shape) == 3 and len(layer.out_shape) == 1:
        n_c, n_h, n_w = layer.in_shape
        return Formula(n_h * n_w * n_c, "n_H·n_W·n_C", f"{n_h}·{n_w}·{n_c}")
    return None


def _run_lengths(counts: Sequence[int]) -> list[tuple[int, int]]:
    """Run-length encoding, as (repetitions, value); runs of two are not folded."""
    runs: list[tuple[int, int]] = []
    for count, equal in groupby(counts):
        times = len(list(equal))
        runs += [(times, count)] if times > 2 else [(1, count)] * times
    return runs


def _memory(layer: LayerRecord) -> Formula:
    sides = (*layer.out_shape[1:], layer.out_shape[0])
    symbols = "4·n_H′·n_W′·n_C′" if len(sides) == 3 else "4·n′"
    return Formula(4 * prod(sides), symbols, "·".join(map(str, (4, *sides))))


def _before(layers: Sequence[LayerRecord], source: int) -> ReceptiveField:
    return layers[source].rf if source >= 0 else field_of_input()


def _field(layers: Sequence[LayerRecord], layer: LayerRecord, axis: int) -> Formula | None:
    """Side of the receptive field, for operations that may enlarge it."""
    fields = [_before(layers, source) for source in layer.inputs]
    if layer.kind in {"add", "concat"}:
        return _union(fields, axis)
    before = fields[0]
    if (stairs := _stairs(layers, layer, before, axis)) is not None:
        size, jump, _, (_, cells, first, last) = stairs
        reach = f"{last - first}" if last >= first else f"(−{first - last})"
        return Formula(largest(stairs), "r₀ + ⌈n/s⌉·j₀", f"{size} + ⌈{reach}/{cells}⌉·{jump}")
    r, j = before.size[axis], before.jump[axis]
    if (after := _window_field(layer, before)) is not None and layer.kernel is not None:
        f, d = layer.kernel[axis], (layer.dilation or (1, 1))[axis]
        symbol, number = ("", "") if d == 1 else ("d·", f"{d}·")
        return Formula(after.size[axis], f"r + {symbol}(f − 1)·j", f"{r} + {number}({f} − 1)·{j}")
    if layer.kind == "linear" and (extent := _extent(layers, layer))[axis] > 1:
        return Formula(rf_linear(before, extent).size[axis], "r + (n − 1)·j", f"{r} + ({extent[axis]} − 1)·{j}")
    return None


def _stairs(layers: Sequence[LayerRecord], layer: LayerRecord, before: ReceptiveField, axis: int) -> Stairs | None:
    """Windows after an operation that upsamples or comes behind upsampling; None for others."""
    more = layer.unusual or Unusual()
    if more.resampled is not None:
        return stairs_after(stairs_of(before, axis), more.resampled[axis])
    if not (more.transposed or before.stairs):
        return None
    if layer.kind == "linear":
        return stairs_after(stairs_of(before, axis), window_steps(_extent(layers, layer)[axis], 1, 0, 1))
    if layer.kernel is None or layer.stride is None:
        return None
    window = layer.kernel[axis], layer.stride[axis], (layer.padding or (0, 0))[axis], (layer.dilation or (1, 1))[axis]
    read = transposed_steps(*window) if more.transposed else window_steps(*window)
    return stairs_after(stairs_of(before, axis), read)


def _window_field(layer: LayerRecord, before: ReceptiveField) -> ReceptiveField | None:
    """Receptive field after a window operation, None for others."""
    if layer.kernel is None or layer.stride is None:
        return None
    return rf_window(before, layer.kernel, layer.stride, layer.padding or (0, 0), layer.dilation or (1, 1))


def _union(fields: Sequence[ReceptiveField], axis: int) -> Formula | None:
    """Side of the union of the branches' receptive fields; None where they are equal."""
    windows = sorted({(field.start[axis], field.size[axis]) for field in fields})
    if len(windows) == 1:
        return None
    last = max(start + size for start, size in windows)
    first = windows[0][0]
    value = rf_union(fields).size[axis]
    return Formula(value, "max(start + r) − min(start)", f"{last} − {first}" if first >= 0 else f"{last} − ({first})")


def _jump(layers: Sequence[LayerRecord], layer: LayerRecord, axis: int) -> Formula | None:
    """Jump after an operation with a stride."""
    before = _before(layers, layer.inputs[0])
    if layer.kind != "linear" and (stairs := _stairs(layers, layer, before, axis)) is not None:
        _, jump, _, (step, cells, _, _) = stairs
        return Formula(mean_jump(stairs), "max(⌊j₀·t/s⌋, 1)", f"max(⌊{jump}·{step}/{cells}⌋, 1)")
    after = _window_field(layer, before)
    if after is None or layer.stride is None or layer.stride == (1, 1):
        return None
    return Formula(after.jump[axis], "j·s", f"{before.jump[axis]}·{layer.stride[axis]}")


def _extent(layers: Sequence[LayerRecord], layer: LayerRecord) -> Pair:
    """Rows and columns of the map that a linear layer reads, flattened or not; 1 x 1 after another linear layer."""
    if layer.unusual and layer.unusual.reads:
        return layer.unusual.reads
    shape = layer.in_shape
    while len(shape) != 3:
        layer = layers[layer.inputs[0]]
        if layer.kind == "linear":
            return 1, 1
        shape = layer.in_shape
    return shape[1], shape[2]
