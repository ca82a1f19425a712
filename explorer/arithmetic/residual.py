"""A residual block in pure arithmetic: its values unit by unit, its shortcut cell by cell, its costs layer by layer.

He, Zhang, Ren, Sun 2015 (arXiv:1512.03385), sections 3.2 and 3.3, and 2016 (arXiv:1603.05027) for pre-activation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import sin, sqrt
from random import Random

from explorer.records.residual import (
    BlockFlow,
    BlockKind,
    CostedLayer,
    FlowSettings,
    Matrix,
    Shortcut,
    Vector,
)

UNITS, BATCH = 3, 4
EPSILON = 1e-5
"""Added to the variance by batch normalisation, as in torch."""


def relu(values: Vector) -> Vector:
    """max(0, z), unit by unit."""
    return tuple(max(0.0, value) for value in values)


def affine(weights: Matrix, values: Vector, biases: Vector) -> Vector:
    """W a + b."""
    return tuple(
        sum(w * a for w, a in zip(row, values, strict=True)) + b for row, b in zip(weights, biases, strict=True)
    )


def drawn(settings: FlowSettings) -> tuple[tuple[Vector, ...], Matrix, Vector, Matrix, Vector]:
    """The batch of inputs, W1, b1, W2, b2: with one decimal, multiplied by what is set.

    The first input has a positive and a negative value before a ReLU is put in front of it, and more that are positive.
    """
    rng = Random(settings.seed)

    def row(low: float, high: float) -> Vector:
        return tuple(round(rng.uniform(low, high), 1) for _ in range(UNITS))

    def scaled(values: Vector, factor: float) -> Vector:
        return tuple(value * factor for value in values)

    first = row(-1.5, 1.5)
    while sum(value > 0.2 for value in first) != 2 or min(first) > -0.2:
        first = row(-1.5, 1.5)
    batch = (first, *(row(-1.5, 1.5) for _ in range(BATCH - 1)))
    w1, w2 = (tuple(scaled(row(-1, 1), settings.weights) for _ in range(UNITS)) for _ in range(2))
    b1, b2 = (scaled(row(-0.4, 0.4), settings.biases) for _ in range(2))
    return tuple(relu(each) for each in batch) if settings.positive else batch, w1, b1, w2, b2


def flow(settings: FlowSettings) -> BlockFlow:
    """Every value on the way of the first input of the batch through the block."""
    batch, w1, b1, w2, b2 = drawn(settings)
    before = settings.order == "preact"
    firsts = tuple(relu(each) for each in batch) if before else batch
    z1s = tuple(affine(w1, each, b1) for each in firsts)
    z2s = tuple(affine(w2, relu(each), b2) for each in z1s)
    mean: Vector = ()
    deviation: Vector = ()
    branch = z2s[0]
    if settings.norm and not before:
        mean, deviation = _moments(z2s)
        branch = tuple(settings.gamma * (z - m) / s for z, m, s in zip(z2s[0], mean, deviation, strict=True))
    scaled = tuple(settings.alpha * value for value in branch)
    total = tuple(a + f for a, f in zip(batch[0], scaled, strict=True))
    return BlockFlow(
        settings=settings,
        x=batch[0],
        first=firsts[0],
        w1=w1,
        b1=b1,
        z1=z1s[0],
        a1=relu(z1s[0]),
        w2=w2,
        b2=b2,
        z2=z2s[0],
        mean=mean,
        deviation=deviation,
        branch=branch,
        scaled=scaled,
        total=total,
        out=total if before else relu(total),
        plain=branch if before else relu(branch),
    )


def _moments(batch: Sequence[Vector]) -> tuple[Vector, Vector]:
    """Mean and sqrt(variance + epsilon) of every unit over a batch; the variance is divided by the batch's size."""
    columns = list(zip(*batch, strict=True))
    means = tuple(sum(column) / len(column) for column in columns)
    variances = [sum((z - m) ** 2 for z in column) / len(column) for column, m in zip(columns, means, strict=True)]
    return means, tuple(sqrt(variance + EPSILON) for variance in variances)


def decay(settings: FlowSettings, steps: int = 20) -> tuple[tuple[float, float, float], ...]:
    """(s, how far a^[l+2] is from a^[l], the same of the plain block) for W and b times s, from 0 to 1."""
    found = []
    for step in range(steps + 1):
        there = flow(replace(settings, weights=step / steps, biases=step / steps))
        found.append((step / steps, there.changed, there.plain_changed))
    return tuple(found)


TARGETS: dict[str, Callable[[float], float]] = {
    "identity": lambda x: x,
    "nearly": lambda x: x + 0.15 * sin(4 * x),
    "half": lambda x: x / 2,
    "zero": lambda x: 0.0,
}
"""What a block may have to compute, as functions of one number: h(x)."""


def target(kind: str, steps: int = 40) -> tuple[tuple[float, float, float], ...]:
    """(x, h(x), h(x) - x) for x from 0 to 2: what the block is to give, and what is left for its branch."""
    return tuple((2 * k / steps, (h := TARGETS[kind](2 * k / steps)), h - 2 * k / steps) for k in range(steps + 1))


# --- the shortcut where shapes differ ---------------------------------------------------------------------------------

SIDE, CHANNELS = 4, 2


def shortcut(kind: str, n_out: int, stride: int, seed: int) -> Shortcut:
    """From 2 channels of 4 x 4 to `n_out` channels: every `stride`-th position, with zeros or a 1x1 projection W_s."""
    rng = Random(seed)
    inputs = tuple(
        tuple(tuple(float(rng.randint(1, 9)) for _ in range(SIDE)) for _ in range(SIDE)) for _ in range(CHANNELS)
    )
    kept = tuple(tuple(row[::stride] for row in channel[::stride]) for channel in inputs)
    if kind == "projection":
        weights = tuple(tuple(rng.choice((-1, 1)) * rng.randint(1, 9) / 10 for _ in inputs) for _ in range(n_out))
        outputs = tuple(
            tuple(
                tuple(sum(w * value for w, value in zip(row, cells, strict=True)) for cells in zip(*rows, strict=True))
                for rows in zip(*kept, strict=True)
            )
            for row in weights
        )
        return Shortcut(
            kind=kind, stride=stride, inputs=inputs, outputs=outputs, sources=(-2,) * n_out, weights=weights
        )
    new = n_out - CHANNELS
    front = new // 2 if kind == "both" else 0
    sources = (*(-1,) * front, *range(CHANNELS), *(-1,) * (new - front))
    zeros = tuple((0.0,) * len(kept[0]) for _ in kept[0])
    outputs = tuple(kept[source] if source >= 0 else zeros for source in sources)
    return Shortcut(kind=kind, stride=stride, inputs=inputs, outputs=outputs, sources=sources)


# --- kinds of blocks --------------------------------------------------------------------------------------------------

KINDS = ("basic", "bottleneck", "preact-basic", "preact-bottleneck")


def block_kind(name: str, n_in: int, n_out: int, side: int, stride: int, option: str) -> BlockKind:
    """A block from `n_in` to `n_out` channels, on `side` x `side` cells that it divides by `stride`.

    `option` is that of He et al.: "A" fills up with zeros, "B" projects, where the widths differ. As `networks` builds
    them: the 3x3 of a bottleneck strides; a pre-activation one strides at its first 1x1 and projects in any case.
    """
    before, narrow = name.startswith("preact"), name.endswith("bottleneck")
    after, mid = side // stride, n_out // 4
    if narrow:
        inner = after if before else side
        convs = [(1, n_in, mid, inner), (3, mid, mid, after), (1, mid, n_out, after)]
    else:
        convs = [(3, n_in, n_out, after), (3, n_out, n_out, after)]
    branch: list[CostedLayer] = []
    for number, (f, a, b, at) in enumerate(convs):
        conv = CostedLayer("conv", f, a, b, at)
        width, place = (a, side if number == 0 else convs[number - 1][3]) if before else (b, at)
        norm, act = CostedLayer("norm", 0, width, width, place), CostedLayer("relu", 0, width, width, place)
        last = number == len(convs) - 1
        branch += [norm, act, conv] if before else [conv, norm, *([] if last else [act])]
    projects = n_in != n_out and (option == "B" or name == "preact-bottleneck")
    projection = [CostedLayer("conv", 1, n_in, n_out, after)] if projects else []
    if projection and not before:
        projection.append(CostedLayer("norm", 0, n_out, n_out, after))
    behind = () if before else (CostedLayer("relu", 0, n_out, n_out, after),)
    return BlockKind(name, tuple(branch), tuple(projection), behind)
