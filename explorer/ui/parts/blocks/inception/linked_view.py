"""A 1x1 convolution with numbers, linked cell by cell: several channels, or one that is only scaled."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks.pointwise import CHANNELS, ONE_WEIGHT, WEIGHTS, matrix_view, patterns, pointwise_view
from explorer.records import LinkedView
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.components import linked
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The grids, what they say, and their numbers."""
    layout.section(t("inception.by_hand"), t("inception.by_hand_note"))
    volume = inputs.segmented(STATE.volume)
    if volume == "course":
        with layout.waiting():
            read, weights = cached.course_example()
    else:
        usual = WEIGHTS if volume == "several" else ONE_WEIGHT
        bound = state.bind(STATE.weights, allowed=lambda chosen: len(chosen) == len(usual), default=usual, owner=volume)
        read, weights = patterns(CHANNELS if volume == "several" else 1), bound.commit()
    view = _course(read, weights) if volume == "course" else _view(read, weights)
    chosen = state.bind(STATE.at, allowed=lambda at: not at or linked.cell_of(view, at) is not None, owner=volume)
    said = _said(volume, weights)
    st.markdown(said)
    mount = partial(
        linked.show,
        view,
        key=f"inception-linked-{volume}",
        label=t("inception.by_hand"),
        at=chosen.commit(),
        pick=partial(_pick, volume),
        edit=partial(_edit, volume, weights),
    )
    note = "" if volume == "course" else t("inception.edit_note")
    code = matrix_view if volume == "course" else pointwise_view
    exhibit.show(Exhibit("inception-linked", mount, said, _rows(view), code=(code,), note=note))


def _said(volume: str, weights: tuple[float, ...]) -> str:
    if volume == "one":
        return t("inception.one_say", weight=f"{weights[0]:g}")
    if volume == "course":
        return t("inception.course_say", row=cached.COURSE_ROW, column=cached.COURSE_COLUMN)
    return t("inception.several_say", weights=len(weights), biases=len(weights) // CHANNELS)


def _course(read: tuple[tuple[float, ...], ...], weights: tuple[float, ...]) -> LinkedView:
    names = t("inception.positions"), t("inception.one_filter"), t("inception.plane_output", number=1)
    return matrix_view(read, weights, named=names)


def _view(read: tuple[tuple[float, ...], ...], weights: tuple[float, ...]) -> LinkedView:
    return pointwise_view(
        read,
        weights,
        named_input=lambda number: t("inception.plane_input", number=number),
        named_weight=lambda number, channel: t("inception.plane_weight", number=number, channel=channel),
        named_output=lambda number: t("inception.plane_output", number=number),
    )


def _pick(volume: str, plane: str, row: int, column: int) -> None:
    state.assign(STATE.at, linked.place(plane, row, column), owner=volume)


def _edit(volume: str, weights: tuple[float, ...], plane: str, rows: linked.Rows) -> None:
    """One weight, typed over."""
    number = int(plane.removeprefix("w"))
    state.assign(STATE.weights, (*weights[:number], rows[0][0], *weights[number + 1 :]), owner=volume)


def _rows(view: LinkedView) -> list[dict[str, object]]:
    """Every plane, row by row."""
    return [
        {t("inception.plane"): plane.title}
        | {str(column + 1): plane.values[row * plane.columns + column] for column in range(plane.columns)}
        for plane in view.planes
        if plane.rows > 1
        for row in range(plane.rows)
    ]
