"""One scene, moved by a pixel, through a convolution and through layers that share nothing; and a dot through kernels.

Without torch, so that the first look needs none; tests hold all of it equal to torch's layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from explorer.arithmetic.sharing import same_kernel
from explorer.blocks.kernels import KERNELS
from explorer.records.sharing import WIRINGS, ShiftedOutput, ShiftedScene, Wiring

SIDE = 32
"""Pixels of a view: as many as an image of CIFAR has."""

MOST = 8
"""The most pixels that the scene is moved."""

_F = 3


def moved_scene(scene: np.ndarray, shift: int, seed: int) -> ShiftedScene:
    """Two views of a grey scene, uint8 (32, 32 + 8), the second `shift` pixels further left, and each wiring's outputs.

    The convolution has the Sobel kernel; the layers that share nothing have random weights, drawn from `seed`.
    """
    before, after = scene[:, MOST:], scene[:, MOST - shift : MOST - shift + SIDE]
    views = [view.astype(np.float64) / 255 for view in (before, after)]
    weights = _drawn(seed)
    outputs = tuple(_output(wiring, weights[wiring], views, shift) for wiring in WIRINGS)
    return ShiftedScene(before, after, shift, outputs)


@lru_cache(maxsize=4)
def _drawn(seed: int) -> Mapping[Wiring, np.ndarray]:
    """The weights of each wiring: a million numbers that a step of the slider need not draw again."""
    draw = np.random.default_rng(seed)
    return MappingProxyType({wiring: _weights(wiring, draw) for wiring in WIRINGS})


def _weights(wiring: Wiring, draw: np.random.Generator) -> np.ndarray:
    """(n'·n', n·n) for "dense"; the kernels of all places (n', n', f, f) otherwise."""
    out = SIDE - _F + 1
    if wiring == "dense":
        return draw.normal(0, 1 / SIDE, (out * out, SIDE * SIDE))
    if wiring == "local":
        return draw.normal(0, 1 / _F, (out, out, _F, _F))
    return np.broadcast_to(np.array(KERNELS["sobel-vertical"]), (out, out, _F, _F))


def _applied(weights: np.ndarray, view: np.ndarray) -> np.ndarray:
    if weights.ndim == 2:
        side = SIDE - _F + 1
        answer: np.ndarray = (weights @ view.ravel()).reshape(side, side)
    else:
        windows = np.lib.stride_tricks.sliding_window_view(view, (_F, _F))  # (n', n', f, f)
        answer = (windows * weights).sum((2, 3))
    return answer


def _output(wiring: Wiring, weights: np.ndarray, views: list[np.ndarray], shift: int) -> ShiftedOutput:
    before, after = (_applied(weights, view) for view in views)
    along, there = before[:, : before.shape[1] - shift], after[:, shift:]
    gap = float(np.abs(there - along).max() / max(np.abs(before).max(), 1e-12))
    flat = [each.ravel() - each.mean() for each in (along, there)]
    size = float(np.linalg.norm(flat[0]) * np.linalg.norm(flat[1]))
    return ShiftedOutput(wiring, before, after, gap, float(flat[0] @ flat[1]) / size if size else 1.0)


def drift(f: int, layers: int) -> tuple[float, ...]:
    """How far to the right a dot has moved, in cells, after 0, 1, ... `layers` layers that each average f cells.

    The output is as long as the input, which is long enough for the dot not to reach its ends; where the zeros before
    and after differ, they are as TensorFlow puts them.
    """
    cells = 2 * layers * f + 1
    kernel, signal = same_kernel(f), np.zeros(cells)
    signal[cells // 2] = 1.0
    found = [0.0]
    for _ in range(layers):
        padded = np.pad(signal, (kernel.before, kernel.after))
        signal = np.lib.stride_tricks.sliding_window_view(padded, f).mean(1)
        found.append(float(signal @ np.arange(cells) / signal.sum()) - cells // 2)
    return tuple(found)
