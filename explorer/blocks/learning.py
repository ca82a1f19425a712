"""The same kernel learned twice: by cross-correlation, and by convolution, where it comes out turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.records.convolving import Grid, LearnedKernels

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 16  # of the random image that both learn from


def learned_twice(wanted: Grid, steps: int, *, rate: float = 0.1, seed: int = 0) -> LearnedKernels:
    """Gradient descent on the mean squared error of a kernel's output, from zero, `steps` times.

    The wanted output is the cross-correlation of a random image with `wanted`. One kernel is slid as it is, the other
    turned by 180 degrees first.
    """
    target = np.array(wanted, dtype=float)
    image = np.random.default_rng(seed).normal(size=(_SIDE, _SIDE))
    windows = np.lib.stride_tricks.sliding_window_view(image, target.shape)  # (out rows, out columns, f, f)
    patches = windows.reshape(-1, target.size)
    output = patches @ target.ravel()
    correlated, convolved = np.zeros(target.size), np.zeros(target.size)
    for _ in range(steps):
        correlated -= rate * _gradient(patches, correlated, output)
        convolved -= rate * _gradient(patches[:, ::-1], convolved, output)  # window cell k meets weight f - 1 - k
    errors = (_error(patches, correlated, output), _error(patches[:, ::-1], convolved, output))
    return LearnedKernels(_grid(correlated, target.shape), _grid(convolved, target.shape), errors)


def _gradient(
    patches: NDArray[np.float64], kernel: NDArray[np.float64], output: NDArray[np.float64]
) -> NDArray[np.float64]:
    residual: NDArray[np.float64] = patches.T @ (patches @ kernel - output) / len(output)
    return residual


def _error(patches: NDArray[np.float64], kernel: NDArray[np.float64], output: NDArray[np.float64]) -> float:
    return float(np.mean((patches @ kernel - output) ** 2))


def _grid(values: NDArray[np.float64], shape: tuple[int, ...]) -> Grid:
    return tuple(tuple(map(float, row)) for row in values.reshape(shape))
