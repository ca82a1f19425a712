"""Two steps instead of one: the course's example cell by cell, the cost at any size, and what is not the same."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from explorer import arithmetic
from explorer.blocks.separable import as_modules, two_steps
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.components import linked
from explorer.ui.parts.blocks.efficient import fit
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

PRESETS = {
    "slide": (6, 3, 5, 3, False),
    "dw1": (112, 32, 64, 3, True),
    "dw6": (14, 512, 512, 3, True),
    "dw13": (7, 1024, 1024, 3, True),
}
"""Side, n_C, n_C', f, "same" padding: the slide's, and layers of MobileNet v1."""

_MOST_CHANNELS = 2048


def show() -> None:
    """The linked view, the desk of costs, and the fit of a trained kernel."""
    fragment(_cells)
    layout.section(t("efficient.desk"), t("efficient.desk_note"))
    fragment(_desk)
    layout.section(t("efficient.not_same"), t("efficient.not_same_note"))
    fragment(fit.show)


def _cells() -> None:
    drawn = inputs.slider(STATE.drawn)
    view = cached.two_steps(drawn)
    titles = (t("efficient.first_step"), t("efficient.second_step"))
    steps = tuple(replace(step, title=title) for step, title in zip(view.steps, titles, strict=True))
    view = replace(view, steps=steps)
    allowed = lambda at: not at or linked.cell_of(view, at) is not None  # noqa: E731
    bound = state.bind(STATE.cell, allowed=allowed)
    at = bound.commit()
    sentence = t("efficient.cells_say")
    mount = partial(linked.show, view, key="efficient-cells", label=sentence, at=at, pick=_pick)
    exhibit.show(Exhibit("efficient-linked", mount, sentence, code=(two_steps,), note=t("efficient.cells_note")))


def _pick(plane: str, row: int, column: int) -> None:
    state.assign(STATE.cell, linked.place(plane, row, column))


def _preset(name: str) -> None:
    side, n_in, n_out, f, same = PRESETS[name]
    for field, value in ((STATE.side, side), (STATE.n_in, n_in), (STATE.n_out, n_out), (STATE.f, f)):
        state.assign(field, value)
    state.assign(STATE.same, same)


def _desk() -> None:
    with st.container(horizontal=True):
        for name in PRESETS:
            st.button(t(f"efficient.preset.{name}"), key=f"preset-{name}", on_click=_preset, args=(name,))
    columns = st.columns(5, vertical_alignment="bottom")
    with columns[0]:
        side = inputs.number(STATE.side)
    with columns[1]:
        n_in = inputs.number(STATE.n_in)
    with columns[2]:
        n_out = inputs.number(STATE.n_out)
    with columns[3]:
        f = inputs.select(STATE.f)
    with columns[4]:
        same = inputs.toggle(STATE.same)
    if not same and side < f:
        st.warning(t("efficient.too_small", side=side, f=f), icon=":material/block:")
        return
    _costs(side, n_in, n_out, f, f // 2 if same else 0)


def _costs(side: int, n_in: int, n_out: int, f: int, p: int) -> None:
    whole = arithmetic.full(side, n_in, n_out, f, p=p)
    first, second = arithmetic.separable(side, n_in, n_out, f, p=p)
    ratio, both = arithmetic.cost_ratio(n_out, f), first.macs.value + second.macs.value
    sentence = t(
        "efficient.costs_say",
        whole=f"{whole.macs.value:,}",
        both=f"{both:,}",
        first=f"{first.macs.value:,}",
        second=f"{second.macs.value:,}",
        share=f"{100 * float(ratio):.1f}",
        verdict=t("efficient.dearer") if ratio >= 1 else t("efficient.cheaper", times=f"{1 / float(ratio):.1f}"),
    )
    st.markdown(sentence)
    rows = [
        {
            t("efficient.column.step"): t(f"efficient.step.{step.kind}"),
            t("efficient.column.shape"): shapes(step.before, step.after),
            t("efficient.column.weights"): step.weights.value,
            t("efficient.column.weights_worked"): step.weights.substituted,
            t("efficient.column.macs"): step.macs.value,
            t("efficient.column.macs_worked"): step.macs.substituted,
        }
        for step in (whole, first, second)
    ]
    left, right = st.columns(2, gap="medium")
    names = [t("efficient.one_step"), t("efficient.two_steps")]
    stacks: list[tuple[str, int, list[float | None]]] = [
        (t("efficient.step.full"), 7, [whole.macs.value, None]),
        (t("efficient.step.depthwise"), 0, [None, first.macs.value]),
        (t("efficient.step.pointwise"), 1, [None, second.macs.value]),
    ]
    title = t("efficient.macs_of_both")
    drawn = figures.bars(names, stacks, theme=layout.theme(), across=t("efficient.macs_axis"), title=title)
    formula = rf"\frac{{1}}{{n_C'}} + \frac{{1}}{{f^2}} = \tfrac1{{{n_out}}} + \tfrac1{{{f * f}}} = {float(ratio):.4f}"
    with left:
        code = (as_modules, arithmetic.separable)
        exhibit.show(Exhibit("efficient-costs", drawn, sentence, rows, formula=formula, code=code, height=250))
    with right:
        _curve(n_out, f)


def _curve(n_out: int, f: int) -> None:
    """The ratio over the number of filters, for three kernels; below all of them lies 1/f^2."""
    series = [
        Line(
            f"f = {side}",
            colour,
            [(float(n), float(arithmetic.cost_ratio(n, side))) for n in (2**i for i in range(12))],
        )
        for colour, side in enumerate((3, 5, 7))
    ]
    ratio = float(arithmetic.cost_ratio(n_out, f))
    series.append(Line(t("efficient.here"), 3, [(float(n_out), ratio)], "star"))
    title = t("efficient.ratio_title")
    drawn = figures.lines(
        series, theme=layout.theme(), across="n_C′", upright=t("efficient.ratio_axis"), title=title, log=(True, True)
    )
    sentence = t("efficient.ratio_say", n_out=n_out, f=f, ratio=f"{ratio:.3f}", floor=f"{1 / f**2:.3f}")
    exhibit.show(Exhibit("efficient-ratio", drawn, sentence, code=(arithmetic.cost_ratio,), height=250, note=sentence))


def shapes(before: tuple[int, ...], after: tuple[int, ...]) -> str:
    """Two volumes in the order of the slides, H × W × C."""
    return " → ".join("×".join(map(str, (*each[1:], each[0]))) for each in (before, after))
