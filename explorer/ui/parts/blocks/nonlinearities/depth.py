"""A gradient on its way back through fifty random layers, for every non-linearity, on a logarithmic axis."""

from __future__ import annotations

import streamlit as st

from explorer.blocks.activations import ACTIVATIONS
from explorer.blocks.depth import BATCH, WIDTH
from explorer.blocks.snippets import depth_code
from explorer.figures import nonlinear as figures, palette
from explorer.ui.cached.blocks import nonlinearities as cached
from explorer.ui.parts.blocks.nonlinearities.functions import title
from explorer.ui.parts.blocks.nonlinearities.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_USUAL = ("sigmoid", "tanh", "relu", "silu")
_SEED = 0
_FORMULA = (
    r"\frac{\partial L}{\partial a^{[l]}}=W^{[l+1]\top}"
    r"\left(g'(z^{[l+1]})\odot\frac{\partial L}{\partial a^{[l+1]}}\right)"
)


def show() -> None:
    """Choose functions and a start; see what of a gradient arrives."""
    layout.section(t("nonlinearities.chain"), t("nonlinearities.chain_note", width=WIDTH, batch=BATCH))
    fragment(_chain)


def _chain() -> None:
    lines = inputs.pills(STATE.lines, tuple(ACTIVATIONS), title, default=_USUAL)
    left, middle, right = st.columns([5, 4, 3], gap="medium")
    with left:
        start = inputs.segmented(STATE.start)
    with middle:
        factors = inputs.segmented(STATE.factors)
    with right:
        depth = inputs.slider(STATE.depth)
    if not lines:
        st.info(t("nonlinearities.no_line"), icon=":material/touch_app:")
        return
    with layout.waiting():
        found = {function: cached.gradient(function, start, _SEED) for function in lines}
    order = list(ACTIVATIONS)
    drawn = [
        (title(name), (curve.gradient if factors == "both" else curve.slopes)[: depth + 1], _colour(order.index(name)))
        for name, curve in found.items()
    ]
    predicted = [0.25**k for k in range(depth + 1)]
    words = {"layers": t("nonlinearities.layers_below"), "gradient": t(f"nonlinearities.arrives_{factors}")}
    option = figures.decay(
        drawn, theme=layout.theme(), words=words, title=t("nonlinearities.chain_title"), predicted=("0.25ᵏ", predicted)
    )
    worst = min(drawn, key=lambda line: line[1][-1])
    best = max(drawn, key=lambda line: line[1][-1])
    said = t(
        f"nonlinearities.chain_{factors}",
        k=depth,
        worst=worst[0],
        least=_power(worst[1][-1]),
        best=best[0],
        most=_power(best[1][-1]),
        predicted=_power(predicted[-1]),
    )
    rows = [
        {"k": k, **{name: f"{values[k]:.3g}" for name, values, _ in drawn}, "0.25^k": f"{predicted[k]:.3g}"}
        for k in range(depth + 1)
    ]
    st.markdown(said)
    exhibit.show(Exhibit("chain", option, said, rows=rows, formula=_FORMULA, code=_code, height=430))
    st.caption(t(f"nonlinearities.start_note.{start}"))
    with st.expander(t("nonlinearities.code"), icon=":material/code:"):
        st.code(depth_code(lines[0], start, _SEED), language="python")


def _colour(index: int) -> str:
    return palette.CYCLE[index % len(palette.CYCLE)]


def _code() -> Code:
    from explorer.blocks.depth import gradient

    return (gradient,)


def _power(value: float) -> str:
    """Two digits of a number that may be very small."""
    if not value:
        return "0"
    if 0.01 <= value < 1_000:
        return f"{value:.2g}" if value < 1 else f"{value:.1f}"
    return f"{value:.1e}"  # of which a sentence makes 3.4·10⁻³²
