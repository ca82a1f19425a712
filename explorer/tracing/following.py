"""What an operation does to the receptive field of a map, and to the axes that are its rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from explorer.arithmetic import (
    rf_linear,
    rf_pad,
    rf_steps,
    rf_union,
    rf_window,
    same_padding,
    transposed_steps,
)
from explorer.records import Pair, ReceptiveField
from explorer.tracing.operations import Operation

Axes = tuple[int | None, int | None]


@dataclass(slots=True)
class Activation:
    """Bookkeeping of one activation: index of its record, RF, and the (H, W) grid it covers, kept through flatten.

    `axes` are those of its rows and columns, None for one that it has not; None where they are mixed with others, as
    after flattening. `moved`: they are not where a map has them.
    """

    source: int
    rf: ReceptiveField
    extent: Pair
    tensor: Tensor  # a reference, so that its id is not reused during the pass
    axes: Axes | None
    moved: bool = False

    @classmethod
    def of_input(cls, x: Tensor, rf: ReceptiveField) -> Activation:
        """The image (1, C, H, W); a sequence (1, C, L) is a single row."""
        grid = x.dim() > 3
        extent = (x.shape[-2] if grid else 1, x.shape[-1])
        return cls(-1, rf, extent, x, (x.dim() - 2 if grid else None, x.dim() - 1))


def after(
    operation: Operation, values: list[Activation], args: Any, kwargs: dict[str, Any], out: Tensor, source: int
) -> Activation:
    """The output of an operation that read `values`, the image's path first."""
    first = values[0]
    axes = _axes_after(operation, first, args, kwargs, out)
    rf, extent = _field_after(operation, values, args, kwargs, out, axes)
    moved = first.moved or operation.function in {"permute", "transpose"}
    return Activation(source, rf, extent, out, axes, moved)


def read_by_linear(value: Activation) -> Pair:
    """Rows and columns that a linear layer reads: those along the last axis."""
    if value.axes is None:
        return value.extent
    last = value.tensor.dim() - 1
    rows, columns = (n if axis == last else 1 for n, axis in zip(value.extent, value.axes, strict=True))
    return rows, columns


def _axes_after(
    operation: Operation, before: Activation, args: Any, kwargs: dict[str, Any], out: Tensor
) -> Axes | None:
    axes, dims = before.axes, before.tensor.dim()
    if axes is None:
        return (2, 3) if out.dim() == 4 and operation.kind == "reshape" else None
    if operation.function == "permute":
        given = args[1:] or tuple(kwargs.values())
        order = [int(axis) % dims for axis in (given[0] if isinstance(given[0], Sequence) else given)]
        return _mapped(axes, {old: new for new, old in enumerate(order)})
    if operation.function == "transpose":
        one, other = (int(axis) % dims for axis in (args[1:] or tuple(kwargs.values())))
        return _mapped(axes, {**{axis: axis for axis in range(dims)}, one: other, other: one})
    if operation.function == "flatten":
        start = int(args[1] if len(args) > 1 else kwargs.get("start_dim", 0)) % dims
        end = int(args[2] if len(args) > 2 else kwargs.get("end_dim", -1)) % dims
        if start <= 1 <= end:
            return None  # mixed with the channels
        return _mapped(axes, {axis: min(axis, start) if axis <= end else axis - end + start for axis in range(dims)})
    return axes if out.dim() == dims else None


def _mapped(axes: Axes, new: dict[int, int]) -> Axes:
    rows, columns = (None if axis is None else new[axis] for axis in axes)
    return rows, columns


def _field_after(
    operation: Operation, values: list[Activation], args: Any, kwargs: dict[str, Any], out: Tensor, axes: Axes | None
) -> tuple[ReceptiveField, Pair]:
    """Receptive field and extent after an operation."""
    first, more = values[0], operation.unusual
    extent = first.extent
    if axes is not None and len({*axes}) == 2:  # two of them, and not merged into one
        rows, columns = (1 if axis is None else out.shape[axis] for axis in axes)
        extent = rows, columns
    if more is not None and more.resampled is not None:
        return rf_steps(first.rf, more.resampled), extent
    if operation.kernel is not None and operation.stride is not None:
        padding, dilation = operation.padding or (0, 0), operation.dilation or (1, 1)
        if more is not None and more.transposed:
            windows = zip(operation.kernel, operation.stride, padding, dilation, strict=True)
            return rf_steps(first.rf, [transposed_steps(*window) for window in windows]), extent
        return rf_window(first.rf, operation.kernel, operation.stride, padding, dilation), extent
    if operation.kind == "linear":
        rows, columns = read_by_linear(first)
        left = (extent[0] if rows == 1 else 1, extent[1] if columns == 1 else 1)
        return rf_linear(first.rf, (rows, columns)), left
    if operation.kind in {"add", "concat"}:
        return rf_union(value.rf for value in values), extent
    if operation.function == "pad":
        pad: Sequence[int] = args[1] if len(args) > 1 else kwargs["pad"]
        top_left = (pad[2] if len(pad) > 2 else 0, pad[0])
        return rf_pad(first.rf, top_left), extent
    if operation.pads_for is not None:
        room = [same_padding(n, f, s).value for n, f, s in zip(first.extent, *operation.pads_for, strict=True)]
        return rf_pad(first.rf, (room[0] // 2, room[1] // 2)), extent
    return first.rf, extent
