"""h(x) = x + (h(x) - x): what is left for the branch of a residual block to compute."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.residual import target
from explorer.ui.parts.blocks.residual.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """A function that a block has to compute, and the difference to its input."""
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    layout.section(t("residual.wanted_title"), t("residual.wanted_note"))
    kind = inputs.segmented(STATE.wanted)
    found = target(kind)
    names = {"h": "h(x)", "x": "x", "F": "F(x) = h(x) − x"}
    curves = [
        Line(names["h"], [(x, h) for x, h, _ in found], palette.PLAIN),
        Line(names["x"], [(x, x) for x, _, _ in found], palette.SLATE, dashed=True),
        Line(names["F"], [(x, f) for x, _, f in found], palette.RESIDUAL),
    ]
    words = {"x": "x", "y": t("residual.wanted_y")}
    option = lines(curves, theme=layout.theme(), words=words, title=t("residual.wanted_title"))
    plain = sum(abs(h) for _, h, _ in found) / len(found)
    left = sum(abs(f) for _, _, f in found) / len(found)
    which = "less" if left < plain else "more" if left > plain else "same"
    sentence = t(f"residual.wanted_{which}", plain=f"{plain:.2f}", residual=f"{left:.2f}")
    st.markdown(sentence)
    rows = [dict(zip(("x", "h(x)", "h(x) − x"), map(_rounded, each), strict=True)) for each in found]
    exhibit.show(
        Exhibit("residual-wanted", option, sentence, rows, formula=r"h(x) = x + \big(h(x) - x\big)", code=(target,))
    )


def _rounded(value: float) -> float:
    return round(value, 4)
