"""Fully connected against convolution: what each costs, and both as the matrix that they are."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.arithmetic import output_size
from explorer.arithmetic.sharing import weight_matrices, wiring_costs
from explorer.blocks.wiring import code, wired
from explorer.figures import sharing as figures
from explorer.records.sharing import WIRINGS, WeightMatrix, Wiring, WiringCost
from explorer.ui.components import linked
from explorer.ui.parts.blocks.convolution.dense.state import FIELDS, MOST_CELLS
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_COUNTED = (FIELDS.n, FIELDS.c, FIELDS.f, FIELDS.s, FIELDS.p, FIELDS.c_out)


def show() -> None:
    """Costs and matrices, each by itself."""
    fragment(_costs)
    fragment(_matrices)


def _names() -> dict[str, str]:
    return {wiring: t(f"convolution.wiring.name.{wiring}") for wiring in WIRINGS}


# --- what it costs ----------------------------------------------------------------------------------------------------


def _costs() -> None:
    values = []
    for start in (0, 3):
        with layout.row():
            values += [inputs.number(field) for field in _COUNTED[start : start + 3]]
    n, c, f, s, p, c_out = values
    if any(state.peek(field) != field.default for field in _COUNTED):
        st.button(t("convolution.wiring.slide"), on_click=_slide, key="wiring-slide", icon=":material/restart_alt:")
    side = output_size(n, f, s=s, p=p)
    if side.value < 1:
        st.warning(t("convolution.wiring.misfit", f=f, room=n + 2 * p), icon=":material/block:")
        label = t("convolution.wiring.smaller", f=n + 2 * p)
        st.button(label, on_click=state.assign, args=(FIELDS.f, n + 2 * p), key="wiring-smaller")
        return
    found = wiring_costs(n, c, f, c_out, s=s, p=p)
    _facts(found, f"{n} × {n} × {c} → {side.value} × {side.value} × {c_out}", str(side))
    names = _names()
    words = {
        "parameters": t("convolution.wiring.parameters"),
        "connections": t("convolution.wiring.connections"),
    }
    option = figures.costs(found, names, theme=layout.theme(), words=words, title=t("convolution.wiring.costs"))
    dense, local, conv = found
    sentence = t(
        "convolution.wiring.says",
        dense=f"{dense.parameters.value:,}",
        local=f"{local.parameters.value:,}",
        conv=f"{conv.parameters.value:,}",
        locality=f"{dense.connections.value / local.connections.value:,.4g}",
        sharing=f"{local.parameters.value / conv.parameters.value:,.4g}",
    )
    rows = [
        {
            t("convolution.wiring.which"): names[each.wiring],
            words["parameters"]: str(each.parameters),
            words["connections"]: str(each.connections),
        }
        for each in found
    ]
    exhibit.show(Exhibit("wiring-costs", option, sentence, rows, code=(wiring_costs,), note=sentence, height=250))


def _slide() -> None:
    for field in _COUNTED:
        state.assign(field, field.default)


def _facts(found: tuple[WiringCost, ...], shape: str, side: str) -> None:
    names = _names()
    layout.facts(
        (
            (t("convolution.wiring.sizes"), shape, side),
            *((names[each.wiring], f"{each.parameters.value:,}", each.parameters.substituted) for each in found),
        )
    )


# --- as a matrix ------------------------------------------------------------------------------------------------------


def _matrices() -> None:
    layout.section(t("convolution.wiring.matrices"), t("convolution.wiring.matrices_note"))
    shape = inputs.segmented(FIELDS.shape)
    planar, most = shape == "plane", MOST_CELLS[shape]
    with layout.row():
        n = inputs.number(FIELDS.side, high=most, default=min(FIELDS.side.default, most - planar), owner=shape)
        f = inputs.number(FIELDS.window)
        s = inputs.number(FIELDS.step)
    if f > n:
        st.warning(t("convolution.wiring.misfit", f=f, room=n), icon=":material/block:")
        label = t("convolution.wiring.smaller", f=n)
        st.button(label, on_click=state.assign, args=(FIELDS.window, n), key="matrix-smaller")
        return
    found = weight_matrices(n, f, s, planar=planar)
    names = _names()
    for column, each in zip(st.columns(3, gap="small"), found, strict=True):
        with column:
            _matrix(each, names[each.wiring])
    rows, columns = found[0].rows, found[0].columns
    sentence = t(f"convolution.wiring.matrices_say.{shape}", rows=rows, columns=columns, weights=found[-1].weights, s=s)
    table = [
        {
            t("convolution.wiring.which"): names[each.wiring],
            t("convolution.wiring.weights"): each.weights,
            t("convolution.wiring.entries"): len(each.entries),
            t("convolution.wiring.zeros"): rows * columns - len(each.entries),
        }
        for each in found
    ]
    st.caption(sentence)
    exhibit.twin(Exhibit("wiring-matrices", None, sentence, table, code=(weight_matrices,)))
    _linked(n, f, s, planar)


def _matrix(matrix: WeightMatrix, name: str) -> None:
    title = t("convolution.wiring.count", name=name, weights=matrix.weights, entries=len(matrix.entries))
    cell = t("convolution.wiring.entry", row="{row}", column="{column}", weight="{weight}")
    option = figures.matrix(matrix, theme=layout.theme(), cell=cell, title=title)
    height = 60 + max(120, min(220, 28 * matrix.rows))
    exhibit.show(Exhibit(f"wiring-matrix-{matrix.wiring}", option, title, height=height), details=False)


def _linked(n: int, f: int, s: int, planar: bool) -> None:
    chosen = {str(wiring): wiring for wiring in WIRINGS}[inputs.segmented(FIELDS.wiring)]
    _view(chosen, n, f, s, planar)
    if chosen == "conv":
        with st.expander(t("convolution.wiring.code"), icon=":material/code:"):
            st.code(code(n, f, s, planar=planar), language=None)


def _view(wiring: Wiring, n: int, f: int, s: int, planar: bool) -> None:
    names = ("input", "kernel", "matrix", "output", "sliding", "product")
    words = {name: t(f"convolution.wired.{name}") for name in names}
    view = wired(wiring, n, f, s, planar=planar, words=words)
    label = t("convolution.wiring.linked")
    drawing = partial(linked.show, view, key=f"wiring-view-{wiring}", label=label)
    sentence = t(f"convolution.wiring.linked_says.{wiring}")
    exhibit.show(Exhibit("wiring-linked", drawing, sentence, code=(weight_matrices,), note=sentence))
