"""A 1x1 convolution by hand: a dot product of the channels at every position, or one number times a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.arithmetic.taps import Axis, channel_pairs, outcome, window_taps
from explorer.records import LinkedStep, LinkedView, Plane

SIDE = 6
_PATTERNS: tuple[Callable[[int, int], bool], ...] = (
    lambda i, j: i < SIDE // 2,  # light above
    lambda i, j: j < SIDE // 2,  # light on the left
    lambda i, j: i in (2, 3) and j in (2, 3),  # a spot
    lambda i, j: (i + j) % 2 == 0,  # a checkerboard
)
CHANNELS = len(_PATTERNS)
WEIGHTS = (1.0, -1.0, 2.0, 0.0, 0.0, 1.0, 1.0, -2.0)
"""Two filters over four channels, filter by filter."""

ONE_WEIGHT = (2.0,)


def patterns(channels: int) -> tuple[tuple[float, ...], ...]:
    """The input: channels of 6 x 6 cells, row by row."""
    return tuple(
        tuple(float(lit(i, j)) * (1 + k) for i in range(SIDE) for j in range(SIDE))
        for k, lit in enumerate(_PATTERNS[:channels])
    )


def pointwise_view(
    read: Sequence[Sequence[float]],
    weights: Sequence[float],
    *,
    named_input: Callable[[int], str],
    named_weight: Callable[[int, int], str],
    named_output: Callable[[int], str],
) -> LinkedView:
    """Planes of channels, one weight for each (filter, channel), and the outputs; all of them 6 x 6 but the weights.

    `read` are the channels, row by row, `weights` are given filter by filter. The names get numbers that begin with 1.
    """
    channels = len(read)
    filters, axis = len(weights) // channels, Axis(SIDE, 1)
    inputs = tuple(f"x{c}" for c in range(channels))
    kernels = tuple(f"w{n}" for n in range(len(weights)))
    outputs = tuple(f"y{k}" for k in range(filters))
    pairs, taps = channel_pairs(channels, filters), window_taps(axis, axis)
    step = LinkedStep(inputs=inputs, outputs=outputs, pairs=pairs, taps=taps, weights=kernels)
    values = dict(zip(inputs, read, strict=True)) | {key: (w,) for key, w in zip(kernels, weights, strict=True)}
    given = outcome(step, values, SIDE * SIDE)
    planes = [
        Plane(key=key, title=named_input(c + 1), rows=SIDE, columns=SIDE, values=tuple(read[c]))
        for c, key in enumerate(inputs)
    ]
    planes += [
        Plane(
            key=key,
            title=named_weight(n // channels + 1, n % channels + 1),
            rows=1,
            columns=1,
            values=(weights[n],),
            editable=True,
        )
        for n, key in enumerate(kernels)
    ]
    planes += [
        Plane(key=key, title=named_output(k + 1), rows=SIDE, columns=SIDE, values=given[k])
        for k, key in enumerate(outputs)
    ]
    return LinkedView(planes=tuple(planes), steps=(step,), walk=outputs)


def matrix_view(
    read: Sequence[Sequence[float]], weights: Sequence[float], *, named: tuple[str, str, str]
) -> LinkedView:
    """The same for many channels and one filter, as the matrix that it is: 36 positions x C, times C weights.

    `read` are the channels, row by row. `named` are the titles of the input, the filter and the output, which is drawn
    as the map that it is, 6 x 6.
    """
    positions, channels = SIDE * SIDE, len(read)
    matrix = tuple(read[c][i] for i in range(positions) for c in range(channels))
    taps = tuple((i, i * channels + c, c) for i in range(positions) for c in range(channels))
    step = LinkedStep(inputs=("x",), outputs=("y",), pairs=((0, 0, 0),), taps=taps, weights=("w",))
    (given,) = outcome(step, {"x": matrix, "w": weights}, positions)
    return LinkedView(
        planes=(
            Plane(key="x", title=named[0], rows=positions, columns=channels, values=matrix),
            Plane(key="w", title=named[1], rows=1, columns=channels, values=tuple(weights)),
            Plane(key="y", title=named[2], rows=SIDE, columns=SIDE, values=given),
        ),
        steps=(step,),
        walk=("y",),
    )
