"""Compound scaling, and an EfficientNet counted layer by layer with the rounding of the released networks.

Tan & Le 2019 (arXiv:1905.11946): depth alpha^phi, width beta^phi, side gamma^phi; costs grow as alpha beta^2 gamma^2.
Rounding as in the authors' code: layers up, channels to the nearest multiple of 8, never below nine tenths.
"""

from __future__ import annotations

from math import ceil

from explorer.records.efficient import Counted

STEM, HEAD, SIDE = 32, 1280, 224
ROWS = (  # Table 1: expansion, kernel, stride, maps in, maps out, layers of stages 2 to 8
    (1, 3, 1, 32, 16, 1),
    (6, 3, 2, 16, 24, 2),
    (6, 5, 2, 24, 40, 2),
    (6, 3, 2, 40, 80, 3),
    (6, 5, 1, 80, 112, 3),
    (6, 5, 2, 112, 192, 4),
    (6, 3, 1, 192, 320, 1),
)
RELEASED = {  # width, depth, side
    "b0": (1.0, 1.0, 224),
    "b1": (1.0, 1.1, 240),
    "b2": (1.1, 1.2, 260),
    "b3": (1.2, 1.4, 300),
    "b4": (1.4, 1.8, 380),
    "b5": (1.6, 2.2, 456),
    "b6": (1.8, 2.6, 528),
    "b7": (2.0, 3.1, 600),
}


def multiplied_cost(depth: float, width: float, resolution: float) -> float:
    """By how much the formula says that multiply-adds grow: d w^2 r^2."""
    return depth * width**2 * resolution**2


def depth_on_surface(beta: float, gamma: float, total: float = 2.0) -> float:
    """The alpha with alpha beta^2 gamma^2 = `total`."""
    return total / (beta**2 * gamma**2)


def rounded(maps: float) -> int:
    """The nearest multiple of 8, or the next one if that would take away more than a tenth."""
    nearest = max(8, int(maps + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * maps else nearest + 8


def counted(depth: float, width: float, side: int, classes: int = 1000) -> Counted:
    """EfficientNet with depth and width multiplied, for images of `side` x `side`: layers, parameters, MACs."""
    total = _Total(rounded(STEM * width), -(-side // 2))
    total.add(3 * 3 * 3 * total.maps, total.maps, at=total.side)
    for t, f, s, _, n_out, repeats in ROWS:
        for number in range(ceil(repeats * depth)):
            _mbconv(total, t, f, s if number == 0 else 1, rounded(n_out * width))
    head = 4 * total.maps
    total.add(total.maps * head, head, at=total.side)
    parameters = total.parameters + head * classes + classes
    return Counted(depth, width, side, total.layers + 1, parameters, total.macs + head * classes)


class _Total:
    """A running total: channels and side by now, and what was counted."""

    def __init__(self, maps: int, side: int) -> None:
        self.maps, self.side = maps, side
        self.parameters = self.macs = self.layers = 0

    def add(self, weights: int, maps: int, *, at: int) -> None:
        """A convolution without bias, and its batch normalisation."""
        self.parameters += weights + 2 * maps
        self.macs += weights * at * at
        self.layers += 1


def _mbconv(total: _Total, t: int, f: int, s: int, n_out: int) -> None:
    """Expansion, depthwise, squeeze-and-excitation (two 1x1 with biases, on one position), projection."""
    wide, squeezed = rounded(total.maps * t), max(1, total.maps // 4)
    if wide != total.maps:
        total.add(total.maps * wide, wide, at=total.side)
    total.side = -(-total.side // s)
    total.add(f * f * wide, wide, at=total.side)
    total.parameters += 2 * wide * squeezed + squeezed + wide
    total.macs += 2 * wide * squeezed
    total.add(wide * n_out, n_out, at=total.side)
    total.maps = n_out
