"""Cached calls of the page about convolution: photographs through a kernel, fields on them, and a scene that moves."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.arithmetic.stacks import grown, reached
from explorer.records import InputImage
from explorer.records.filtered import Filter, Filtered, FilterMisfit
from explorer.records.sharing import ShiftedScene
from explorer.records.stacks import WindowLayer
from explorer.ui.cached.keeping import kept

SIDE = 300
"""Rows that a photograph is reduced to before a kernel slides over it."""


# --- a kernel over a photograph ---------------------------------------------------------------------------------------


@kept(max_entries=48)
def filtered(image: InputImage, asked: Filter, everything: bool) -> Filtered | FilterMisfit:
    """What a kernel makes of an image; or why it cannot slide over it."""
    from explorer.blocks import filtering
    from explorer.images import thumbnail

    pixels = thumbnail(image.pixels, 1 if asked.over == "grey" else 3, SIDE)
    wrong = filtering.misfit((pixels.shape[0], pixels.shape[1]), asked)
    if wrong is not None:
        return wrong
    return filtering.filtered(pixels[..., 0] if asked.over == "grey" else pixels, asked, everything=everything)


@kept(max_entries=48)
def before_png(image: InputImage, asked: Filter, everything: bool) -> bytes:
    """The image that a kernel slides over."""
    from explorer.figures import filtered as figures

    return figures.before_png(_fitting(image, asked, everything))


@kept(max_entries=48)
def after_pngs(image: InputImage, asked: Filter, everything: bool) -> tuple[bytes, ...]:
    """The result: one picture, or one for each colour."""
    from explorer.figures import filtered as figures

    found = _fitting(image, asked, everything)
    if len(found.values) == 1 or found.result == "image":
        return (figures.after_png(found),)
    return tuple(figures.after_png(found, index) for index in range(len(found.values)))


@kept(max_entries=48)
def strongest(image: InputImage, asked: Filter, everything: bool) -> tuple[int, int]:
    """The row and column of the value that is furthest from zero."""
    from explorer.blocks import filtering

    return filtering.strongest(_fitting(image, asked, everything), asked)


def _fitting(image: InputImage, asked: Filter, everything: bool) -> Filtered:
    found = filtered(image, asked, everything)
    assert isinstance(found, Filtered)
    return found


# --- a stack on a photograph ------------------------------------------------------------------------------------------


@kept(max_entries=32)
def framed(image: InputImage, layers: Sequence[WindowLayer], n: int, cell: int) -> bytes:
    """The image at n x n pixels with the window of a cell, and of the cells in its middle below, a frame a layer."""
    from explorer.figures.stacks import frames_png
    from explorer.images import fitted

    return frames_png(fitted(image.pixels, (n, n)), windows(layers, n, cell))


def windows(layers: Sequence[WindowLayer], n: int, cell: int) -> tuple[tuple[int, int, int, int], ...]:
    """(top, left, bottom, right) in pixels of each layer's cell nearest to the middle of the last one's, per layer."""
    found = grown(layers, n)
    middle = found[-1].centre(cell)
    spans = []
    for field in found[1:]:
        nearest = round((middle - field.centre(0)) / field.jump.value)
        spans.append(field.window(max(0, min(field.side.value - 1, nearest))))
    return tuple((first, first, after, after) for first, after in spans)


@kept(max_entries=32)
def seen(image: InputImage, layers: Sequence[WindowLayer], n: int, cell: int) -> bytes:
    """The image at n x n pixels, each as bright as the root of the ways that lead from a cell to it."""
    from explorer.figures.stacks import seen_png
    from explorer.images import fitted

    return seen_png(fitted(image.pixels, (n, n)), reached(layers, n, cell)[0])


# --- a scene that moves -----------------------------------------------------------------------------------------------


@kept(max_entries=32)
def moved(image: InputImage, shift: int, seed: int) -> ShiftedScene:
    """Two views of an image, small and grey, and the outputs of each wiring."""
    from explorer.blocks.shifting import MOST, SIDE as VIEW, moved_scene
    from explorer.images import fitted, thumbnail

    small = fitted(image.pixels, (VIEW, VIEW + MOST))
    return moved_scene(thumbnail(small, 1, VIEW)[..., 0], shift, seed)
