"""A few outputs of a filtered photograph cell by cell: the pixels that they read, the weights, what they add up to."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.arithmetic.taps import Axis, window_taps
from explorer.records import LinkedStep, LinkedView, Pairing, Plane
from explorer.records.convolving import Grid
from explorer.records.filtered import Filter, Filtered

_OUTPUTS = (5, 3, 1)
_WIDEST = 16
"""Cells of the input that are shown at most along one axis, but for a single window that is wider."""

LARGEST = 24
"""A single window wider than this is not shown."""


def zoomed(
    found: Filtered, asked: Filter, at: tuple[int, int], words: Mapping[str, str]
) -> tuple[LinkedView, tuple[int, int]] | None:
    """The outputs around `at` (row, column), and where that one is among them; None where a window is too wide.

    `words` are titles: "image", "image-0" to "image-2" for the colours, "kernel", "across" and "along" for the two of
    a magnitude, "result".
    """
    span = max(asked.dilation * (f - 1) + 1 for f in (len(asked.kernel), len(asked.kernel[0])))
    if span > LARGEST:
        return None
    most = next((k for k in _OUTPUTS if (k - 1) * asked.stride + span <= _WIDEST), 1)
    sides = found.values.shape[1:]
    windows = [_around(place, side, most) for place, side in zip(at, sides, strict=True)]
    kernels = [asked.kernel, tuple(zip(*asked.kernel, strict=True))] if asked.magnitude else [asked.kernel]
    channels = 1 if found.before.ndim == 2 else 3
    axes = [
        Axis((count - 1) * asked.stride + asked.dilation * (f - 1) + 1, f, asked.stride, d=asked.dilation)
        for (_, count), f in zip(windows, (len(asked.kernel), len(asked.kernel[0])), strict=True)
    ]
    firsts = [first * asked.stride - asked.padding for first, _ in windows]
    inputs = [_input(found, channel, axes, firsts, words) for channel in range(channels)]
    weights = [_weight(kernel, number, len(kernels), words) for number, kernel in enumerate(kernels)]
    summed = asked.over == "sum"
    outputs: list[Plane] = []
    pairs: list[Pairing] = []
    for number, kernel in enumerate(kernels):
        for channel in range(1 if summed else channels):
            reads = range(channels) if summed else (channel,)
            planes = [inputs[each] for each in reads]
            outputs.append(_output(planes, kernel, axes, len(outputs), found, words))
            pairs += [(len(outputs) - 1, each, number) for each in reads]
    step = LinkedStep(
        inputs=tuple(plane.key for plane in inputs),
        weights=tuple(plane.key for plane in weights),
        outputs=tuple(plane.key for plane in outputs),
        pairs=tuple(pairs),
        taps=window_taps(axes[0], axes[1]),
    )
    walk = tuple(plane.key for plane in outputs)
    here = (at[0] - windows[0][0], at[1] - windows[1][0])
    return LinkedView(planes=(*inputs, *weights, *outputs), steps=(step,), walk=walk), here


def _around(place: int, side: int, most: int) -> tuple[int, int]:
    """The first of at most `most` outputs around a place, and how many there are."""
    count = min(most, side)
    return max(0, min(place - count // 2, side - count)), count


def _input(found: Filtered, channel: int, axes: list[Axis], firsts: list[int], words: Mapping[str, str]) -> Plane:
    image = found.before if found.before.ndim == 2 else found.before[..., channel]
    height, width = image.shape
    (top, left), (rows, columns) = firsts, (axis.n for axis in axes)
    values = tuple(
        float(image[row, column]) if 0 <= row < height and 0 <= column < width else 0.0
        for row in range(top, top + rows)
        for column in range(left, left + columns)
    )
    rim = (
        max(0, min(rows, -top)),
        max(0, min(rows, top + rows - height)),
        max(0, min(columns, -left)),
        max(0, min(columns, left + columns - width)),
    )
    name = "image" if found.before.ndim == 2 else f"image-{channel}"
    return Plane(
        key=f"x{channel}",
        title=words[name],
        rows=rows,
        columns=columns,
        values=values,
        rim=rim,
        look="grey",
        low=0,
        high=255,
    )


def _weight(kernel: Grid, number: int, count: int, words: Mapping[str, str]) -> Plane:
    title = words["kernel"] if count == 1 else words[("across", "along")[number]]
    values = tuple(float(value) for row in kernel for value in row)
    return Plane(
        key=f"w{number}",
        title=title,
        rows=len(kernel),
        columns=len(kernel[0]),
        values=values,
        editable=not number,
    )


def _output(
    planes: list[Plane], kernel: Grid, axes: list[Axis], number: int, found: Filtered, words: Mapping[str, str]
) -> Plane:
    flat = [float(value) for row in kernel for value in row]
    rows, columns = axes[0].out, axes[1].out
    values = [0.0] * (rows * columns)
    for output, source, weight in window_taps(axes[0], axes[1]):
        values[output] += sum(plane.values[source] for plane in planes) * flat[weight]
    image = found.result == "image"
    limit = found.limit
    return Plane(
        key=f"y{number}",
        title=words["result"],
        rows=rows,
        columns=columns,
        values=tuple(values),
        look="grey" if image else "signed",
        low=0 if image else -limit,
        high=limit,
    )
