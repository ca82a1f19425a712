"""Why it does not matter that networks do not flip their kernels: one kernel learned both ways."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.figures import checkerboard as figures
from explorer.records.convolving import Convolution, Grid
from explorer.ui.cached.blocks import convolution as cached
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show(given: Convolution) -> None:
    """The first kernel on screen is what both are to learn; its slider draws nothing else of the view anew."""
    layout.section(t("convolution.learned"), t("convolution.learned_note"))
    fragment(partial(_learn, given.kernels[0][0]))


def _learn(wanted: Grid) -> None:
    from explorer.blocks.learning import learned_twice

    steps = int(inputs.slider(STATE.cells.steps))
    found = cached.learned_twice(wanted, steps)
    titled = [
        (t("convolution.wanted"), wanted),
        (t("convolution.by_correlation"), found.correlated),
        (t("convolution.by_convolution"), found.convolved),
    ]
    sentence = t(
        "convolution.learned_said",
        steps=steps,
        correlation=f"{found.errors[0]:.3g}",
        convolution=f"{found.errors[1]:.3g}",
    )
    rows = [
        {t("convolution.grid"): name, t("convolution.row"): i, **{f"{j}": round(v, 4) for j, v in enumerate(row)}}
        for name, grid in titled
        for i, row in enumerate(grid)
    ]
    st.markdown(sentence)
    drawn = figures.grids(titled, theme=layout.theme(), said=sentence)
    exhibit.show(Exhibit("convolution-learned", drawn, sentence, rows, code=(learned_twice,)))
