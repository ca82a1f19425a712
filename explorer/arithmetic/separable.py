"""What a convolution costs whole, in two steps, and in the inverted residual block; without biases.

Howard et al. 2017 (arXiv:1704.04861), section 3.1; Sandler et al. 2018 (arXiv:1801.04381), Table 1. MACs as in `cost`.
"""

from __future__ import annotations

from fractions import Fraction

from explorer.arithmetic.sizes import output_size
from explorer.records import Formula
from explorer.records.efficient import CostStep


def full(side: int, n_in: int, n_out: int, f: int, *, s: int = 1, p: int = 0) -> CostStep:
    """A convolution that filters and mixes at once, `side` x `side` x `n_in` to `n_out` channels."""
    out = output_size(side, f, s=s, p=p).value
    weights = Formula(f * f * n_in * n_out, "f·f·n_C·n_C′", f"{f}·{f}·{n_in}·{n_out}")
    return _step("full", (n_in, side, side), (n_out, out, out), weights)


def depthwise(side: int, n_in: int, f: int, *, s: int = 1, p: int = 0) -> CostStep:
    """One filter for each channel, which reads this channel alone."""
    out = output_size(side, f, s=s, p=p).value
    weights = Formula(f * f * n_in, "f·f·n_C", f"{f}·{f}·{n_in}")
    return _step("depthwise", (n_in, side, side), (n_in, out, out), weights)


def pointwise(side: int, n_in: int, n_out: int, kind: str = "pointwise") -> CostStep:
    """A 1x1 convolution: mixes the channels of each position."""
    weights = Formula(n_in * n_out, "n_C·n_C′", f"{n_in}·{n_out}")
    return _step(kind, (n_in, side, side), (n_out, side, side), weights)


def separable(side: int, n_in: int, n_out: int, f: int, *, s: int = 1, p: int = 0) -> tuple[CostStep, CostStep]:
    """Depthwise, then pointwise."""
    first = depthwise(side, n_in, f, s=s, p=p)
    return first, pointwise(first.after[1], n_in, n_out)


def cost_ratio(n_out: int, f: int) -> Fraction:
    """Multiply-adds of the two steps against those of the whole: 1/n_C' + 1/f^2, whatever the other sizes."""
    return Fraction(1, n_out) + Fraction(1, f * f)


def inverted(side: int, n_in: int, n_out: int, *, t: int, f: int = 3, s: int = 1) -> tuple[CostStep, ...]:
    """Expansion to t·n_in channels (left out where t is 1), depthwise with "same" padding, projection."""
    wide = t * n_in
    expand = (pointwise(side, n_in, wide, "expand"),) if t > 1 else ()
    middle = depthwise(side, wide, f, s=s, p=f // 2)
    return (*expand, middle, pointwise(middle.after[1], wide, n_out, "project"))


def _step(kind: str, before: tuple[int, int, int], after: tuple[int, int, int], weights: Formula) -> CostStep:
    rows, columns = after[1:]
    macs = Formula(
        rows * columns * weights.value,
        f"n_H′·n_W′·{weights.symbols}",
        f"{rows}·{columns}·{weights.substituted}",
    )
    return CostStep(kind, before, after, weights, macs)
