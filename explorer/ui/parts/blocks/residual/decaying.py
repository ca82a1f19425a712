"""What becomes of a block as weight decay shrinks its W and b: the identity with the skip, nothing without."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.residual import decay, flow
from explorer.ui.parts.blocks.residual.state import STATE, flow_settings
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The distance between a block's output and its input, over the factor on W and b."""
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    layout.section(t("residual.decay"), t("residual.decay_note"))
    with layout.row():
        inputs.segmented(STATE.entry)
        order = inputs.segmented(STATE.order)
        inputs.number(STATE.seed)
    if order == "original":  # the other order has no batch normalisation here
        inputs.toggle(STATE.norm)
    found = decay(flow_settings())
    axes = {"x": t("residual.decay_x"), "y": t("residual.decay_y")}
    names = t("residual.arm.residual"), t("residual.arm.plain")
    curves = [
        Line(names[0], [(s, 100 * residual) for s, residual, _ in found], palette.RESIDUAL),
        Line(names[1], [(s, 100 * plain) for s, _, plain in found], palette.PLAIN),
    ]
    option = lines(curves, theme=layout.theme(), words=axes, title=t("residual.decay"))
    (_, residual, plain), (_, drawn, plain_drawn) = found[0], found[-1]
    sentence = t(
        "residual.decay_say",
        residual=f"{100 * residual:.0f}",
        plain=f"{100 * plain:.0f}",
        drawn=f"{100 * drawn:.0f}",
        plain_drawn=f"{100 * plain_drawn:.0f}",
    )
    st.markdown(sentence)
    rows = [{axes["x"]: s, names[0]: round(100 * a, 2), names[1]: round(100 * b, 2)} for s, a, b in found]
    exhibit.show(Exhibit("residual-decay", option, sentence, rows, code=(decay, flow)))
