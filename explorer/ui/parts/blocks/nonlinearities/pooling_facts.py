"""What pooling is (a special convolution, or none), what overlap costs, and what a shift by a pixel changes."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.arithmetic import pooling
from explorer.blocks.pooling import changed
from explorer.figures import nonlinear as figures, palette
from explorer.records.nonlinear import PoolSetting, ShiftedChange
from explorer.ui.cached.blocks import nonlinearities_batches as cached
from explorer.ui.parts.blocks.nonlinearities.state import STATE, Grid
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_CHANNELS = 8
_COLOURS = {"input": palette.SLATE, "conv": palette.SKY, "pool": palette.GREEN, "skip": palette.ORANGE}


def show(grid: Grid, setting: PoolSetting) -> None:
    """Overlap, the convolution, the shift: each with its numbers."""
    _overlap(grid)
    _convolution(setting)
    fragment(partial(_shift, grid, setting))


def _overlap(grid: Grid) -> None:
    """3 / 2 against 2 / 2 on the grid of the page."""
    layout.section(t("nonlinearities.overlap"), t("nonlinearities.overlap_note"))
    rows, columns, facts = len(grid), len(grid[0]), []
    for side in (2, 3):
        setting = PoolSetting(side, 2)
        if pooling.problem(rows, columns, setting):
            continue
        flat = [value for row in pooling.readers(rows, columns, setting) for value in row]
        more, unread = sum(value > 1 for value in flat), flat.count(0)
        out = f"{pooling.size(rows, setting)} × {pooling.size(columns, setting)}"
        note = t("nonlinearities.overlap_fact", more=more, unread=unread, of=len(flat))
        facts.append((f"f = {side}, s = 2", out, note))
    layout.facts(facts)


def _convolution(setting: PoolSetting) -> None:
    """A mean is the depthwise convolution with 1/K^2; a maximum is no convolution: measured on random volumes."""
    layout.section(t("nonlinearities.special"))
    side, stride = (2, 2) if setting.whole else (setting.side, setting.stride)
    with layout.waiting():
        found = cached.as_convolution(side, stride, _CHANNELS)
    step = "" if stride == 1 else f"{stride}"
    st.latex(rf"y_{{c,i,j}}=\sum_{{u,v=0}}^{{{side - 1}}}\frac{{1}}{{{side}^2}}\,x_{{c,\,{step}i+u,\,{step}j+v}}")
    st.markdown(
        t(
            "nonlinearities.special_says",
            side=side,
            square=side**2,
            channels=_CHANNELS,
            difference=f"{found.difference:.1g}",
            weights=found.weights,
            full=found.full,
            zero=found.zero,
            mean=f"{found.mean_additive:.1g}",
            largest=f"{found.max_additive:.2f}",
        )
    )


def _shift(grid: Grid, setting: PoolSetting) -> None:
    """The grid, and real digits through a trained LeNet-5, shifted by some pixels."""
    layout.section(t("nonlinearities.forgives"), t("nonlinearities.forgives_note"))
    left, right = st.columns([2, 3], gap="medium", vertical_alignment="bottom")
    with left:
        by = inputs.slider(STATE.by)
    with right:
        named = {each: t(f"nonlinearities.lenet.{each}") for each in STATE.shifted.codes}
        code = inputs.select(STATE.shifted, named=named.__getitem__)
    cells, of, pooled, of_pooled = changed(grid, setting, by)
    st.markdown(t("nonlinearities.grid_shifted", by=by, cells=cells, of=of, pooled=pooled, of_pooled=of_pooled))
    with layout.waiting():
        found = cached.shifted(code, by)
    bars = [(_name(each), each.change, _COLOURS[each.pooled]) for each in found.changes]
    said = t(
        "nonlinearities.shift_says",
        by=by,
        images=found.images,
        same=f"{100 * found.same:.1f}",
        before=f"{100 * found.right_before:.1f}",
        after=f"{100 * found.right_after:.1f}",
    )
    words = {"change": t("nonlinearities.change")}
    option = figures.shifts(bars, theme=layout.theme(), words=words, title=t("nonlinearities.shift_title"))
    rows = [{t("nonlinearities.layer"): name, t("nonlinearities.change"): round(100 * v, 2)} for name, v, _ in bars]
    exhibit.show(Exhibit("shifted", option, said, rows=rows, note=said, code=_code, height=320))


def _name(each: ShiftedChange) -> str:
    return t(f"nonlinearities.shifted_{each.pooled}", layer=each.name)


def _code() -> Code:
    from explorer.inspection import shifted_answers

    return (shifted_answers,)
