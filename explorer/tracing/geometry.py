"""Geometry of convolutions along one, two and three axes, transposed ones, and of upsampling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from torch import Tensor

from explorer.records import Pair, Steps, Unusual

Arguments = Mapping[str, Any]


class Window(NamedTuple):
    """Geometry of a sliding window along the last two axes, and what is unusual about it."""

    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    unusual: Unusual | None = None


def pair(value: Any) -> Pair:
    """(rows, columns) of a pair, or of one number for both."""
    if isinstance(value, int):
        return value, value
    rows, columns = (value[0], value[-1])
    return rows, columns


def of_convolution(args: Arguments, weight: Tensor, *, transposed: bool = False) -> Window:
    """Geometry of a convolution along as many axes as its weight has; one axis counts as (1, n)."""
    kernel = tuple(weight.shape[2:])
    axes = len(kernel)
    stride, dilation = (_each(args.get(name, 1), axes) for name in ("stride", "dilation"))
    padding = args.get("padding", 0)
    end: tuple[int, ...] | None = None
    if isinstance(padding, str):  # "same" or "valid"
        room = [d * (f - 1) if padding == "same" else 0 for f, d in zip(kernel, dilation, strict=True)]
        before = tuple(each // 2 for each in room)
        end = tuple(each - each // 2 for each in room)  # torch puts the odd one at the end
        end = end if end != before else None
    else:
        before = _each(padding, axes)
    unusual = Unusual(
        transposed=transposed,
        added=_last_two(_each(args.get("output_padding", 0), axes), 0),
        end=_last_two(end, 0) if end else None,
        through=(kernel[0], stride[0], before[0], dilation[0]) if axes == 3 else None,
    )
    kept = unusual if unusual != Unusual() else None
    return Window(_last_two(kernel, 1), _last_two(stride, 1), _last_two(before, 0), _last_two(dilation, 1), kept)


def _each(value: Any, axes: int) -> tuple[int, ...]:
    given = (value,) if isinstance(value, int) else tuple(value)
    return given * axes if len(given) == 1 else given


def _last_two(values: tuple[int, ...], alone: int) -> Pair:
    """The values of the last two axes; `alone` for the rows of a single axis."""
    return (values[-2] if len(values) > 1 else alone), values[-1]


def of_interpolation(args: Arguments, x: Tensor) -> Unusual | None:
    """What a cell of an upsampled map reads; None for a size that does not follow from the arguments.

    Nearest: cell i reads floor(i n / n'). Bilinear: the two cells around (i + 1/2) n / n' - 1/2, bicubic two more.
    """
    sides, size, factor = tuple(x.shape[2:]), args.get("size"), args.get("scale_factor")
    if size is not None:
        after = _each(size, len(sides))
    elif factor is not None:
        factors = (factor,) * len(sides) if isinstance(factor, int | float) else tuple(factor)
        after = tuple(int(n * s) for n, s in zip(sides, factors, strict=True))
    else:
        return None
    mode = args.get("mode", "nearest")
    more = {"nearest": None, "nearest-exact": None}.get(mode, 1 if mode == "bicubic" else 0)
    steps = [_resampling(n, m, more) for n, m in zip(sides[-2:], after[-2:], strict=True)]
    return Unusual(resampled=(steps[0] if len(steps) > 1 else Steps(1, 1, 0, 0), steps[-1]))


def _resampling(before: int, after: int, more: int | None) -> Steps:
    """What a cell reads where `before` cells become `after`: one, or two and `more` on either side."""
    if before == after:
        return Steps(1, 1, 0, 0)
    if more is None:
        return Steps(before, after, 0, 0)
    beside = 2 * after * more
    return Steps(2 * before, 2 * after, before - after - beside, before + after + beside)


def of_shuffle(factor: int, *, back: bool = False) -> Unusual:
    """What a cell reads after cells became channels by `factor`, or, `back`, channels became cells."""
    along = Steps(1, factor, 0, 0) if back else Steps(factor, 1, 0, factor - 1)
    return Unusual(resampled=(along, along))
