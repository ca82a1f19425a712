"""A transposed convolution in three ways that show the same cells, and its code."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks import transposing
from explorer.blocks.choosing import replaced
from explorer.blocks.setups import fitted, stretched
from explorer.fields import Field
from explorer.records.convolving import Grid, Misfit, Transposed
from explorer.ui.cached.blocks import convolution as cached
from explorer.ui.components import linked
from explorer.ui.parts.blocks.convolution import uneven
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import boundary, exhibit, layout, present, state
from explorer.ui.shell.exhibit import Exhibit, Rows
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_FIELDS = STATE.transposed
_NARROW = 116  # pixels of a number that is chosen
_MOST_SIDE = 3  # of a square input: the matrix has a column for each of its cells
_INPUT: Grid = ((2, 1), (3, 2))
_KERNEL: Grid = ((1, 2, 1), (2, 0, 1), (0, 2, 1))
_FORMULA = r"y[o] = \sum_{i} x[i]\, w[\,o + p - i s\,] \quad\Longleftrightarrow\quad y = C^{\mathsf T} x"


def show() -> None:
    """The view, as a fragment: a choice draws nothing else of the page anew."""
    boundary.fragment(_show)


def _show() -> None:
    st.caption(t("convolution.t_note"))
    given = _chosen()
    problem = transposing.misfit(len(given.kernel[0]), given.stride, given.padding, given.extra)
    if problem is None and transposing.size(given).value < 1:
        problem = Misfit("cut", (), "padding", transposing.most_padding(given))
    if problem:
        _say(problem)
        return
    worked = transposing.size(given)
    size = f"{worked.value}" if given.line else f"{worked.value} × {worked.value}"
    layout.facts([(t("convolution.fact_size"), size, f"{worked}"), (t("convolution.t_back"), *_back(given))])
    _linked(given)
    if not present.now():
        with st.expander(t("convolution.code"), icon=":material/code:"):
            st.code(transposing.pytorch(given), language="python")
    uneven.show(len(given.kernel[0]), given.stride)


def _chosen() -> Transposed:
    with st.container(horizontal=True, vertical_alignment="bottom", key="transposed-settings"):
        line = inputs.toggle(_FIELDS.line)
        most = None if line else _MOST_SIDE
        n = _number(_FIELDS.n, most)
        f, s, p, extra = (_number(each) for each in (_FIELDS.f, _FIELDS.s, _FIELDS.p, _FIELDS.extra))
    x, w = (state.bind(each, owner=f"{line}").commit() for each in (_FIELDS.x, _FIELDS.w))
    rows = 1 if line else n
    (given,) = fitted(x or (_INPUT,), 1, rows, n)
    kernel = stretched(w[0] if w else _KERNEL, 1 if line else f, f)
    return Transposed(inputs=given, kernel=kernel, stride=s, padding=p, extra=extra, line=line)


def _number(field: Field[int], most: int | None = None) -> int:
    with st.container(width=_NARROW):
        return inputs.number(field, high=most)


def _back(given: Transposed) -> tuple[str, str]:
    """The convolution with the same settings leads from the output's size back to the input's."""
    worked = transposing.back(given)
    return f"{worked.value}", f"{worked}"


def _linked(given: Transposed) -> None:
    view = cached.three_ways(given, tuple(_titles().items()))
    bound = state.bind(_FIELDS.at, allowed=lambda at: linked.cell_of(view, at) is not None)
    worked = transposing.size(given)
    said = t("convolution.t_said", f=len(given.kernel[0]), s=given.stride, p=given.padding, out=worked.value)
    drawing = partial(
        linked.show,
        view,
        key="transposed-linked",
        label=t("convolution.view.transposed"),
        at=bound.commit(),
        pick=_pick,
        edit=partial(_edit, given),
    )
    rows = partial(_rows, given)
    exhibit.show(
        Exhibit("transposed", drawing, said, rows, formula=_FORMULA, code=(transposing.three_ways,), note=said)
    )


def _titles() -> dict[str, str]:
    return {
        "input": t("convolution.input"),
        "kernel": t("convolution.kernel"),
        "output": t("convolution.output"),
        "stuffed": t("convolution.t_stuffed"),
        "turned": t("convolution.t_turned"),
        "matrix": t("convolution.t_matrix"),
        "vector": t("convolution.t_vector"),
        "result": t("convolution.t_result"),
        "stamp": t("convolution.t_stamp"),
        "stuff": t("convolution.t_stuff"),
        "multiply": t("convolution.t_multiply"),
    }


def _pick(plane: str, row: int, column: int) -> None:
    state.assign(_FIELDS.at, linked.place(plane, row, column))


def _edit(given: Transposed, plane: str, rows: Grid) -> None:
    """Typed or pasted numbers; input and kernel stay squares, and rows where there is one axis."""
    most = 6 if plane == "x" else 5
    own = replaced((given.inputs if plane == "x" else given.kernel,), 0, rows, most)
    side = len(own[0][0])
    (square,) = fitted(own, 1, 1 if given.line else side, side)
    state.assign(_FIELDS.x if plane == "x" else _FIELDS.w, (square,), owner=f"{given.line}")
    if plane == "x":
        state.assign(_FIELDS.n, side if given.line else min(side, _MOST_SIDE))
    else:
        state.assign(_FIELDS.f, side)


def _rows(given: Transposed) -> Rows:
    return [
        {t("convolution.row"): i, **{f"{j}": value for j, value in enumerate(row)}}
        for i, row in enumerate(transposing.output(given))
    ]


def _say(problem: Misfit) -> None:
    with st.container(key="convolution-misfit"):
        st.warning(t(f"convolution.misfit_{problem.reason}"), icon=":material/block:")
        field = {"padding": _FIELDS.p, "extra": _FIELDS.extra}[problem.setting]
        button = t(f"convolution.mend_{problem.setting}", value=problem.value)
        st.button(
            button, icon=":material/build:", on_click=state.assign, args=(field, problem.value), key="transposed-mend"
        )
