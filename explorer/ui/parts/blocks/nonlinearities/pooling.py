"""Pooling by hand: a grid to type into, its windows, its gradient on the way back; a setting that cannot be."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic import pooling
from explorer.arithmetic.sizes import output_size
from explorer.blocks.pooling import PRESETS, PoolPreset, PoolTitles, linked as linked_view
from explorer.blocks.snippets import pooling_code
from explorer.figures.notation import katex
from explorer.records.nonlinear import PoolSetting
from explorer.ui.components import linked
from explorer.ui.parts.blocks.nonlinearities import pooling_facts
from explorer.ui.parts.blocks.nonlinearities.state import MOST_CELLS, STATE, Grid, is_grid
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, sentences, t
from explorer.ui.widgets import inputs

_REFUSED = "_pooling-refused"


def show() -> None:
    """The presets, the controls, the linked grids; below them what pooling is, and what it forgives."""
    layout.section(t("nonlinearities.by_hand"), t("nonlinearities.by_hand_note"))
    fragment(_by_hand)


def _by_hand() -> None:
    _presets()
    setting = _setting()
    grid = state.bind(STATE.grid).commit()
    if state.pop(_REFUSED):
        st.warning(t("nonlinearities.grid_refused", most=MOST_CELLS), icon=":material/grid_off:")
    if why := pooling.problem(len(grid), len(grid[0]), setting):
        _refuse(why, grid, setting)
        return
    _grids(grid, setting)
    pooling_facts.show(grid, setting)


# --- what is chosen ---------------------------------------------------------------------------------------------------


def _presets() -> None:
    with st.container(horizontal=True, gap="small", key="pool-presets"):
        for preset in PRESETS:
            st.button(
                t(f"nonlinearities.preset.{preset.slug}"),
                key=f"pool-{preset.slug}",
                on_click=_set,
                args=(preset.setting, preset),
            )


def _set(setting: PoolSetting, preset: PoolPreset | None = None) -> None:
    state.assign(STATE.operation, setting.operation)
    state.assign(STATE.whole, setting.whole)
    state.assign(STATE.side, setting.side)
    state.assign(STATE.stride, setting.stride)
    state.assign(STATE.padding, setting.padding)
    if preset:
        state.assign(STATE.grid, preset.grid)
        state.assign(STATE.cell, STATE.cell.default)


def _setting() -> PoolSetting:
    kind, whole, side, stride, padding = st.columns([3, 2, 2, 2, 2], gap="medium", vertical_alignment="bottom")
    with kind:
        operation = inputs.segmented(STATE.operation)
    with whole:
        everything = inputs.toggle(STATE.whole)
    with side:
        f = inputs.number(STATE.side)
    with stride:
        s = inputs.number(STATE.stride)
    with padding:
        p = inputs.number(STATE.padding)
    return PoolSetting(f, s, p, operation, everything)


def _refuse(why: str, grid: Grid, setting: PoolSetting) -> None:
    """Why this cannot be, and a button for the nearest that can."""
    best = pooling.nearest(len(grid), len(grid[0]), setting)
    said = t(
        f"nonlinearities.cannot_{why}",
        f=setting.side,
        p=setting.padding,
        rows=len(grid),
        columns=len(grid[0]),
        most=min(len(grid), len(grid[0])) + 2 * setting.padding,
        half=setting.side // 2,
    )
    st.warning(said, icon=":material/block:")
    label = t("nonlinearities.take_nearest", f=best.side, s=best.stride, p=best.padding)
    st.button(label, key="pool-nearest", type="primary", on_click=_set, args=(best,))


# --- the grids --------------------------------------------------------------------------------------------------------


def _grids(grid: Grid, setting: PoolSetting) -> None:
    titles = PoolTitles(
        x=t("nonlinearities.plane_x"),
        y=t("nonlinearities.plane_y"),
        dy=t("nonlinearities.plane_dy"),
        dx=t("nonlinearities.plane_dx"),
        share=t("nonlinearities.plane_share"),
        forward=t(f"nonlinearities.forward_{setting.operation}"),
        backward=t(f"nonlinearities.backward_{setting.operation}"),
    )
    view = linked_view(grid, setting, titles)
    label = t("nonlinearities.by_hand")
    cell = state.bind(STATE.cell, allowed=lambda at: linked.cell_of(view, at) is not None).commit()

    def pick(plane: str, row: int, column: int) -> None:
        state.assign(STATE.cell, linked.place(plane, row, column))

    def edit(plane: str, rows: Grid) -> None:
        if is_grid(rows):
            state.assign(STATE.grid, rows)
        else:
            state.put(_REFUSED, True)

    def mount(*, fill: bool) -> None:
        linked.show(view, key="pooled", label=label, at=cell, pick=pick, edit=edit, fill=fill)

    said = _said(grid, setting)
    rows = [{"": str(i), **{str(j): value for j, value in enumerate(row)}} for i, row in enumerate(_out(grid, setting))]
    exhibit.show(Exhibit("pooled", mount, said, rows=rows, note=said, code=_code))
    with st.expander(t("nonlinearities.code"), icon=":material/code:"):
        st.code(pooling_code(grid, setting), language="python")


_out = pooling.pool
_code = (pooling.pool, pooling.backward)


def _said(grid: Grid, setting: PoolSetting) -> str:
    """The sizes with the numbers put in; overlaps, cells that nobody reads, and ties."""
    count = pooling.readers(len(grid), len(grid[0]), setting)
    flat = [value for row in count for value in row]
    if setting.whole:
        size = t("nonlinearities.size_whole", count=len(flat))
    else:
        lengths = dict.fromkeys((len(grid), len(grid[0])))  # one, where the grid is square
        formulas = [output_size(n, setting.side, s=setting.stride, p=setting.padding) for n in lengths]
        worked = listed(f"${katex(each.substituted)} = {each.value}$" for each in formulas)
        size = t("nonlinearities.size_says", formula=worked)
    more = sum(value > 1 for value in flat)
    overlap = t("nonlinearities.overlaps", count=more, of=len(flat)) if more else t("nonlinearities.no_overlap")
    parts = [size, overlap]
    if left := flat.count(0):
        parts.append(t("nonlinearities.unread", count=left))
    if setting.operation == "max" and (tied := pooling.ties(grid, setting)):
        parts.append(t("nonlinearities.tied", count=tied))
    return sentences(*parts)
