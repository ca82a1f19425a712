"""The checkerboard: how often the stamps of a transposed convolution write each cell, and what that does to a photo."""

from __future__ import annotations

import streamlit as st

from explorer.blocks import transposing
from explorer.figures import checkerboard as figures
from explorer.figures.tiles import Tile
from explorer.images import PHOTOGRAPHS
from explorer.ui.cached.blocks import convolution as cached
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs

_N, _TILE = 7, 288  # inputs along an axis; pixels of a photograph that is enlarged


def show(f: int, s: int) -> None:
    """How often each output is written, and a photograph enlarged three ways."""
    layout.section(t("convolution.uneven"), t("convolution.uneven_note"))
    _counts(f, s)
    _photograph(f, s)


def _counts(f: int, s: int) -> None:
    counts = transposing.counts(_N, f, s)
    inner = transposing.inner_counts(f, s)
    met = listed(str(n) for n in sorted({a * b for a in inner for b in inner}))
    said = t(f"convolution.counts_{'uneven' if f % s else 'even'}", f=f, s=s, met=met)
    drawn = figures.grids([(t("convolution.counts"), counts)], theme=layout.theme(), said=said)
    rows = [{t("convolution.row"): i, **{f"{j}": n for j, n in enumerate(row)}} for i, row in enumerate(counts)]
    st.markdown(said)
    exhibit.show(Exhibit("transposed-counts", drawn, said, rows, code=(transposing.counts,)))


def _photograph(f: int, s: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="transposed-photo"):
        names = {each.slug: t(f"image.{each.slug}") for each in PHOTOGRAPHS}
        with st.container(width=_TILE):
            photograph = inputs.select(STATE.transposed.photograph, tuple(names), names.__getitem__)
        with st.container(width="content"):
            weights = inputs.segmented(STATE.transposed.weights)
    with layout.waiting():
        plain, stamped, smooth = cached.enlarged(photograph, f, s, weights)
    low, high = cached.unevenness(f, s, weights)
    tiles = (
        Tile(plain, t("convolution.photo_plain")),
        Tile(stamped, t("convolution.photo_stamped")),
        Tile(smooth, t("convolution.photo_smooth")),
    )
    kind = "even" if high - low < 1e-9 else "uneven"
    said = t(f"convolution.photo_{kind}", f=f, s=s, low=f"{low:.3g}", high=f"{high:.3g}")
    exhibit.show(Exhibit("transposed-photograph", tiles, said, width=_TILE, code=(transposing.upsampled,), note=said))
