"""Theoretical receptive field, step by step along both axes (Araujo, Norris & Sim, Distill 2019, section 2).

r_l = r_(l-1) + d (f_l - 1) j_(l-1),   j_l = j_(l-1) s_l,   start_l = start_(l-1) - p_l j_(l-1);   r_0 = j_0 = 1.
Where branches meet, the window is the union of theirs. Behind upsampling windows differ by units: see `rf_steps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import gcd

from explorer.records import Pair, ReceptiveField, Stairs, Steps


def field_of_input() -> ReceptiveField:
    """Receptive field of an input pixel: itself."""
    return ReceptiveField(size=(1, 1), jump=(1, 1), start=(0, 0))


def rf_window(
    before: ReceptiveField, kernel: Pair, stride: Pair, padding: Pair = (0, 0), dilation: Pair = (1, 1)
) -> ReceptiveField:
    """Receptive field after a sliding window: a convolution or pooling."""
    if before.stairs is not None:
        windows = zip(kernel, stride, padding, dilation, strict=True)
        return rf_steps(before, [window_steps(f, s, p, d) for f, s, p, d in windows])
    size, jump, start = [], [], []
    for axis in (0, 1):
        size.append(before.size[axis] + dilation[axis] * (kernel[axis] - 1) * before.jump[axis])
        jump.append(before.jump[axis] * stride[axis])
        start.append(before.start[axis] - padding[axis] * before.jump[axis])
    return ReceptiveField((size[0], size[1]), (jump[0], jump[1]), (start[0], start[1]))


def rf_pad(before: ReceptiveField, padding: Pair) -> ReceptiveField:
    """Receptive field after padding: unit (0, 0) is now `padding` cells (top, left) before the first real one."""
    if before.stairs is not None:
        return rf_steps(before, [window_steps(1, 1, p, 1) for p in padding])
    start = (before.start[0] - padding[0] * before.jump[0], before.start[1] - padding[1] * before.jump[1])
    return ReceptiveField(before.size, before.jump, start)


def rf_linear(before: ReceptiveField, extent: Pair) -> ReceptiveField:
    """Receptive field after a linear layer or global pooling that reads all `extent` (rows, columns) positions."""
    return rf_window(before, extent, (1, 1))


def rf_union(branches: Iterable[ReceptiveField]) -> ReceptiveField:
    """Receptive field after branches are added or concatenated: the smallest window that contains all of theirs."""
    fields = tuple(branches)
    if any(field.stairs is not None for field in fields):
        return _of_stairs([_union_of_stairs([stairs_of(field, axis) for field in fields]) for axis in (0, 1)])
    size, start = [], []
    for axis in (0, 1):
        first = min(f.start[axis] for f in fields)
        size.append(max(f.start[axis] + f.size[axis] for f in fields) - first)
        start.append(first)
    return ReceptiveField((size[0], size[1]), fields[0].jump, (start[0], start[1]))


# --- behind upsampling ------------------------------------------------------------------------------------------------


def window_steps(f: int, s: int, p: int, d: int) -> Steps:
    """What a cell behind a sliding window reads."""
    return Steps(s, 1, -p, d * (f - 1) - p)


def transposed_steps(f: int, s: int, p: int, d: int) -> Steps:
    """What a cell behind a transposed convolution reads: those i with o = s i - p + d k for a k from 0 to f - 1."""
    return Steps(1, s, p - d * (f - 1) + s - 1, p)


def stairs_of(field: ReceptiveField, axis: int) -> Stairs:
    """The windows along an axis; without upsampling they advance by `jump` with every unit."""
    found = field.stairs[axis] if field.stairs else None
    return found or Stairs(field.size[axis], field.jump[axis], field.start[axis], Steps(1, 1, 0, 0))


def stairs_after(before: Stairs, read: Steps) -> Stairs:
    """Windows after an operation whose cells read the cells `read` of the map before.

    Exact for sliding windows, and for upsampling unless a stride other than 1 came between it and other upsampling
    whose factor does not divide it: there windows are up to a step too large.
    """
    own = before.steps
    slack = own.step * (read.cells - 1) if own.step > 1 else 0
    step, cells = own.step * read.step, own.cells * read.cells
    common = gcd(step, cells)
    first = (own.step * read.first - slack + own.first * read.cells) // common
    last = (own.step * read.last + own.last * read.cells) // common
    return before._replace(steps=Steps(step // common, cells // common, first, last))


def largest(stairs: Stairs) -> int:
    """The largest window: the cells of the map before upsampling that it covers are more for some units than others."""
    reach = stairs.steps.last - stairs.steps.first
    return stairs.size - (-reach // stairs.steps.cells) * stairs.jump


def mean_jump(stairs: Stairs) -> int:
    """Distance of neighbouring windows on average, rounded down, at least 1."""
    return max(stairs.jump * stairs.steps.step // stairs.steps.cells, 1)


def rf_steps(before: ReceptiveField, read: Sequence[Steps]) -> ReceptiveField:
    """Receptive field after an operation whose cells read the cells `read` (vertical, horizontal) of the map before."""
    return _of_stairs([stairs_after(stairs_of(before, axis), read[axis]) for axis in (0, 1)])


def _of_stairs(axes: Sequence[Stairs]) -> ReceptiveField:
    size, jump, start = ([], [], [])  # type: tuple[list[int], list[int], list[int]]
    kept: list[Stairs | None] = []
    for stairs in axes:
        size.append(largest(stairs))
        jump.append(mean_jump(stairs))
        start.append(stairs.start + stairs.jump * (stairs.steps.first // stairs.steps.cells))
        kept.append(stairs if stairs.steps.cells > 1 else None)
    found = (kept[0], kept[1]) if any(kept) else None
    return ReceptiveField((size[0], size[1]), (jump[0], jump[1]), (start[0], start[1]), found)


def _union_of_stairs(branches: Sequence[Stairs]) -> Stairs:
    """Windows that contain those of all branches; of stairs that advance differently up to a step too large."""
    like = max(branches, key=lambda branch: branch.steps.cells)
    jump, (step, cells, _, _) = like.jump, like.steps
    begins, ends, firsts, lasts = [], [], [], []
    for branch in branches:
        same = (branch.jump, branch.steps.step, branch.steps.cells) == (jump, step, cells)
        first, last = (branch.steps.first, branch.steps.last) if same else (0, cells - 1)
        plain = 0 if same else branch.jump * branch.steps.first, 0 if same else branch.jump * branch.steps.last
        begins.append(branch.start + plain[0])
        ends.append(branch.start + plain[1] + branch.size)
        firsts.append(first)
        lasts.append(last)
    begin = min(begins)
    return Stairs(max(ends) - begin, jump, begin, Steps(step, cells, min(firsts), max(lasts)))
