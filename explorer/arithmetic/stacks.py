"""Stacks of sliding windows along one axis: sizes, receptive fields step by step, and the ways from output to input.

The recursion is that of `receptive`, which computes it; here its numbers are put in. How many ways lead from an output
to a cell is a product of polynomials, one a layer: a 1 for each cell that a window reads, spread by the dilation and,
further down, by the strides above it.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.arithmetic.receptive import field_of_input, rf_window
from explorer.arithmetic.sizes import output_size
from explorer.records import Formula
from explorer.records.stacks import GrownField, Reach, StackedPair, StackMisfit, WindowLayer


def misfit(layers: Sequence[WindowLayer], n: int) -> StackMisfit | None:
    """The first layer whose window is larger than what it slides over on an input of `n` pixels; None if all fit."""
    side = n
    for number, (f, s, p, d) in enumerate(layers, 1):
        after = output_size(side, f, s=s, p=p, d=d).value
        if after < 1:
            return StackMisfit(number, d * (f - 1) + 1, side + 2 * p, smallest_input(layers))
        side = after
    return None


def grown(layers: Sequence[WindowLayer], n: int) -> tuple[GrownField, ...]:
    """The receptive field after each layer on an input of `n` pixels, the input itself first.

    Raises `ValueError` where a window does not fit: see `misfit`.
    """
    field = field_of_input()
    found = [GrownField(Formula(n, "n", f"{n}"), Formula(1, "1", "1"), Formula(1, "1", "1"), Formula(0, "0", "0"))]
    for f, s, p, d in layers:
        before = found[-1]
        side = output_size(before.side.value, f, s=s, p=p, d=d)
        if side.value < 1:
            raise ValueError(f"a window of {f} cells does not fit {before.side.value}")
        field = rf_window(field, (f, f), (s, s), (p, p), (d, d))
        size = f"{before.size.value} + {d}·({f} − 1)·{before.jump.value}"
        start = f"{before.start.value} − {p}·{before.jump.value}".replace("-", "−")
        found.append(
            GrownField(
                side,
                Formula(field.size[0], "r + d·(f − 1)·j", size),
                Formula(field.jump[0], "j·s", f"{before.jump.value}·{s}"),
                Formula(field.start[0], "start − p·j", start),
            )
        )
    return tuple(found)


def smallest_input(layers: Sequence[WindowLayer]) -> int:
    """The smallest input for which every layer of a stack has an output."""
    need = 1
    for f, s, p, d in reversed(layers):
        need = max((need - 1) * s + d * (f - 1) + 1 - 2 * p, 1)
    return need


def reached(layers: Sequence[WindowLayer], n: int, cell: int) -> tuple[Reach, ...]:
    """What one output of a stack reads of its input of `n` pixels, of each layer, and of itself, in this order.

    A way ends where a layer reads its padding: nothing comes from there. Raises `ValueError` as `grown` does.
    """
    sides = [field.side.value for field in grown(layers, n)]
    found = [Reach(cell, (1,))]
    for (f, s, p, d), side in zip(reversed(layers), reversed(sides[:-1]), strict=True):
        above = found[-1]
        first = above.first * s - p
        ways = [0] * ((len(above.ways) - 1) * s + d * (f - 1) + 1)
        for place, count in enumerate(above.ways):
            for tap in range(f):
                ways[place * s + tap * d] += count
        begin, end = max(0, -first), max(0, min(len(ways), side - first))
        found.append(Reach(first + begin, tuple(ways[begin:end])))
    return tuple(reversed(found))


def middle_share(ways: Sequence[int]) -> float:
    """The share of all ways that leads to the middle half of a window; 0.5 where all its cells are read as often."""
    length = len(ways)
    half = [max(0.0, min(place + 1, 0.75 * length) - max(place, 0.25 * length)) for place in range(length)]
    return sum(count * part for count, part in zip(ways, half, strict=True)) / (sum(ways) or 1)


def stacked_pair(f: int, layers: int, channels: int) -> StackedPair:
    """`layers` layers of f x f against the one layer that sees as much, from C to C channels (Simonyan & Zisserman
    2014, section 2.3).
    """
    r = 1 + layers * (f - 1)
    square = channels * channels
    return StackedPair(
        Formula(r, "1 + k·(f − 1)", f"1 + {layers}·({f} − 1)"),
        Formula(layers * f * f * square, "k·f²·C²", f"{layers}·{f}²·{channels}²"),
        Formula(r * r * square, "r²·C²", f"{r}²·{channels}²"),
    )


MOST_LAYERS = 8

PRESETS: dict[str, tuple[WindowLayer, ...]] = {
    "three-3": (WindowLayer(3, 1, 1),) * 3,
    "one-7": (WindowLayer(7, 1, 3),),
    "dilated-124": (WindowLayer(3, 1, 1, 1), WindowLayer(3, 1, 2, 2), WindowLayer(3, 1, 4, 4)),
    "dilated-222": (WindowLayer(3, 1, 2, 2),) * 3,
    "lenet": (WindowLayer(5), WindowLayer(2, 2), WindowLayer(5), WindowLayer(2, 2)),
    "alexnet": (
        *(WindowLayer(11, 4), WindowLayer(3, 2), WindowLayer(5, 1, 2), WindowLayer(3, 2)),
        *(WindowLayer(3, 1, 1),) * 3,
        WindowLayer(3, 2),
    ),
    "vgg": (
        *(WindowLayer(3, 1, 1), WindowLayer(3, 1, 1), WindowLayer(2, 2)) * 2,
        *(WindowLayer(3, 1, 1),) * 2,
    ),
}
"""Stacks that have names: f, s, p, d of each layer. AlexNet is that of the course's slide, up to its last pooling."""
