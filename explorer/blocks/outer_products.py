"""How much of an n x n kernel a column times a row can express: its best approximation of rank one, two, ..., n."""

from __future__ import annotations

import numpy as np

from explorer.records.inception import SeparableShare


def separable_share(kernels: np.ndarray, seed: int = 0) -> SeparableShare:
    """Shares of the squared weights of kernels (N, n, n) that k outer products keep, beside random ones of the shape.

    By Eckart and Young (1936) the first k singular vectors are the best k pairs, in the sense of squares. Kernels that
    are zero everywhere have no share and are left out.
    """
    kernels = kernels[(kernels != 0).any((1, 2))]
    means, shares = _means(kernels)
    random = np.random.default_rng(seed).standard_normal(kernels.shape)
    order = np.argsort(shares)
    picked = [order[-1], order[len(order) // 2], order[0]]
    examples = tuple((float(shares[i]), _tuples(kernels[i]), _tuples(best_pair(kernels[i]))) for i in picked)
    return SeparableShare(len(kernels), means, _means(random)[0], tuple(map(float, shares)), examples)


def best_pair(kernel: np.ndarray) -> np.ndarray:
    """The nearest kernel (n, n) that is a column times a row."""
    left, values, right = np.linalg.svd(kernel)
    nearest: np.ndarray = values[0] * np.outer(left[:, 0], right[0])
    return nearest


def _means(kernels: np.ndarray) -> tuple[tuple[float, ...], np.ndarray]:
    """The mean share for each number of pairs, and every kernel's share for one."""
    squared = np.linalg.svd(kernels.astype(np.float64), compute_uv=False) ** 2  # (N, n), falling
    kept = squared.cumsum(1) / squared.sum(1, keepdims=True)
    return tuple(map(float, kept.mean(0))), kept[:, 0]


def _tuples(kernel: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in kernel)
