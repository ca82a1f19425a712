"""Values and slopes of the non-linearities of the catalogue, in numpy; at a kink the slope is torch's.

Each takes an array of any shape and the values of its knobs, by name.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Values = Mapping[str, float]


def sigmoid(x: np.ndarray, values: Values) -> np.ndarray:
    """1 / (1 + e^-x)."""
    return np.asarray(np.divide(1.0, np.add(1.0, np.exp(np.negative(x)))))


def sigmoid_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """g (1 - g): a quarter at most."""
    g = sigmoid(x, values)
    return g * (1.0 - g)


def tanh(x: np.ndarray, values: Values) -> np.ndarray:
    """(e^x - e^-x) / (e^x + e^-x)."""
    return np.asarray(np.tanh(x))


def tanh_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """1 - g^2: one at most."""
    return np.asarray(1.0 - np.tanh(x) ** 2)


def relu(x: np.ndarray, values: Values) -> np.ndarray:
    """max(0, x)."""
    return np.asarray(np.maximum(x, 0.0))


def relu_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """One on the right, zero on the left and at the kink."""
    return np.asarray(x > 0, dtype=float)


def leaky(x: np.ndarray, values: Values) -> np.ndarray:
    """x on the right, `slope` times x on the left."""
    return np.asarray(np.where(np.greater(x, 0.0), x, np.multiply(values["slope"], x)))


def leaky_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """One on the right, `slope` on the left."""
    return np.asarray(np.where(x > 0, 1.0, values["slope"]))


def rrelu(x: np.ndarray, values: Values) -> np.ndarray:
    """As in evaluation: the mean of the slopes that training draws from."""
    return leaky(x, {"slope": (values["lower"] + values["upper"]) / 2})


def rrelu_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """One on the right, the mean of the drawn slopes on the left."""
    return leaky_slope(x, {"slope": (values["lower"] + values["upper"]) / 2})


def elu(x: np.ndarray, values: Values) -> np.ndarray:
    """x on the right, `alpha` (e^x - 1) on the left."""
    below = np.multiply(values["alpha"], np.subtract(np.exp(np.minimum(x, 0.0)), 1.0))
    return np.asarray(np.where(np.greater(x, 0.0), x, below))


def elu_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """One on the right, `alpha` e^x on the left."""
    return np.asarray(np.where(x > 0, 1.0, values["alpha"] * np.exp(np.minimum(x, 0.0))))


def maxout(x: np.ndarray, values: Values) -> np.ndarray:
    """The larger of two lines."""
    first = np.add(np.multiply(values["w1"], x), values["b1"])
    second = np.add(np.multiply(values["w2"], x), values["b2"])
    return np.asarray(np.maximum(first, second))


def maxout_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """The slope of the larger line; half of each where they meet, as in torch."""
    first, second = values["w1"] * x + values["b1"], values["w2"] * x + values["b2"]
    wins = np.where(first == second, 0.5, (first > second).astype(float))
    return np.asarray(wins * values["w1"] + (1 - wins) * values["w2"])


def silu(x: np.ndarray, values: Values) -> np.ndarray:
    """x times its sigmoid."""
    return np.asarray(np.divide(x, np.add(1.0, np.exp(np.negative(x)))))


def silu_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """s (1 + x (1 - s)), s the sigmoid of x."""
    s = sigmoid(x, values)
    return s * (1.0 + x * (1.0 - s))


def hard_swish(x: np.ndarray, values: Values) -> np.ndarray:
    """x times a sigmoid made of three straight lines: no exponential."""
    gate = np.minimum(np.maximum(np.add(x, 3.0), 0.0), 6.0)
    return np.asarray(np.divide(np.multiply(x, gate), 6.0))


def hard_swish_slope(x: np.ndarray, values: Values) -> np.ndarray:
    """0 up to -3, then (2x + 3) / 6, 1 from 3 on; at the two kinks as torch has it."""
    return np.asarray(np.where(x <= -3, 0.0, np.where(x < 3, (2 * x + 3) / 6, 1.0)))
