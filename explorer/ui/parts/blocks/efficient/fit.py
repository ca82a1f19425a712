"""What a separable pair cannot do: the best one for a trained kernel, and how much of the kernel it keeps."""

from __future__ import annotations

import streamlit as st

from explorer.blocks.separable import closest_pair
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line, Look
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient.state import LAYERS, STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_SHOWN = 16


def show() -> None:
    """A layer of ResNet-20, what one filter a channel keeps of its kernels, and with how many filters all is kept."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        layer = inputs.select(STATE.kernel, LAYERS, str, default=STATE.kernel.default)
    trained, control = cached.fits(layer)
    n_out, n_in = trained.kernel.shape[:2]
    with right:
        channel = inputs.slider(STATE.channel, high=n_in, default=1, owner=layer)
    kept, before = trained.kept[0], control.kept[0]
    sentence = t(
        "efficient.fit_say",
        layer=layer,
        n_in=n_in,
        n_out=n_out,
        kept=f"{100 * kept:.0f}",
        random=f"{100 * before:.0f}",
        full=f"{9 * n_in * n_out:,}",
        pair=f"{9 * n_in + n_in * n_out:,}",
    )
    st.markdown(sentence)
    picture, curve = st.columns(2, gap="medium")
    with picture:
        rows = [each[:_SHOWN, channel - 1] for each in (trained.kernel, trained.closest)]
        alt = t("efficient.kernels_say", channel=channel, shown=min(_SHOWN, n_out))
        exhibit.show(Exhibit("efficient-kernels", figures.kernels_png(rows), alt, note=alt), details=False)
    with curve:
        _curve(trained.kept, control.kept, sentence)


def _curve(trained: tuple[float, ...], control: tuple[float, ...], sentence: str) -> None:
    looks: tuple[Look, Look] = ("line", "dash")
    series = [
        Line(name, colour, [(float(m), 100 * share) for m, share in enumerate(kept, start=1)], look)
        for look, (name, colour, kept) in zip(
            looks, ((t("efficient.trained"), 0, trained), (t("efficient.untrained"), 7, control)), strict=True
        )
    ]
    title = t("efficient.kept_title")
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across=t("efficient.multiplier"),
        upright=t("efficient.kept_axis"),
        title=title,
        low=(1, 0),
    )
    rows = [
        {
            t("efficient.multiplier"): m,
            t("efficient.trained"): round(100 * a, 1),
            t("efficient.untrained"): round(100 * b, 1),
        }
        for m, (a, b) in enumerate(zip(trained, control, strict=True), start=1)
    ]
    exhibit.show(Exhibit("efficient-kept", drawn, sentence, rows, code=(closest_pair,), height=280))
