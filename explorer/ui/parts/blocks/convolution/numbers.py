"""Numbers of one's own in a convolution: typed and pasted into its grids, or pasted as a text."""

from __future__ import annotations

import streamlit as st

from explorer.blocks.choosing import Chosen, replaced
from explorer.blocks.kernels import turned
from explorer.blocks.pasting import pasted
from explorer.errors import BadMatrix
from explorer.records.convolving import Convolution, Grid, Grids
from explorer.ui.parts.blocks.convolution.state import (
    MOST_CELLS,
    MOST_CHANNELS,
    MOST_FILTERS,
    MOST_WINDOW,
    STATE,
)
from explorer.ui.shell import state
from explorer.ui.shell.words import plain, t

_FIELDS = STATE.cells
_LIMITS = {
    "input": {"rows": MOST_CELLS, "columns": MOST_CELLS, "planes": MOST_CHANNELS},
    "kernel": {"rows": MOST_WINDOW, "columns": MOST_WINDOW, "planes": MOST_CHANNELS * MOST_FILTERS},
}


def menu(kind: str, case: str) -> None:
    """A text to paste a matrix into, of the "input" or the "kernel", and what was wrong with the last one."""
    area = f"_paste-{kind}"
    st.text_area(
        t(f"convolution.paste_{kind}"), key=area, height=110, placeholder="1 0 -1\n1 0 -1\n1 0 -1", max_chars=20_000
    )
    with st.container(horizontal=True):
        st.button(t("convolution.paste"), on_click=_paste, args=(kind, case), key=f"paste-{kind}")
        st.button(t("convolution.unpaste"), on_click=_forget, args=(kind, case), key=f"unpaste-{kind}", type="tertiary")
    if (problem := state.get(f"{area}-problem", None)) is not None:
        st.warning(_refusal(problem), icon=":material/block:")


def _paste(kind: str, case: str) -> None:
    area = f"_paste-{kind}"
    state.pop(f"{area}-problem")
    try:
        grids = pasted(str(state.get(area, "")), **_LIMITS[kind])
    except BadMatrix as problem:
        state.put(f"{area}-problem", problem)
    else:
        (_use_input if kind == "input" else _use_kernel)(grids, case)


def _forget(kind: str, case: str) -> None:
    """Back to the numbers of the named state, pattern or kernel."""
    state.pop(f"_paste-{kind}-problem")
    if kind == "input":
        state.assign(_FIELDS.x, (), owner=f"{case}.{state.peek(_FIELDS.fill, owner=case)}")
    else:
        state.assign(_FIELDS.w, (), owner=f"{case}.{state.peek(_FIELDS.kernel, owner=case)}")


def _use_input(grids: Grids, case: str) -> None:
    rows, columns = len(grids[0]), len(grids[0][0])
    state.assign(_FIELDS.x, grids, owner=f"{case}.{state.peek(_FIELDS.fill, owner=case)}")
    state.assign(_FIELDS.line, rows == 1 and columns > 1, owner=case)
    state.assign(_FIELDS.rows, rows, owner=case)
    state.assign(_FIELDS.columns, columns, owner=case)
    state.assign(_FIELDS.channels, len(grids), owner=case)


def _use_kernel(grids: Grids, case: str) -> None:
    """A grid for each filter and channel, as far as there are so many; one alone is used for all."""
    rows, columns = len(grids[0]), len(grids[0][0])
    owner = f"{case}.{state.peek(_FIELDS.kernel, owner=case)}"
    state.assign(_FIELDS.w, grids, owner=owner)
    state.assign(_FIELDS.f_h, rows, owner=owner)
    state.assign(_FIELDS.f_w, columns, owner=owner)
    if rows != columns and not state.peek(_FIELDS.line, owner=case):
        state.assign(_FIELDS.alike, False, owner=case)


def edit(chosen: Chosen, given: Convolution, plane: str, rows: Grid) -> None:
    """Numbers that were typed or pasted into a grid of the linked view."""
    index = int(plane[1:])
    if plane[0] == "x":
        _use_input(replaced(given.inputs, index, rows, MOST_CELLS), chosen.case)
        return
    flat = tuple(grid for kernel in given.kernels for grid in kernel)
    _use_kernel(replaced(flat, index, turned(rows) if given.flipped else rows, MOST_WINDOW), chosen.case)


def _refusal(problem: BadMatrix) -> str:
    values = {name: plain(value) if isinstance(value, str) else value for name, value in problem.values.items()}
    return t(f"convolution.refused.{problem.reason}", **values)
