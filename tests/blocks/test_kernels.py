"""Kernels that have names do to an image what the name says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import laplace
from scipy.signal import correlate2d
from skimage import filters

from explorer import text
from explorer.blocks.kernels import KERNELS, turned

IMAGE = np.random.default_rng(0).normal(size=(9, 11))


def slid(code: str) -> np.ndarray:
    """An image under a kernel, without its rim."""
    return correlate2d(IMAGE, np.array(KERNELS[code]), mode="valid")


def test_every_kernel_is_an_odd_grid_with_a_name() -> None:
    for code, kernel in KERNELS.items():
        assert {len(row) for row in kernel} == {len(kernel)}
        assert len(kernel) % 2
        assert all(text.say(lang, f"kernel.{code}") for lang in text.LANGUAGES)


@pytest.mark.parametrize("code", ["blur", "blur-5", "gaussian", "gaussian-5", "identity", "sharpen", "shift"])
def test_what_keeps_the_brightness_sums_to_one(code: str) -> None:
    assert sum(map(sum, KERNELS[code])) == pytest.approx(1)


@pytest.mark.parametrize("code", [code for code in KERNELS if code.endswith(("vertical", "horizontal"))])
def test_edges_of_one_direction(code: str) -> None:
    """Nothing on an even image nor across the edge, and more than nothing where light turns to dark."""
    kernel = np.array(KERNELS[code])
    along = kernel.sum(axis=0) if code.endswith("vertical") else kernel.sum(axis=1)
    across = kernel.sum(axis=1) if code.endswith("vertical") else kernel.sum(axis=0)
    assert not across.any()
    assert along[0] == -along[-1] > 0


def test_diagonal_edges() -> None:
    """Along an edge that falls to the right, light above and dark below gives more than a vertical edge does."""
    rows, columns = np.indices((3, 3))
    falling, rising = np.where(columns > rows, 10, 0), np.where(columns + rows < 2, 10, 0)
    assert (np.array(KERNELS["falling"]) * falling).sum() == 30
    assert (np.array(KERNELS["falling"]) * rising).sum() == 0
    assert (np.array(KERNELS["rising"]) * rising).sum() == 30
    assert (np.array(KERNELS["rising"]) * falling).sum() == 0


def test_those_that_libraries_have_are_theirs() -> None:
    inner = (slice(1, -1), slice(1, -1))
    assert np.allclose(slid("laplace"), laplace(IMAGE)[inner])
    for name, weight in (("sobel", 4), ("scharr", 16)):
        # scikit-image takes the lower or right side minus the other, and divides by the sum of one side
        theirs = {"vertical": getattr(filters, f"{name}_v")(IMAGE), "horizontal": getattr(filters, f"{name}_h")(IMAGE)}
        for way, image in theirs.items():
            assert np.allclose(slid(f"{name}-{way}") / weight, -image[inner]) or np.allclose(
                slid(f"{name}-{way}") / weight, image[inner]
            )


def test_a_turned_kernel_is_convolved() -> None:
    from scipy.signal import convolve2d

    kernel = KERNELS["falling"]
    assert np.allclose(correlate2d(IMAGE, np.array(turned(kernel))), convolve2d(IMAGE, np.array(kernel)))
    assert turned(turned(kernel)) == kernel
