"""Cost of 1x1 convolutions, bottlenecks, Inception modules and factorised kernels.

Convention: one multiply-add for every weight and output position, as in `cost`; a convolution keeps height and width
("same" padding, stride 1) and has a bias. Szegedy et al. 2014 (arXiv:1409.4842), 2015 (arXiv:1512.00567).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from explorer.records import Formula, Pair, ShapeTrace
from explorer.records.inception import BranchCost, ConvCost, GridReduction, InceptionWidths


def conv_cost(size: Pair, n_in: int, n_out: int, kernel: Pair) -> ConvCost:
    """What a convolution costs at every position of `size` (n_H, n_W)."""
    f_h, f_w = kernel
    weights = f_h * f_w * n_in * n_out
    f = "f·f" if f_h == f_w else "f_h·f_w"
    numbers = f"{f_h}·{f_w}·{n_in}·{n_out}"
    macs = Formula(size[0] * size[1] * weights, f"n_H·n_W·{f}·n_C·n_C′", f"{size[0]}·{size[1]}·{numbers}")
    return ConvCost(
        kernel, n_in, n_out, size, macs, Formula(weights + n_out, f"{f}·n_C·n_C′ + n_C′", f"{numbers} + {n_out}")
    )


def bottleneck(size: Pair, n_in: int, width: int, n_out: int, f: int) -> tuple[ConvCost, ConvCost]:
    """A 1x1 convolution to `width` channels, then f x f to `n_out`."""
    return conv_cost(size, n_in, width, (1, 1)), conv_cost(size, width, n_out, (f, f))


def break_even(n_in: int, n_out: int, f: int) -> Fraction:
    """The width at which a bottleneck costs as much as the f x f convolution alone: f²·C·C′ / (C + f²·C′)."""
    return Fraction(f * f * n_in * n_out, n_in + f * f * n_out)


def inception_module(size: Pair, widths: InceptionWidths, *, reduced: bool = True) -> tuple[BranchCost, ...]:
    """The four branches of a module. Without the 1x1 in front of the dear ones and behind the pool (`reduced` false)
    it is the naive module of the paper's Figure 2(a), and the pool hands on all its channels.
    """
    n_in, n1, r3, n3, r5, n5, pool = widths
    one = BranchCost("1x1", (conv_cost(size, n_in, n1, (1, 1)),), n1)
    if not reduced:
        three = BranchCost("3x3", (conv_cost(size, n_in, n3, (3, 3)),), n3)
        five = BranchCost("5x5", (conv_cost(size, n_in, n5, (5, 5)),), n5)
        return one, three, five, BranchCost("pool", (), n_in)
    return (
        one,
        BranchCost("3x3", bottleneck(size, n_in, r3, n3, 3), n3),
        BranchCost("5x5", bottleneck(size, n_in, r5, n5, 5), n5),
        BranchCost("pool", (conv_cost(size, n_in, pool, (1, 1)),), pool),
    )


def factorised(n: int, how: str) -> tuple[Pair, ...]:
    """The kernels that see as much as one n x n (n odd): "stack" of 3 x 3, or a "pair" 1 x n, n x 1."""
    return ((3, 3),) * ((n - 1) // 2) if how == "stack" else ((1, n), (n, 1))


def weights_of(kernels: Sequence[Pair]) -> int:
    """Weights of a chain of kernels, for one channel in and one out at every step: the C² of equal widths left out."""
    return sum(f_h * f_w for f_h, f_w in kernels)


def grid_reductions(side: int, n: int) -> tuple[GridReduction, ...]:
    """Three ways from side x side x n to half the side and 2n channels (Szegedy et al. 2015, section 5), 3 x 3 kernels.

    "late": convolve, then pool. "early": pool, then convolve: n channels on the small grid are a bottleneck.
    "parallel": a convolution of stride 2 to n channels beside a pool of stride 2, concatenated.
    """
    half = -(-side // 2)

    def macs(at: int, n_out: int) -> Formula:
        return Formula(at * at * 9 * n * n_out, "n_H′·n_W′·f·f·n_C·n_C′", f"{at}·{at}·3·3·{n}·{n_out}")

    shape = (half, half, 2 * n)
    return (
        GridReduction("late", shape, macs(side, 2 * n), half * half * 2 * n),
        GridReduction("early", shape, macs(half, 2 * n), half * half * n),
        GridReduction("parallel", shape, macs(half, n), half * half * 2 * n),
    )


def module_widths(trace: ShapeTrace) -> Mapping[str, tuple[Pair, InceptionWidths]]:
    """The Inception modules of a trace of GoogLeNet: {block: (size, widths)}, read from its convolutions in order."""
    found = {}
    for block in dict.fromkeys(layer.block for layer in trace.layers if layer.block_type == "Inception"):
        convs = [layer for layer in trace.layers if layer.block == block and layer.kind == "conv"]
        size = convs[0].out_shape[1], convs[0].out_shape[2]
        found[block] = size, InceptionWidths(convs[0].in_shape[0], *(conv.out_shape[0] for conv in convs))
    return found
