"""Cached calls of the page about convolution: views cell by cell, kernels learned twice, enlarged photographs."""

from __future__ import annotations

from explorer.records import LinkedView
from explorer.records.convolving import Convolution, Grid, LearnedKernels, Transposed
from explorer.ui.cached.keeping import kept

Words = tuple[tuple[str, str], ...]
"""The titles of planes, as pairs: their language is part of what is kept."""

_SIDE, _ENLARGED = 48, 3  # pixels of the photograph that is enlarged; how large each pixel is drawn


@kept(max_entries=256)
def view_of(given: Convolution, words: Words) -> LinkedView:
    """The planes of a convolution and their links."""
    from explorer.blocks.convolving import view_of as computed

    return computed(given, dict(words))


@kept(max_entries=256)
def three_ways(given: Transposed, words: Words) -> LinkedView:
    """A transposed convolution in three ways."""
    from explorer.blocks.transposing import three_ways as computed

    return computed(given, dict(words))


@kept(max_entries=256)
def learned_twice(wanted: Grid, steps: int) -> LearnedKernels:
    """A kernel learned by cross-correlation and by convolution."""
    from explorer.blocks.learning import learned_twice as computed

    return computed(wanted, steps)


@kept(max_entries=64)
def enlarged(photograph: str, f: int, s: int, weights: str) -> tuple[bytes, bytes, bytes]:
    """A grey photograph as it is, enlarged by a transposed convolution, and by resizing and convolution: PNGs."""
    from explorer.blocks.transposing import upsampled
    from explorer.figures.checkerboard import grey_png
    from explorer.images import as_input, load

    pixels = as_input(load(photograph), (1, _SIDE, _SIDE))[..., 0] / 255
    stamped, smooth = upsampled(pixels, f, s, weights)
    return grey_png(pixels, _ENLARGED * s), grey_png(stamped, _ENLARGED), grey_png(smooth, _ENLARGED)


@kept(max_entries=64)
def unevenness(f: int, s: int, weights: str) -> tuple[float, float]:
    """The smallest and the largest value far from the rim that an even image of ones is enlarged to."""
    from explorer.blocks.transposing import uneven

    return uneven(f, s, weights)
