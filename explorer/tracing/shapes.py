"""`trace_shapes`: the shapes of a forward pass, without allocating a weight."""

from __future__ import annotations

from explorer.arithmetic import output_size
from explorer.errors import ExplorerError, ShapeMismatch
from explorer.networks import network as declared
from explorer.records import LARGEST_SIDE, MOST_CLASSES, NetworkInstance, NetworkSpec, ShapeTrace
from explorer.tracing.building import build_on_meta
from explorer.tracing.recorder import OperationFailed, trace_module
from explorer.tracing.smallest import smallest_side


def trace_shapes(instance: NetworkInstance, spec: NetworkSpec | None = None) -> ShapeTrace:
    """Trace a network at the instance's input shape; `spec` is for one outside the catalogue.

    Raises `ShapeMismatch` naming the first layer that cannot run, both shapes and the smallest size that works;
    `BadOption` for an option the network does not take; `ExplorerError` for sizes and classes out of range.
    """
    spec = spec or declared(instance.slug)
    height, width = instance.size
    if not (1 <= height <= LARGEST_SIDE and 1 <= width <= LARGEST_SIDE):
        raise ExplorerError(f"An input of {height} x {width} is out of range: give 1 to {LARGEST_SIDE} pixels a side.")
    if not 1 <= instance.classes <= MOST_CLASSES:
        raise ExplorerError(f"{instance.classes} classes are out of range: give 1 to {MOST_CLASSES}.")
    network = build_on_meta(instance, spec)
    options = dict(instance.options)
    try:
        return trace_module(
            network, instance.input_shape, spec.stages, slug=spec.slug, title=spec.title, options=options
        )
    except OperationFailed as failure:
        reason, numbers = _reason(failure)
        raise ShapeMismatch(spec.title, failure.module, reason, numbers, smallest_side(instance, spec)) from failure


def _reason(failure: OperationFailed) -> tuple[str, dict[str, str]]:
    """Why a call failed: the `reason` and `numbers` of a `ShapeMismatch`."""
    operation, x, weight = failure.operation, failure.x, failure.weight
    if operation.kind == "linear" and weight is not None:
        return "features", {"needs": f"{weight.shape[1]:,}", "got": f"{x.shape[-1]:,}"}
    got = "×".join(map(str, (*x.shape[2:], x.shape[1])))
    if operation.kernel is not None and operation.stride is not None:
        windows = zip(operation.kernel, operation.stride, operation.padding or (0, 0), strict=True)
        rows, columns = (_smallest_fit(f, s, p, operation.ceil_mode) for f, s, p in windows)
        kernel = "×".join(map(str, operation.kernel))
        return "window", {"needs": f"{rows}×{columns}", "kernel": kernel, "got": got}
    return "merge", {"got": got}


def _smallest_fit(f: int, s: int, p: int, ceil: bool) -> int:
    """Smallest input side that a window fits in."""
    return next(n for n in range(1, f + 1) if output_size(n, f, s=s, p=p, ceil=ceil).value >= 1)
