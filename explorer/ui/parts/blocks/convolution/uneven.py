"""The checkerboard: how often the stamps of a transposed convolution write each cell, and what that does to a photo."""

from __future__ import annotations

import streamlit as st

from explorer.blocks import transposing
from explorer.figures import checkerboard as figures
from explorer.ui.cached.blocks import convolution as cached
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit, Tile
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs

_N, _TILE = 7, 288  # inputs along an axis; pixels of a photograph that is enlarged


def show(f: int, s: int) -> None:
    """How often each output is written, and a photograph enlarged three ways."""
    layout.section(t("convolution.uneven"), t("convolution.uneven_note"))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _counts(f, s)
    with right:
        _photograph(f, s)


def _counts(f: int, s: int) -> None:
    counts = transposing.counts(_N, f, s)
    inner = transposing.inner_counts(f, s)
    met = listed(str(n) for n in sorted({a * b for a in inner for b in inner}))
    said = t("convolution.counts_even" if f % s == 0 else "convolution.counts_uneven", f=f, s=s, met=met)
    title = t("convolution.counts")
    fig = figures.grids([(title, counts)], theme=layout.theme(), title=title, signed=False, height=340)
    rows = [{t("convolution.row"): i, **{f"{j}": n for j, n in enumerate(row)}} for i, row in enumerate(counts)]
    exhibit.show(Exhibit("transposed-counts", fig, said, rows, code=(transposing.counts,), note=said))


def _photograph(f: int, s: int) -> None:
    first, second = st.columns(2, gap="small", vertical_alignment="bottom")
    with first:
        names = {code: t(f"image.{code}") for code in STATE.transposed.photograph.codes}
        photograph = inputs.select(STATE.transposed.photograph, named=names.__getitem__)
    with second:
        weights = inputs.segmented(STATE.transposed.weights)
    with layout.waiting():
        plain, stamped, smooth = cached.enlarged(photograph, f, s, weights)
    low, high = cached.unevenness(f, s, weights)
    tiles = (
        Tile(plain, t("convolution.photo_plain")),
        Tile(stamped, t("convolution.photo_stamped")),
        Tile(smooth, t("convolution.photo_smooth")),
    )
    key = "convolution.photo_even" if high - low < 1e-9 else "convolution.photo_uneven"
    said = t(key, f=f, s=s, low=f"{low:.3g}", high=f"{high:.3g}")
    exhibit.show(Exhibit("transposed-photograph", tiles, said, width=_TILE, code=(transposing.upsampled,), note=said))
