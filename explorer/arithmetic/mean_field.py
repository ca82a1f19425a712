"""How large signals are after each layer of a wide random network, and gradients on their way back.

Weights are drawn independently with mean 0 and variance sigma_w^2 / fan-in; biases are 0. In a network of infinite
width the pre-activations of a layer are normally distributed, so that their variance q follows a recursion.

- Poole et al. 2016 (arXiv:1606.05340), Schoenholz et al. 2017 (arXiv:1611.01232): q' = sigma_w^2 E[phi(sqrt(q) z)^2],
  and the squared gradient is multiplied by chi = sigma_w^2 E[phi'(sqrt(q) z)^2] on its way back. He et al. 2015
  (arXiv:1502.01852) and Glorot and Bengio 2010 are special cases.
- Yang et al. 2019 (arXiv:1902.08129): with batch normalisation the squared gradient grows by pi / (pi - 1) in every
  layer with ReLU.
- With a skip variances add: q' = q + alpha^2 (what the branch gives).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import exp, pi, sqrt, tanh

EPSILON = 1e-5
"""Added to the variance by batch normalisation, as in torch."""

_REACH, _STEPS = 8.0, 400
_STEP = 2 * _REACH / _STEPS
_NODES = tuple(
    (z, exp(-(z**2) / 2) / sqrt(2 * pi) * _STEP) for z in (-_REACH + _STEP * (k + 0.5) for k in range(_STEPS))
)

Function = Callable[[float], float]


def sigmoid(z: float) -> float:
    """1 / (1 + e^-z)."""
    return 1 / (1 + exp(-z)) if z > -700 else 0.0


_FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "linear": (lambda z: z, lambda z: 1.0),
    "relu": (lambda z: max(z, 0.0), lambda z: float(z > 0)),
    "tanh": (tanh, lambda z: 1 - tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
}
"""Every activation with its derivative."""


@cache
def moments(activation: str, q: float) -> tuple[float, float, float]:
    """E[phi], E[phi^2] and E[phi'^2] of an activation at normally distributed values of variance `q`."""
    phi, slope = _FUNCTIONS[activation]
    if activation in {"relu", "linear"}:  # exact, and homogeneous: any q
        half = 0.5 if activation == "relu" else 1.0
        return (sqrt(q / (2 * pi)) if activation == "relu" else 0.0), half * q, half
    root = sqrt(q)
    at = [(root * z, weight) for z, weight in _NODES]
    return (
        sum(phi(z) * weight for z, weight in at),
        sum(phi(z) ** 2 * weight for z, weight in at),
        sum(slope(z) ** 2 * weight for z, weight in at),
    )


def layer(activation: str, sigma2: float, q: float, v: float, norm: bool) -> tuple[float, float, float]:
    """One layer that reads pre-activations: (q', v', chi).

    `q` is their second moment over all units and images, `v` their variance over the batch, averaged over the units:
    what batch normalisation divides by. `chi` multiplies the mean square of a gradient on its way back.
    """
    seen = v / (v + EPSILON) if norm else q
    mean, square, slope = moments(activation, seen)
    chi = sigma2 * slope / (v + EPSILON if norm else 1.0)
    # Without normalisation images grow alike, and v is not needed; with it they are uncorrelated before every phi.
    return sigma2 * square, sigma2 * (square - mean**2), chi


def plain(activation: str, sigma2: float, depth: int, norm: bool) -> tuple[list[float], list[float]]:
    """Second moments of the pre-activations behind each of `depth` layers, and of the gradients there (1 at the end).

    The input is normally distributed with variance 1; its layer has no activation in front.
    """
    q, v, chis = sigma2, sigma2, []
    moments_ = [q]
    for _ in range(depth - 1):
        q, v, chi = layer(activation, sigma2, q, v, norm)
        moments_.append(q)
        chis.append(chi)
    return moments_, backwards(chis)


def residual(activation: str, sigma2: float, blocks: int, norm: bool, alpha: float) -> tuple[list[float], list[float]]:
    """The same behind each of `blocks` pre-activation blocks of two layers, whose branches count `alpha` times."""
    q = v = 1.0
    found, chis = [], []
    for _ in range(blocks):
        inner_q, inner_v, first = layer(activation, sigma2, q, v, norm)
        add_q, add_v, second = layer(activation, sigma2, inner_q, inner_v, norm)
        q, v = q + alpha**2 * add_q, v + alpha**2 * add_v
        found.append(q)
        chis.append(1 + alpha**2 * first * second)
    return found, backwards(chis[1:])


def backwards(chis: list[float]) -> list[float]:
    """Running products from the end: what a gradient of mean square 1 behind the last layer is behind each."""
    found = [1.0]
    for chi in reversed(chis):
        found.append(found[-1] * chi)
    return found[::-1]
