"""Table of torch functions: the kind of each and, for sliding windows, their geometry.

A function that is not in it is recorded as kind "other", with the receptive field of its first input.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from explorer.networks import same_padding
from explorer.records import Pair, Unusual
from explorer.tracing.geometry import Arguments, of_convolution, of_interpolation, of_shuffle, pair


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
    unusual: Unusual | None = None


def _conv(function: str) -> Callable[[Arguments, Tensor], Operation]:
    def describe(args: Arguments, x: Tensor) -> Operation:
        window = of_convolution(args, args["weight"], transposed=function.startswith("conv_transpose"))
        groups: int = args.get("groups", 1)
        kind = "depthwise" if groups > 1 and groups == x.shape[1] else "conv"
        return Operation(
            kind,
            function,
            window.kernel,
            window.stride,
            window.padding,
            window.dilation,
            groups,
            bias=args.get("bias") is not None,
            unusual=window.unusual,
        )

    return describe


def _product(args: Arguments, x: Tensor) -> Operation:
    """x @ W, or W among the factors of `addmm`: a linear layer where W is a matrix of weights."""
    matrix = args.get("matrix")
    linear = args.get("input") is x and isinstance(matrix, Tensor) and matrix.dim() == 2
    return Operation("linear" if linear else "other", "matmul", bias=linear and args.get("bias") is not None)


def _einsum(args: Arguments, x: Tensor) -> Operation:
    """A linear layer, where the last axis meets a matrix and nothing else happens."""
    parts = str(args["equation"]).replace(" ", "").replace("->", ",").split(",")
    if len(parts) == 3 and args.get("input") is x and len(parts[1]) == 2:
        (source, matrix, target), (kept, summed) = parts, (parts[1].strip(parts[0][-1:]), parts[0][-1:])
        if summed in matrix and kept not in source and target == source[:-1] + kept:
            return Operation("linear", "einsum")
    return Operation("other", "einsum")


def _interpolate(args: Arguments, x: Tensor) -> Operation:
    return Operation("other", "interpolate", unusual=of_interpolation(args, x))


def _shuffle(function: str, *, back: bool) -> Callable[[Arguments, Tensor], Operation]:
    def describe(args: Arguments, x: Tensor) -> Operation:
        return Operation("reshape", function, unusual=of_shuffle(args["factor"], back=back))

    return describe


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

_MATMUL = (torch.matmul, Tensor.matmul, Tensor.__matmul__, torch.mm, Tensor.mm)
_OF_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_OF_TRANSPOSED = ("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")

TABLE: dict[Any, Operation | _Row] = {
    **_SAME_SHAPE,
    F.hardtanh: (("input", "min_val", "max_val"), _hardtanh),
    **{function: (_OF_CONV, _conv(function.__name__)) for function in (F.conv1d, F.conv2d, F.conv3d)},
    **{
        function: (_OF_TRANSPOSED, _conv(function.__name__))
        for function in (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
    },
    **dict.fromkeys(_MATMUL, (("input", "matrix"), _product)),
    torch.addmm: (("bias", "input", "matrix"), _product),
    torch.einsum: (("equation", "input", "matrix"), _einsum),
    F.interpolate: (("input", "size", "scale_factor", "mode"), _interpolate),
    F.pixel_shuffle: (("input", "factor"), _shuffle("pixel_shuffle", back=True)),
    F.pixel_unshuffle: (("input", "factor"), _shuffle("pixel_unshuffle", back=False)),
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
        permute=(torch.permute, Tensor.permute),
        transpose=(torch.transpose, Tensor.transpose),
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
