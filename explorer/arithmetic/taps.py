"""Which cells meet in a sliding window, one by one, and what they add up to.

A tap is (output cell, input cell, weight cell); cells are counted row by row. Input cells are those of the padded
input, so that zeros of the padding are seen and counted like any other value. Plain Python: integers stay integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.arithmetic.sizes import output_size
from explorer.records import LinkedStep, Pairing, Tap


@dataclass(frozen=True, slots=True)
class Axis:
    """A window along one axis: `n` cells, kernel `f`, stride `s`, cells of padding at both ends, dilation `d`."""

    n: int
    f: int
    s: int = 1
    before: int = 0
    after: int = 0
    d: int = 1

    @property
    def padded(self) -> int:
        """Cells of the input with its padding."""
        return self.before + self.n + self.after

    @property
    def out(self) -> int:
        """Cells of the output; below 1 where the window does not fit."""
        return output_size(self.padded, self.f, s=self.s, d=self.d).value

    def is_padding(self, cell: int) -> bool:
        """Whether a cell of the padded input is one of its zeros."""
        return not self.before <= cell < self.before + self.n


ONE = Axis(1, 1)
"""The axis that a 1-D window does not have."""


def window_taps(rows: Axis, columns: Axis, *, into_padding: bool = True) -> tuple[Tap, ...]:
    """The taps of a convolution (cross-correlation) or a pooling, output by output, each window row by row.

    `into_padding`: whether a window's cells in the padding count; in a maximum they do not.
    """
    return tuple(
        (y * columns.out + x, i * columns.padded + j, k * columns.f + m)
        for y in range(rows.out)
        for x in range(columns.out)
        for k, i in _window(rows, y)
        for m, j in _window(columns, x)
        if into_padding or not (rows.is_padding(i) or columns.is_padding(j))
    )


def _window(axis: Axis, at: int) -> list[tuple[int, int]]:
    """(weight, padded input) cells along one axis for the output cell `at`."""
    return [(k, at * axis.s + k * axis.d) for k in range(axis.f)]


@dataclass(frozen=True, slots=True)
class Spread:
    """A transposed window along one axis: each of `n` cells is spread over `f` cells, `s` cells apart from the next.

    `p` cells are cut off at both ends, `extra` are added at the far end (PyTorch's `output_padding`).
    """

    n: int
    f: int
    s: int = 1
    p: int = 0
    d: int = 1
    extra: int = 0

    @property
    def out(self) -> int:
        """Cells of the output: (n − 1)s − 2p + d(f − 1) + 1 + extra."""
        return (self.n - 1) * self.s - 2 * self.p + self.d * (self.f - 1) + 1 + self.extra


def spread_taps(rows: Spread, columns: Spread) -> tuple[Tap, ...]:
    """The taps of a transposed convolution, input by input: where each stamp puts its products."""
    return tuple(
        (y * columns.out + x, i * columns.n + j, k * columns.f + m)
        for i in range(rows.n)
        for j in range(columns.n)
        for k, y in _stamp(rows, i)
        for m, x in _stamp(columns, j)
    )


def _stamp(axis: Spread, at: int) -> list[tuple[int, int]]:
    """(weight, output) cells along one axis that the input cell `at` reaches."""
    reached = [(k, at * axis.s + k * axis.d - axis.p) for k in range(axis.f)]
    return [(k, out) for k, out in reached if 0 <= out < axis.out]


def channel_pairs(n_in: int, n_out: int, groups: int = 1) -> tuple[Pairing, ...]:
    """Which channels meet: (output, input, weight plane). A filter reads only the channels of its own group.

    The weight planes are ordered as PyTorch orders them: (output, input within the group).
    """
    reads, fills = n_in // groups, n_out // groups
    return tuple(
        (out, out // fills * reads + inside, out * reads + inside) for out in range(n_out) for inside in range(reads)
    )


def outcome(step: LinkedStep, values: Mapping[str, Sequence[float]], cells: int) -> tuple[tuple[float, ...], ...]:
    """The values of a step's output planes, each of `cells` cells, from the values of its inputs and weights."""
    terms: list[list[list[float]]] = [[[] for _ in range(cells)] for _ in step.outputs]
    for out, source, weight in step.pairs:
        given, kernel = values[step.inputs[source]], values[step.weights[weight]] if weight >= 0 else ()
        for target, cell, w in step.taps:
            terms[out][target].append(given[cell] * kernel[w] if weight >= 0 and w >= 0 else given[cell])
    bias = step.bias or (0,) * len(step.outputs)
    return tuple(
        tuple(_combined(each, step.operation) + offset for each in plane)
        for plane, offset in zip(terms, bias, strict=True)
    )


def _combined(terms: Sequence[float], operation: str) -> float:
    if operation == "max":
        return max(terms, default=float("-inf"))
    return sum(terms) / (len(terms) or 1 if operation == "mean" else 1)
