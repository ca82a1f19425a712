"""A grid pooled, and its gradient on the way back, as linked planes; pooling as a special convolution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.arithmetic import pooling
from explorer.arithmetic.pooling import Rows
from explorer.arithmetic.taps import Axis, window_taps
from explorer.records import LinkedStep, LinkedView, Plane, Tap
from explorer.records.nonlinear import PoolSetting


@dataclass(frozen=True, slots=True)
class PoolPreset:
    """A grid and a setting with a name; `title` is a string's key below `nonlinearities.preset`."""

    slug: str
    grid: tuple[tuple[float, ...], ...]
    setting: PoolSetting


_FOUR = ((1.0, 3.0, 2.0, 1.0), (2.0, 9.0, 1.0, 1.0), (1.0, 3.0, 2.0, 3.0), (5.0, 6.0, 1.0, 2.0))
_AVERAGED = ((1.0, 3.0, 2.0, 1.0), (2.0, 9.0, 1.0, 1.0), (1.0, 4.0, 2.0, 3.0), (5.0, 6.0, 1.0, 2.0))
_FIVE = (
    (1.0, 3.0, 2.0, 1.0, 3.0),
    (2.0, 9.0, 1.0, 1.0, 5.0),
    (1.0, 3.0, 2.0, 3.0, 2.0),
    (8.0, 3.0, 5.0, 1.0, 0.0),
    (5.0, 6.0, 1.0, 2.0, 9.0),
)
_EDGE = tuple(tuple(9.0 if column == 2 else 0.0 for column in range(6)) for _ in range(6))

PRESETS = (
    PoolPreset("slide-max", _FOUR, PoolSetting(2, 2)),
    PoolPreset("slide-average", _AVERAGED, PoolSetting(2, 2, 0, "mean")),
    PoolPreset("slide-overlap", _FIVE, PoolSetting(3, 1)),
    PoolPreset("alexnet", _FIVE, PoolSetting(3, 2)),
    PoolPreset("ties", ((4.0, 4.0, 1.0, 0.0), (4.0, 4.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0)),
               PoolSetting(2, 2)),
    PoolPreset("edge", _EDGE, PoolSetting(2, 2)),
    PoolPreset("inception", _FIVE, PoolSetting(3, 1, 1)),
    PoolPreset("global", _FIVE, PoolSetting(2, 2, 0, "mean", whole=True)),
)  # fmt: skip
"""The course's own numbers first (A. Ng, *Convolutional Neural Networks*, week 1, pooling layers)."""


@dataclass(frozen=True, slots=True)
class PoolTitles:
    """What stands above the planes of a view and its two steps."""

    x: str
    y: str
    dy: str
    dx: str
    share: str
    forward: str
    backward: str


def linked(grid: Rows, setting: PoolSetting, titles: PoolTitles) -> LinkedView:
    """A grid, what pooling makes of it, and below it a gradient of ones at every output, on its way back.

    Only for a setting that can be: see `arithmetic.pooling.problem`.
    """
    rows, columns = len(grid), len(grid[0])
    p = 0 if setting.whole else setting.padding
    out = pooling.pool(grid, setting)
    ones = [[1.0] * len(out[0]) for _ in out]
    back = pooling.backward(grid, ones, setting)
    mean = setting.operation == "mean"
    planes = [
        Plane(
            key="x",
            title=titles.x,
            rows=rows + 2 * p,
            columns=columns + 2 * p,
            values=_flat(_padded(grid, p)),
            rim=(p, p, p, p),
            editable=True,
        ),
        _plane("y", titles.y, out),
        _plane("dy", titles.dy, ones),
        _plane("dx", titles.dx, back),
    ]
    if mean:
        planes.append(_plane("share", titles.share, [[1 / pooling.divisor(rows, columns, setting)]]))
    forward = LinkedStep(
        inputs=("x",),
        outputs=("y",),
        pairs=((0, 0, -1),),
        taps=_forward(rows, columns, setting),
        operation="mean" if mean else "max",
        title=titles.forward,
    )
    backward = LinkedStep(
        inputs=("dy",),
        outputs=("dx",),
        pairs=((0, 0, 0 if mean else -1),),
        weights=("share",) if mean else (),
        taps=tuple(_backward(grid, setting)),
        title=titles.backward,
    )
    return LinkedView(planes=tuple(planes), steps=(forward, backward), walk=("y",))


def _forward(rows: int, columns: int, setting: PoolSetting) -> tuple[Tap, ...]:
    """A maximum looks at real cells only, a mean at the zeros of the padding as well."""
    axes = [Axis(n, n) if setting.whole else _axis(n, setting) for n in (rows, columns)]
    taps = window_taps(*axes, into_padding=setting.operation == "mean")
    return tuple((out, cell, -1) for out, cell, _ in taps)


def _axis(length: int, setting: PoolSetting) -> Axis:
    return Axis(length, setting.side, setting.stride, setting.padding, setting.padding)


def _backward(grid: Rows, setting: PoolSetting) -> list[Tap]:
    taps: list[Tap] = []
    rows, columns = len(grid), len(grid[0])
    across = pooling.size(columns, setting)
    for (i, j), window in pooling.windows(rows, columns, setting):
        if setting.operation == "max":
            r, c = pooling.chosen(grid, window)
            taps.append((r * columns + c, i * across + j, -1))
        else:
            taps += [(r * columns + c, i * across + j, 0) for r, c in window]
    return sorted(taps)


def _plane(key: str, title: str, values: Rows) -> Plane:
    return Plane(key=key, title=title, rows=len(values), columns=len(values[0]), values=_flat(values))


def _padded(grid: Rows, p: int) -> list[list[float]]:
    wide = len(grid[0]) + 2 * p
    rim = [[0.0] * wide for _ in range(p)]
    return [*rim, *([0.0] * p + [float(v) for v in row] + [0.0] * p for row in grid), *rim]


def _flat(values: Rows) -> tuple[float, ...]:
    return tuple(float(value) for row in values for value in row)


# --- pooling as a special convolution ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AsConvolution:
    """Mean pooling and the depthwise convolution with a kernel of 1/K^2 on the same volume: the largest difference.

    `weights` has what that convolution has, `full` what a convolution from C to C channels has, of which `zero` are 0.
    `additive` is how far pool(a + b) is from pool(a) + pool(b) at most: 0 for a linear map.
    """

    difference: float
    weights: int
    full: int
    zero: int
    mean_additive: float
    max_additive: float


def as_convolution(side: int, stride: int, channels: int, seed: int = 0) -> AsConvolution:
    """Measured on a random volume (1, C, 12, 12) by torch."""
    import torch
    import torch.nn.functional as F

    generator = torch.Generator().manual_seed(seed)
    a, b = (torch.randn(1, channels, 12, 12, generator=generator, dtype=torch.float64) for _ in "ab")
    kernel = torch.full((channels, 1, side, side), 1 / side**2, dtype=torch.float64)
    pooled = F.avg_pool2d(a, side, stride)
    convolved = F.conv2d(a, kernel, stride=stride, groups=channels)
    mean = F.avg_pool2d(a + b, side, stride) - pooled - F.avg_pool2d(b, side, stride)
    largest = F.max_pool2d(a + b, side, stride) - F.max_pool2d(a, side, stride) - F.max_pool2d(b, side, stride)
    weights = kernel.numel()
    full = weights * channels
    return AsConvolution(
        float((pooled - convolved).abs().max()),
        weights,
        full,
        full - weights,
        float(mean.abs().max()),
        float(largest.abs().max()),
    )


def changed(grid: Sequence[Sequence[float]], setting: PoolSetting, by: int = 1) -> tuple[int, int, int, int]:
    """A grid shifted to the right by some columns: (cells that changed, of how many), before and after pooling."""
    moved = pooling.shifted(grid, by)
    before, after = pooling.pool(grid, setting), pooling.pool(moved, setting)
    return (*_different(grid, moved), *_different(before, after))


def _different(a: Rows, b: Rows) -> tuple[int, int]:
    pairs = [(x, y) for row, other in zip(a, b, strict=True) for x, y in zip(row, other, strict=True)]
    return sum(x != y for x, y in pairs), len(pairs)
