"""A convolution in two steps, with numbers; and how much of a full kernel such a pair can reproduce.

A pair computes sum_c P[c', c] (D[c] * x[c]): the f x f slices that read channel c are all multiples of one filter D[c].
So the best pair takes, for every input channel, the best approximation of rank 1 of its C' x f^2 slice, and m filters a
channel that of rank m (Eckart & Young 1936).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.arithmetic.taps import Axis, channel_pairs, outcome, window_taps
from explorer.records import LinkedStep, LinkedView, Plane
from explorer.records.efficient import SeparableFit
from explorer.weights import weights_file

if TYPE_CHECKING:
    from torch import nn


def closest_pair(kernel: np.ndarray) -> SeparableFit:
    """The separable approximation of `kernel` (C', C, f, f) with the least squared error. Raises `ValueError`."""
    if kernel.ndim != 4 or min(kernel.shape) < 1:
        raise ValueError(f"A kernel has four axes (C', C, f, f), not {kernel.shape}.")
    n_out, n_in, rows, columns = kernel.shape
    slices = kernel.astype(np.float64).transpose(1, 0, 2, 3).reshape(n_in, n_out, rows * columns)
    left, sizes, right = np.linalg.svd(slices, full_matrices=False)  # (C, C', r), (C, r), (C, r, f*f)
    rank_one = left[:, :, :1] * sizes[:, None, :1] @ right[:, :1]
    closest = rank_one.reshape(n_in, n_out, rows, columns).transpose(1, 0, 2, 3)
    energy = (sizes**2).sum(0).cumsum()
    total = float(energy[-1]) or 1.0
    return SeparableFit(kernel, closest, tuple(float(each) / total for each in energy))


def trained_kernel(run: str, layer: str) -> np.ndarray:
    """The weights of a convolution of a recorded run, (C', C, f, f). Raises `UnknownEntry`."""
    from safetensors import safe_open

    with safe_open(weights_file(run), framework="numpy") as file:
        found: np.ndarray = file.get_tensor(f"{layer}.weight")
    return found.astype(np.float32)


def random_kernel(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """The control: a kernel of the same shape (C', C, f, f), as it is drawn before training (He et al. 2015)."""
    deviation = np.sqrt(2 / (shape[0] * shape[2] * shape[3]))
    return np.random.default_rng(seed).normal(0, deviation, shape).astype(np.float32)


def as_modules(n_in: int, n_out: int, f: int, p: int = 0) -> tuple[nn.Sequential, nn.Conv2d]:
    """The pair and the full convolution in PyTorch: both take (B, n_in, n, n) to (B, n_out, n', n')."""
    from torch import nn

    depthwise = nn.Conv2d(n_in, n_in, f, padding=p, groups=n_in, bias=False)  # one filter a channel
    pointwise = nn.Conv2d(n_in, n_out, 1, bias=False)  # mixes the channels
    return nn.Sequential(depthwise, pointwise), nn.Conv2d(n_in, n_out, f, padding=p, bias=False)


SIDE, KERNEL, CHANNELS, FILTERS = 6, 3, 3, 5
"""The course's example: 6 x 6 x 3, a 3 x 3 filter for each channel, then five filters of 1 x 1 x 3."""


def two_steps(seed: int, filters: int = FILTERS) -> LinkedView:
    """The course's example in small whole numbers drawn from `seed`: depthwise, then pointwise, cell by cell."""
    rng = np.random.default_rng(seed)
    drawn = {
        **{f"x{c}": rng.integers(0, 5, SIDE * SIDE) for c in range(CHANNELS)},
        **{f"d{c}": rng.integers(-1, 2, KERNEL * KERNEL) for c in range(CHANNELS)},
        **{f"p{f}{c}": rng.integers(-2, 3, 1) for f in range(filters) for c in range(CHANNELS)},
    }
    values = {key: tuple(float(value) for value in each) for key, each in drawn.items()}
    axis = Axis(SIDE, KERNEL)
    out, cell = axis.out, Axis(axis.out, 1)
    first = LinkedStep(
        inputs=_keys("x", CHANNELS),
        weights=_keys("d", CHANNELS),
        outputs=_keys("m", CHANNELS),
        pairs=channel_pairs(CHANNELS, CHANNELS, CHANNELS),
        taps=window_taps(axis, axis),
    )
    second = LinkedStep(
        inputs=first.outputs,
        weights=tuple(f"p{f}{c}" for f in range(filters) for c in range(CHANNELS)),
        outputs=_keys("y", filters),
        pairs=channel_pairs(CHANNELS, filters),
        taps=window_taps(cell, cell),
    )
    for step in (first, second):
        values |= dict(zip(step.outputs, outcome(step, values, out * out), strict=True))
    sides = {"x": SIDE, "d": KERNEL, "p": 1, "m": out, "y": out}
    planes = tuple(
        Plane(key=key, title=key, rows=sides[key[0]], columns=sides[key[0]], values=each)
        for key, each in values.items()
    )
    return LinkedView(planes=planes, steps=(first, second), walk=(*first.outputs, *second.outputs))


def _keys(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for number in range(count))
