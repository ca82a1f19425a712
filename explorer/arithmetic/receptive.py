"""Theoretical receptive field, step by step along both axes (Araujo, Norris & Sim, Distill 2019, section 2).

r_l = r_(l-1) + d (f_l - 1) j_(l-1),   j_l = j_(l-1) s_l,   start_l = start_(l-1) - p_l j_(l-1);   r_0 = j_0 = 1.
Where branches meet, the window is the union of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable

from explorer.records import Pair, ReceptiveField


def field_of_input() -> ReceptiveField:
    """Receptive field of an input pixel: itself."""
    return ReceptiveField(size=(1, 1), jump=(1, 1), start=(0, 0))


def rf_window(
    before: ReceptiveField, kernel: Pair, stride: Pair, padding: Pair = (0, 0), dilation: Pair = (1, 1)
) -> ReceptiveField:
    """Receptive field after a sliding window: a convolution or pooling."""
    size, jump, start = [], [], []
    for axis in (0, 1):
        size.append(before.size[axis] + dilation[axis] * (kernel[axis] - 1) * before.jump[axis])
        jump.append(before.jump[axis] * stride[axis])
        start.append(before.start[axis] - padding[axis] * before.jump[axis])
    return ReceptiveField((size[0], size[1]), (jump[0], jump[1]), (start[0], start[1]))


def rf_pad(before: ReceptiveField, padding: Pair) -> ReceptiveField:
    """Receptive field after padding: unit (0, 0) is now `padding` cells (top, left) before the first real one."""
    start = (before.start[0] - padding[0] * before.jump[0], before.start[1] - padding[1] * before.jump[1])
    return ReceptiveField(before.size, before.jump, start)


def rf_linear(before: ReceptiveField, extent: Pair) -> ReceptiveField:
    """Receptive field after a linear layer or global pooling that reads all `extent` (rows, columns) positions."""
    return rf_window(before, extent, (1, 1))


def rf_union(branches: Iterable[ReceptiveField]) -> ReceptiveField:
    """Receptive field after branches are added or concatenated: the smallest window that contains all of theirs."""
    fields = tuple(branches)
    size, start = [], []
    for axis in (0, 1):
        first = min(f.start[axis] for f in fields)
        size.append(max(f.start[axis] + f.size[axis] for f in fields) - first)
        start.append(first)
    return ReceptiveField((size[0], size[1]), fields[0].jump, (start[0], start[1]))
