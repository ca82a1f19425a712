"""Table of torch functions: the kind of each and, for sliding windows, their geometry.

A function that is not in it is recorded as kind "other", with the receptive field of its first input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.networks import same_padding
from explorer.records import Pair

Arguments = Mapping[str, Any]


class Operation(NamedTuple):
    """Kind, function and window geometry of a call."""

    kind: str
    function: str
    kernel: Pair | None = None
    stride: Pair | None = None
    padding: Pair | None = None
    dilation: Pair | None = None
    groups: int | None = None
    ceil_mode: bool = False
    bias: bool = False
    pads_for: tuple[Pair, Pair] | None = None


def pair(value: Any) -> Pair:
    """(rows, columns) of a pair, or of one number for both."""
    if isinstance(value, int):
        return value, value
    rows, columns = (value[0], value[-1])
    return rows, columns


def _conv(args: Arguments, x: Tensor) -> Operation:
    weight: Tensor = args["weight"]
    kernel, stride, dilation = pair(weight.shape[2:]), pair(args.get("stride", 1)), pair(args.get("dilation", 1))
    padding = args.get("padding", 0)
    if isinstance(padding, str):  # "same" or "valid"
        same = padding == "same"
        padding = tuple(d * (f - 1) // 2 if same else 0 for f, d in zip(kernel, dilation, strict=True))
    groups: int = args.get("groups", 1)
    kind = "depthwise" if groups > 1 and groups == x.shape[1] else "conv"
    bias = args.get("bias") is not None
    return Operation(kind, "conv2d", kernel, stride, pair(padding), dilation, groups, bias=bias)


def _linear(args: Arguments, x: Tensor) -> Operation:
    return Operation("linear", "linear", bias=args.get("bias") is not None)


def _pool(function: str) -> Callable[[Arguments, Tensor], Operation]:
    def describe(args: Arguments, x: Tensor) -> Operation:
        kernel = pair(args["kernel_size"])
        stride = args.get("stride")
        stride = kernel if stride is None or stride == [] else pair(stride)
        padding, dilation = pair(args.get("padding", 0)), pair(args.get("dilation", 1))
        ceil_mode = bool(args.get("ceil_mode", False))
        return Operation("pool", function, kernel, stride, padding, dilation, ceil_mode=ceil_mode)

    return describe


def _adaptive_pool(function: str) -> Callable[[Arguments, Tensor], Operation]:
    def describe(args: Arguments, x: Tensor) -> Operation:
        out = pair(args["output_size"])
        rows, columns = (target if target is not None else n for target, n in zip(out, x.shape[-2:], strict=True))
        stride = x.shape[-2] // rows or 1, x.shape[-1] // columns or 1
        # Exact where the output divides the input; otherwise windows differ by a cell and this is the widest.
        kernel = _widest(x.shape[-2], rows), _widest(x.shape[-1], columns)
        return Operation("pool", function, kernel, stride, (0, 0), (1, 1))

    return describe


def _widest(n: int, cells: int) -> int:
    return max(-(-(i + 1) * n // cells) - i * n // cells for i in range(cells))


def _mean(args: Arguments, x: Tensor) -> Operation:
    over = args.get("dim")
    axes = {axis % x.dim() for axis in ([over] if isinstance(over, int) else over or ())}
    if x.dim() == 4 and axes == {2, 3}:
        whole = pair(x.shape[-2:])
        return Operation("pool", "mean", whole, whole, (0, 0), (1, 1))
    return Operation("other", "mean")


_Row = tuple[tuple[str, ...], Callable[[Arguments, Tensor], Operation]]
"""Names of a function's positional arguments, and a function that describes a call."""


def _hardtanh(args: Arguments, x: Tensor) -> Operation:
    return Operation("activation", "relu6" if (args.get("min_val"), args.get("max_val")) == (0, 6) else "hardtanh")


def _pad_same(args: Arguments, x: Tensor) -> Operation:
    return Operation("reshape", "pad_same", pads_for=(pair(args["kernel"]), pair(args["stride"])))


def _rows(kind: str, **functions: tuple[Any, ...]) -> dict[Any, Operation]:
    return {f: Operation(kind, name) for name, group in functions.items() for f in group}


_SAME_SHAPE = {
    **_rows("norm", batch_norm=(F.batch_norm,), local_response_norm=(F.local_response_norm,)),
    **_rows(
        "activation",
        relu=(F.relu, torch.relu, Tensor.relu),
        relu6=(F.relu6,),
        leaky_relu=(F.leaky_relu,),
        elu=(F.elu,),
        silu=(F.silu,),
        hardswish=(F.hardswish,),
        hardsigmoid=(F.hardsigmoid,),
        hardtanh=(F.hardtanh,),
        sigmoid=(torch.sigmoid, Tensor.sigmoid, F.sigmoid),
        tanh=(torch.tanh, Tensor.tanh, F.tanh),
    ),
    **_rows("dropout", dropout=(F.dropout, F.dropout2d)),
}

_ADD = (torch.add, Tensor.add, Tensor.__add__, Tensor.__radd__, Tensor.add_, Tensor.__iadd__)
_MULTIPLY = (torch.mul, Tensor.mul, Tensor.__mul__, Tensor.__rmul__, Tensor.mul_, Tensor.__imul__)

SHAPE_KEEPING = frozenset(_SAME_SHAPE)
"""Functions whose output has the shape of their input."""

ELEMENTWISE = frozenset({*_ADD, *_MULTIPLY})
"""Functions of two operands, whose output has their broadcast shape."""

ELEMENTWISE_IN_PLACE = frozenset({*_ADD[4:], *_MULTIPLY[4:]})
"""The in-place ones among `ELEMENTWISE`."""

IN_PLACE: dict[Any, Callable[..., Tensor]] = {
    **dict.fromkeys(_ADD[4:], torch.add),
    **dict.fromkeys(_MULTIPLY[4:], torch.mul),
    torch.relu_: torch.relu,
    Tensor.relu_: torch.relu,
}
"""In-place function -> the same out of place."""

QUERIES = frozenset({Tensor.dim, Tensor.size, Tensor.shape.__get__})  # type: ignore[attr-defined]
"""Functions that read a property of a tensor and return no tensor."""

TABLE: dict[Any, Operation | _Row] = {
    **_SAME_SHAPE,
    F.hardtanh: (("input", "min_val", "max_val"), _hardtanh),
    F.conv2d: (("input", "weight", "bias", "stride", "padding", "dilation", "groups"), _conv),
    F.linear: (("input", "weight", "bias"), _linear),
    F.max_pool2d: (("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode"), _pool("max_pool2d")),
    F.avg_pool2d: (("input", "kernel_size", "stride", "padding", "ceil_mode"), _pool("avg_pool2d")),
    F.adaptive_avg_pool2d: (("input", "output_size"), _adaptive_pool("adaptive_avg_pool2d")),
    F.adaptive_max_pool2d: (("input", "output_size"), _adaptive_pool("adaptive_max_pool2d")),
    torch.mean: (("input", "dim"), _mean),
    Tensor.mean: (("input", "dim"), _mean),
    F.pad: Operation("reshape", "pad"),
    same_padding(): (("input", "kernel", "stride"), _pad_same),
    **_rows("add", add=_ADD),
    **_rows("multiply", mul=_MULTIPLY),
    **_rows("concat", cat=(torch.cat, torch.concat)),
    **_rows(
        "reshape",
        flatten=(torch.flatten, Tensor.flatten),
        view=(Tensor.view,),
        reshape=(torch.reshape, Tensor.reshape),
        squeeze=(torch.squeeze, Tensor.squeeze),
        select=(Tensor.__getitem__, torch.index_select, Tensor.index_select),
        split=(torch.chunk, Tensor.chunk, torch.split, Tensor.split),
    ),
}


def describe(function: Any, args: tuple[Any, ...], kwargs: Arguments, x: Tensor) -> Operation:
    """The `Operation` of the call `function(*args, **kwargs)`, whose first activation is `x`."""
    row = TABLE.get(function)
    if row is None:
        return Operation("other", getattr(function, "__name__", repr(function)).strip("_"))
    if isinstance(row, Operation):
        return row
    names, described = row
    return described({**dict(zip(names, args, strict=False)), **kwargs}, x)
