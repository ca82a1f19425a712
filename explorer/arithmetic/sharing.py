"""Fully connected against convolution: parameters and connections, the two as matrices, and kernels with a middle."""

from __future__ import annotations

from explorer.arithmetic.sizes import output_size, same_padding
from explorer.arithmetic.taps import ONE, Axis, window_taps
from explorer.records import Formula
from explorer.records.sharing import WIRINGS, SameKernel, WeightMatrix, Wiring, WiringCost


def wiring_costs(n: int, c: int, f: int, c_out: int, *, s: int = 1, p: int = 0) -> tuple[WiringCost, ...]:
    """What it costs to get from n x n x c to n' x n' x c_out, by each wiring, from most parameters to fewest.

    Raises `ValueError` where the window does not fit.
    """
    side = output_size(n, f, s=s, p=p).value
    if side < 1:
        raise ValueError(f"a window of {f} does not fit {n} + 2·{p}")
    inputs, outputs, window = n * n * c, side * side * c_out, f * f * c
    put = f"({side}·{side}·{c_out})"
    every = Formula(inputs * outputs, "(n·n·n_C)·(n′·n′·n_C′)", f"({n}·{n}·{c})·{put}")
    local = Formula(window * outputs, "(f·f·n_C)·(n′·n′·n_C′)", f"({f}·{f}·{c})·{put}")
    shared = Formula(window * c_out, "f·f·n_C·n_C′", f"{f}·{f}·{c}·{c_out}")
    return (
        WiringCost("dense", every, _with_bias(every, outputs, "n′·n′·n_C′", f"{side}·{side}·{c_out}"), every),
        WiringCost("local", local, _with_bias(local, outputs, "n′·n′·n_C′", f"{side}·{side}·{c_out}"), local),
        WiringCost("conv", shared, _with_bias(shared, c_out, "n_C′", f"{c_out}"), local),
    )


def _with_bias(weights: Formula, count: int, symbols: str, substituted: str) -> Formula:
    return Formula(weights.value + count, f"{weights.symbols} + {symbols}", f"{weights.substituted} + {substituted}")


def weight_matrices(n: int, f: int, s: int, *, planar: bool) -> tuple[WeightMatrix, ...]:
    """The matrix of each wiring for one channel of n cells, or n x n with `planar`, without padding.

    Raises `ValueError` where the window does not fit.
    """
    axis = Axis(n, f, s)
    if axis.out < 1:
        raise ValueError(f"a window of {f} does not fit {n}")
    taps = window_taps(axis if planar else ONE, axis)
    rows, columns = (axis.out**2, n * n) if planar else (axis.out, n)
    shared = tuple((row, column, weight) for row, column, weight in taps)
    local = tuple((row, column, number) for number, (row, column, _) in enumerate(taps))
    every = tuple((row, column, row * columns + column) for row in range(rows) for column in range(columns))
    entries: dict[Wiring, tuple[tuple[int, int, int], ...]] = {"dense": every, "local": local, "conv": shared}
    return tuple(
        WeightMatrix(wiring, rows, columns, len({weight for *_, weight in entries[wiring]}), entries[wiring])
        for wiring in WIRINGS
    )


def same_kernel(f: int) -> SameKernel:
    """Where the zeros of "same" padding go at stride 1, and where the middle of the window is then."""
    zeros = same_padding(f, f, 1).value
    before = zeros // 2
    return SameKernel(f, before, zeros - before, (f - 1) / 2 - before)
