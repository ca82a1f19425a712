"""How much of a full kernel one depthwise and one pointwise convolution can reproduce, and with more filters how much.

A pair computes sum_c P[c', c] (D[c] * x[c]): the f x f slices that read channel c are all multiples of one filter D[c].
So the best pair takes, for every input channel, the best approximation of rank 1 of its C' x f^2 slice, and m filters a
channel that of rank m (Eckart & Young 1936).
"""

from __future__ import annotations

import numpy as np

from explorer.records import SeparableFit
from explorer.weights import weights_file


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
