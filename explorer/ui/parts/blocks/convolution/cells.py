"""A convolution cell by cell: its settings, its sizes, the linked grids, its code."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks import choosing
from explorer.blocks.choosing import Chosen
from explorer.blocks.convolving import pytorch, sizes, view_of
from explorer.records import LinkedView
from explorer.records.convolving import Convolution, Misfit
from explorer.ui.cached.blocks import convolution as cached
from explorer.ui.components import linked
from explorer.ui.parts.blocks.convolution import controls, learned, numbers
from explorer.ui.parts.blocks.convolution.state import STATE
from explorer.ui.shell import boundary, exhibit, layout, present, state
from explorer.ui.shell.exhibit import Exhibit, Rows
from explorer.ui.shell.words import t

_FORMULA = (
    r"z_k[i, j] = b_k + \sum_{c}\sum_{u=0}^{f_H - 1}\sum_{v=0}^{f_W - 1}"
    r" w_{k,c}[u, v]\; x_c[\,i s + u d - p,\; j s + v d - p\,]"
)


_SETTINGS = {
    "groups": (STATE.cells.groups, STATE.cells.groups),
    "kernel": (STATE.cells.f_h, STATE.cells.f_w),
    "dilation": (STATE.cells.d_h, STATE.cells.d_w),
}


def show() -> None:
    """The view, as a fragment: a choice draws nothing else of the page anew."""
    boundary.fragment(_show)


def _show() -> None:
    chosen = controls.choose(numbers.menu)
    if problem := choosing.misfit_of(chosen):
        _say(problem, chosen)
        return
    given = choosing.convolution_of(chosen)
    _facts(given)
    _linked(chosen, given)
    if not present.now():
        with st.expander(t("convolution.code"), icon=":material/code:"):
            st.code(pytorch(given), language="python")
    learned.show(given)


def _facts(given: Convolution) -> None:
    """Output size, parameters and MACs with their numbers put in."""
    rows, columns = sizes(given)
    parameters, macs = choosing.parameters(given), choosing.macs(given)
    count = len(given.kernels)
    if given.line:
        size, worked = f"{columns.value} × {count}", f"{columns}"
    else:
        size = f"{rows.value} × {columns.value} × {count}"
        worked = f"{rows}" if f"{rows}" == f"{columns}" else f"{rows};  {columns}"
    layout.facts(
        [
            (t("convolution.fact_size"), size, worked),
            (t("convolution.fact_parameters"), f"{parameters.value:,}", parameters.substituted),
            (t("convolution.fact_macs"), f"{macs.value:,}", macs.substituted),
        ]
    )


def _linked(chosen: Chosen, given: Convolution) -> None:
    titles = {
        "input": t("convolution.input"),
        "kernel": t("convolution.turned") if given.flipped else t("convolution.kernel"),
        "output": t("convolution.output"),
    }
    view = cached.view_of(given, tuple(titles.items()))
    bound = state.bind(STATE.cells.at, allowed=lambda at: linked.cell_of(view, at) is not None, owner=chosen.case)
    at = bound.commit()
    said = _sentence(given)
    drawing = partial(
        linked.show,
        view,
        key="convolution-linked",
        label=t("convolution.label"),
        at=at,
        pick=partial(_pick, chosen.case),
        edit=partial(numbers.edit, chosen, given),
    )
    note = t("convolution.note_flipped") if given.flipped else ""
    exhibit.show(
        Exhibit(
            "convolution-cells",
            drawing,
            said,
            partial(_rows, view),
            formula=_FORMULA,
            code=(view_of,),
            note=note,
        )
    )


def _pick(case: str, plane: str, row: int, column: int) -> None:
    state.assign(STATE.cells.at, linked.place(plane, row, column), owner=case)


def _sentence(given: Convolution) -> str:
    rows, columns = sizes(given)
    high, wide = given.size
    f_h, f_w = given.window
    return t(
        f"convolution.said_{'convolution' if given.flipped else 'correlation'}",
        input=f"{wide} × {len(given.inputs)}" if given.line else f"{high} × {wide} × {len(given.inputs)}",
        kernel=f"{f_w}" if given.line else f"{f_h} × {f_w}",
        filters=len(given.kernels),
        output=f"{columns.value} × {len(given.kernels)}"
        if given.line
        else f"{rows.value} × {columns.value} × {len(given.kernels)}",
    )


def _rows(view: LinkedView) -> Rows:
    """Every grid, row by row."""
    planes = {plane.key: plane for plane in view.planes}
    names = {key: f"{plane.title} ({key})" for key, plane in planes.items()}
    return [
        {
            t("convolution.grid"): names[plane.key],
            t("convolution.row"): row - plane.rim[0],
            **{
                f"{column - plane.rim[2]}": plane.values[row * plane.columns + column]
                for column in range(plane.rim[2], plane.columns - plane.rim[3])
            },
        }
        for plane in view.planes
        for row in range(plane.rim[0], plane.rows - plane.rim[1])
    ]


# --- what cannot be ---------------------------------------------------------------------------------------------------


def _say(problem: Misfit, chosen: Chosen) -> None:
    """Why a setting cannot be, and a button for the nearest that can."""
    numbers = dict(problem.numbers)
    with st.container(key="convolution-misfit"):
        if problem.reason == "groups":
            said = t(
                "convolution.misfit_groups",
                groups=numbers["groups"],
                channels=numbers["channels"],
                filters=numbers["filters"],
            )
        else:
            said = t("convolution.misfit_window", span=numbers["span"], padded=numbers["padded"])
        st.warning(said, icon=":material/block:")
        button = t(f"convolution.mend_{problem.setting}", value=problem.value)
        st.button(button, icon=":material/build:", on_click=_mend, args=(problem, chosen), key="convolution-mend")


def _mend(problem: Misfit, chosen: Chosen) -> None:
    down, across = _SETTINGS[problem.setting]
    owner = f"{chosen.case}.{chosen.kernel}" if problem.setting == "kernel" else chosen.case
    alike = state.peek(STATE.cells.alike, owner=chosen.case)
    if problem.axis == "rows" and not alike:
        state.assign(down, problem.value, owner=owner)
    else:
        state.assign(across, problem.value, owner=owner)
