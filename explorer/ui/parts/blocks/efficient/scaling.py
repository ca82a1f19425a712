"""Compound scaling: the surface of bases that cost twice as much, the curve of the family, and one axis alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from explorer import arithmetic
from explorer.arithmetic.compound import SIDE
from explorer.figures.scaling import surface
from explorer.ui.components import opening
from explorer.ui.parts.blocks.efficient import family, one_axis
from explorer.ui.parts.blocks.efficient.state import STATE, Bases
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

PAPER = (1.2, 1.1, 1.15)
"""Alpha, beta and gamma of Tan & Le 2019."""

_STEPS = tuple(round(1 + 0.05 * i, 2) for i in range(9))


def show() -> None:
    """The desk with the figure that is chosen; below it what was published, which no slider moves."""
    figure = inputs.segmented(STATE.figure)
    fragment(partial(_desk, {"surface": _surface, "family": family.show, "axes": one_axis.show}[figure]))
    published = {"family": family.published, "axes": one_axis.published}.get(figure)
    if published:
        published()
        st.caption(t("efficient.published_note"))


def _desk(draw: Callable[[Bases], None]) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        bases = _controls()
    with right:
        draw(bases)
    _said(bases)


def _controls() -> Bases:
    st.button(t("efficient.paper_bases"), key="paper-bases", on_click=_paper)
    on = inputs.toggle(STATE.on_surface)
    beta, gamma = inputs.slider(STATE.beta), inputs.slider(STATE.gamma)
    if on:
        alpha = arithmetic.depth_on_surface(beta, gamma)
        st.markdown(t("efficient.alpha_is", alpha=f"{alpha:.3f}"))
    else:
        alpha = inputs.slider(STATE.alpha)
    return Bases(alpha, beta, gamma, inputs.slider(STATE.phi))


def _paper() -> None:
    state.assign(STATE.on_surface, False)
    for field, value in zip((STATE.alpha, STATE.beta, STATE.gamma), PAPER, strict=True):
        state.assign(field, value)


def _surface(bases: Bases) -> None:
    alphas = [[arithmetic.depth_on_surface(beta, gamma) for beta in _STEPS] for gamma in _STEPS]
    words = {
        "here": t("efficient.here"),
        "paper": t("efficient.paper_point"),
        "beta": t("efficient.beta"),
        "gamma": t("efficient.gamma"),
    }
    drawn = surface(
        _STEPS,
        _STEPS,
        alphas,
        here=(bases.beta, bases.gamma),
        paper=PAPER[1:],
        words=words,
        title=t("efficient.surface_title"),
    )
    product = arithmetic.multiplied_cost(bases.alpha, bases.beta, bases.gamma)
    sentence = t(
        "efficient.surface_say",
        alpha=f"{bases.alpha:.2f}",
        beta=f"{bases.beta:.2f}",
        gamma=f"{bases.gamma:.2f}",
        product=f"{product:.3f}",
    )
    rows = [
        {words["gamma"]: gamma, **{f"β = {beta:.2f}": round(alpha, 4) for beta, alpha in zip(_STEPS, row, strict=True)}}
        for gamma, row in zip(_STEPS, alphas, strict=True)
    ]
    code = (arithmetic.depth_on_surface, arithmetic.multiplied_cost)
    exhibit.show(Exhibit("efficient-surface", drawn, sentence, rows, code=code, note=sentence, formula=_FORMULA))
    opening.listen(clicked, key="surface-opens")


_FORMULA = r"d = \alpha^\phi,\quad w = \beta^\phi,\quad r = \gamma^\phi,\qquad \alpha\,\beta^2\gamma^2 \approx 2"


def clicked(number: int) -> None:
    """A cell of the surface was clicked: its beta and gamma. Numbers count from 1; one of no cell moves nothing."""
    gamma, beta = divmod(number - 1, len(_STEPS))
    if gamma < len(_STEPS):
        state.assign(STATE.beta, _STEPS[beta])
        state.assign(STATE.gamma, _STEPS[gamma])


def _said(bases: Bases) -> None:
    depth, width, resolution = bases.multipliers
    side = round(SIDE * resolution)
    found, base = arithmetic.counted(depth, width, side), arithmetic.counted(1, 1, SIDE)
    layout.facts(
        [
            (t("efficient.depth"), f"× {depth:.2f}", t("efficient.depth_note", layers=found.layers, base=base.layers)),
            (t("efficient.width"), f"× {width:.2f}", t("efficient.width_note")),
            (t("efficient.resolution"), f"× {resolution:.2f}", t("efficient.resolution_note", side=side)),
            (t("efficient.parameters"), f"{found.parameters / 1e6:.1f} M", f"{found.parameters:,}"),
            (
                t("efficient.macs_axis"),
                f"{found.macs / 1e9:.2f} G",
                t(
                    "efficient.macs_note",
                    real=f"{found.macs / base.macs:.2f}",
                    formula=f"{arithmetic.multiplied_cost(depth, width, resolution):.2f}",
                ),
            ),
        ]
    )
