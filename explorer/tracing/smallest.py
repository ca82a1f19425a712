"""Smallest input that works, by arithmetic: the sizes of a finished trace are recomputed for other inputs."""

from __future__ import annotations

from explorer.arithmetic import output_size, resampled_size, same_padding, size_of
from explorer.records import LayerRecord, NetworkInstance, NetworkSpec, Pair, ShapeTrace
from explorer.tracing.building import build_on_meta
from explorer.tracing.recorder import OperationFailed, trace_module


def smallest_side(instance: NetworkInstance, spec: NetworkSpec) -> int | None:
    """Side in pixels of the smallest square input that works; None if none below twice the native size does."""
    native = max(spec.input_shape[1:])
    network = build_on_meta(instance, spec)
    for side in (native, *range(1, 2 * native)):
        try:
            trace = trace_module(network, (instance.input_shape[0], side, side), spec.stages)
        except OperationFailed:
            continue
        return next(n for n in range(1, side + 1) if sizes_at(trace, (n, n)) is not None)
    return None


def sizes_at(trace: ShapeTrace, size: Pair) -> list[Pair] | None:
    """(rows, columns) after every record if the input had `size`; None if an operation would fail."""
    traced = (trace.input_shape[1], trace.input_shape[2])
    expected = sizes_at(trace, traced) if size != traced else None
    sizes: list[Pair] = []
    for layer in trace.layers:
        before = [sizes[i] if i >= 0 else size for i in layer.inputs]
        after = _size_after(layer, before)
        # A linear layer after a flattened grid has weights for that grid only.
        if after is None or (layer.kind == "linear" and expected and before[0] != expected[layer.inputs[0]]):
            return None
        sizes.append(after)
    return sizes


def _size_after(layer: LayerRecord, before: list[Pair]) -> Pair | None:
    rows, columns = before[0]
    if layer.kind == "linear" or layer.function == "mean":
        return 1, 1
    if layer.function.startswith("adaptive"):
        return layer.out_shape[1], layer.out_shape[2]
    if layer.unusual is not None and layer.kind != "linear":
        resized = layer._replace(in_shapes=((layer.in_shape[0], *before[0]),))
        found = [size_of(resized, axis) or resampled_size(resized, axis) for axis in (0, 1)]
        after = [formula.value if formula else n for formula, n in zip(found, before[0], strict=True)]
        return (after[0], after[1]) if min(after) >= 1 else None
    if layer.kernel is not None and layer.stride is not None:
        padding, dilation = layer.padding or (0, 0), layer.dilation or (1, 1)
        after = [
            output_size(n, f, s=s, p=p, d=d, ceil=layer.ceil_mode).value
            for n, f, s, p, d in zip(before[0], layer.kernel, layer.stride, padding, dilation, strict=True)
        ]
        return (after[0], after[1]) if min(after) >= 1 else None
    if layer.kind in {"add", "concat"} and len(set(before)) > 1:
        return None
    if layer.pads_for is not None:
        room = [same_padding(n, f, s).value for n, f, s in zip(before[0], *layer.pads_for, strict=True)]
        return rows + room[0], columns + room[1]
    if layer.function == "pad":
        return rows + layer.out_shape[1] - layer.in_shape[1], columns + layer.out_shape[2] - layer.in_shape[2]
    return rows, columns
