"""A curve through a random expansion to n dimensions, an activation, and back: why a bottleneck ends linearly.

Sandler et al. 2018 (arXiv:1801.04381), Figure 1: a spiral in the plane is multiplied by a random n x 2 matrix T, an
activation follows, and the pseudo-inverse of T leads back to the plane.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from explorer.records.efficient import Bottlenecked

POINTS = 240
ACTIVATIONS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.maximum(z, 0),
    "relu6": lambda z: np.clip(z, 0, 6),
    "linear": lambda z: z,
}


def spiral() -> np.ndarray:
    """Two turns and a half of a spiral around the origin, (N, 2), within the unit circle."""
    angle = np.linspace(0.2, 5 * np.pi, POINTS)
    points: np.ndarray = np.stack([np.cos(angle), np.sin(angle)], 1) * (angle / angle[-1])[:, None]
    return points


def through(n: int, activation: str, seed: int) -> Bottlenecked:
    """The spiral after x -> T^+ g(T x), with T of n x 2 normal numbers. Raises `KeyError` for an unknown activation."""
    points = spiral()  # (N, 2)
    expand = np.random.default_rng([seed, n]).normal(size=(n, 2))
    wide = ACTIVATIONS[activation](points @ expand.T)  # (N, n)
    back = wide @ np.linalg.pinv(expand).T  # (N, 2)
    scale = float((points * back).sum() / max((back**2).sum(), 1e-12))
    error = float(np.sqrt(((points - scale * back) ** 2).sum() / (points**2).sum()))
    on = (wide > 0).sum(1) if activation != "linear" else np.full(len(points), n)
    return Bottlenecked(points, scale * back, error, float((on < 2).mean()))


Spread = tuple[tuple[int, tuple[float, ...], tuple[float, ...]], ...]


def errors(activation: str, seeds: int, most: int) -> Spread:
    """For n = 2 ... `most`: n, the errors of as many random matrices, and the shares of points that each one loses."""
    found = {n: [through(n, activation, seed) for seed in range(seeds)] for n in range(2, most + 1)}
    return tuple((n, tuple(each.error for each in row), tuple(each.lost for each in row)) for n, row in found.items())
