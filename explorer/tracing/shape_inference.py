"""Infer the output shape of a torch call from its arguments, without running it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from explorer.arithmetic import output_size
from explorer.records import Shape
from explorer.tracing.geometry import pair
from explorer.tracing.operations import ELEMENTWISE, ELEMENTWISE_IN_PLACE, SHAPE_KEEPING, Operation

_SEQUENCES = (list, tuple)


def tensors_in(items: Iterable[Any]) -> list[Tensor]:
    """The tensors among arguments, also inside lists and tuples."""
    tensors = []
    for item in items:
        if isinstance(item, Tensor):
            tensors.append(item)
        elif isinstance(item, _SEQUENCES):
            tensors.extend(tensors_in(item))
    return tensors


def infer(
    func: Any, operation: Operation, args: Sequence[Any], kwargs: Mapping[str, Any], weights: Sequence[Tensor]
) -> Tensor | None:
    """An empty tensor of the output's shape, where it follows from the arguments; else None.

    `weights` are the tensors among the arguments that are not activations: weights and statistics. On the meta device
    batch normalisation costs a hundred convolutions, a concatenation or a broadcast sum twenty.
    """
    x = args[0] if args else kwargs.get("input")
    shape: Sequence[int] | None = None
    if operation.kind == "concat" and isinstance(x, _SEQUENCES):
        axis = args[1] if len(args) > 1 else kwargs.get("dim", 0)
        shape, x = _concatenated([tuple(t.shape) for t in x], axis), x[0]
    elif not isinstance(x, Tensor):
        return None
    elif func in ELEMENTWISE:
        shape = _broadcast(x.shape, args[1].shape) if len(args) == 2 and isinstance(args[1], Tensor) else None
        if func in ELEMENTWISE_IN_PLACE:
            return x if shape == tuple(x.shape) else None
    elif func in SHAPE_KEEPING:
        # Where the statistics have another number of channels, torch runs and raises its own error.
        shape = x.shape if not weights or x.shape[1] == weights[0].numel() else None
        if shape and kwargs.get("inplace"):
            return x
    elif operation.function == "conv2d" and len(args) > 1:
        shape = _convolved(x, args[1], operation)
    elif operation.function in {"max_pool2d", "avg_pool2d"} and x.dim() == 4:
        shape = _window_output(x, x.shape[1], operation)
    elif operation.function == "adaptive_avg_pool2d" and x.dim() == 4:
        out = pair(args[1] if len(args) > 1 else kwargs["output_size"])
        shape = (*x.shape[:2], *(n if n is not None else side for n, side in zip(out, x.shape[2:], strict=True)))
    elif operation.function == "linear" and weights and x.shape[-1] == weights[0].shape[1]:
        shape = (*x.shape[:-1], weights[0].shape[0])
    return None if shape is None else torch.empty(shape, dtype=x.dtype, device=x.device)


def _concatenated(shapes: Sequence[Shape], axis: int) -> Shape | None:
    """Shape of volumes concatenated along their channels; None along another axis or where they do not fit."""
    if axis != 1 or len({(shape[0], *shape[2:]) for shape in shapes}) > 1:
        return None
    return (shapes[0][0], sum(shape[1] for shape in shapes), *shapes[0][2:])


def _broadcast(a: Sequence[int], b: Sequence[int]) -> Shape | None:
    """Broadcast shape of two tensors of equally many axes; None where they do not fit."""
    if len(a) != len(b) or any(n != m and 1 not in (n, m) for n, m in zip(a, b, strict=True)):
        return None
    return tuple(map(max, a, b))


def _convolved(x: Tensor, weight: Tensor, operation: Operation) -> Shape | None:
    """Output shape of a convolution; None where it does not fit, so that torch runs and raises."""
    if x.dim() != 4 or x.shape[1] != weight.shape[1] * (operation.groups or 1):
        return None
    return _window_output(x, weight.shape[0], operation)


def _window_output(x: Tensor, channels: int, operation: Operation) -> Shape | None:
    """Output shape of a sliding window; None where the window does not fit."""
    geometry = (operation.kernel, operation.stride, operation.padding, operation.dilation)
    (f, f_w), (s, s_w), (p, p_w), (d, d_w) = (pair or (1, 1) for pair in geometry)
    ceil = operation.ceil_mode
    end, end_w = (operation.unusual.end if operation.unusual else None) or (None, None)
    rows = output_size(x.shape[2], f, s=s, p=p, d=d, ceil=ceil, end=end).value
    columns = output_size(x.shape[3], f_w, s=s_w, p=p_w, d=d_w, ceil=ceil, end=end_w).value
    return (x.shape[0], channels, rows, columns) if rows > 0 and columns > 0 else None
