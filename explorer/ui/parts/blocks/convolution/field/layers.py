"""The layers of a stack: a table to edit, stacks that have names, and what to do where a window does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explorer.arithmetic.stacks import MOST_LAYERS, PRESETS, misfit
from explorer.ui.parts.blocks.convolution.field.state import BOUNDS, FIELDS, INPUTS, LONGEST, Stack, bounded
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_EDITOR = "stack-editor"
_NEW = {"f": 3, "s": 1, "p": 1, "d": 1}


def choose() -> tuple[Stack, int] | None:
    """The layers and the pixels of the input; None, with the reason said, where a window does not fit."""
    bound = state.bind(FIELDS.stack)
    with st.container(horizontal=True, gap="small"):
        for code, stack in PRESETS.items():
            st.button(
                t(f"convolution.preset.{code}"),
                key=f"stack-{code}",
                on_click=_take,
                args=(code,),
                type="primary" if stack == bound.value else "secondary",
            )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _table(bound.value)
    with right:
        n = inputs.number(FIELDS.n)
        st.caption(t("convolution.stack.edit", most=MOST_LAYERS))
    stack = bound.commit()
    if (wrong := misfit(stack, n)) is None:
        return stack, n
    said = t("convolution.stack.misfit", layer=wrong.layer, span=wrong.span, room=wrong.room)
    st.warning(said, icon=":material/block:")
    with st.container(horizontal=True):
        if wrong.nearest <= LONGEST:
            label = t("convolution.stack.larger", n=wrong.nearest)
            st.button(label, key="stack-larger", on_click=state.assign, args=(FIELDS.n, wrong.nearest))
        if wrong.layer > 1:
            label, shorter = t("convolution.stack.shorter", count=wrong.layer - 1), stack[: wrong.layer - 1]
            st.button(label, key="stack-shorter", on_click=state.assign, args=(FIELDS.stack, shorter))
    return None


def _take(code: str) -> None:
    state.assign(FIELDS.stack, PRESETS[code])
    state.assign(FIELDS.n, INPUTS[code])


def _table(stack: Stack) -> None:
    columns = {
        name: st.column_config.NumberColumn(
            name, help=t(f"convolution.stack.{name}"), min_value=low, max_value=high, step=1, default=_NEW[name]
        )
        for name, (low, high) in BOUNDS.items()
    }
    st.data_editor(
        [layer._asdict() for layer in stack],
        num_rows="dynamic",
        hide_index=True,
        column_config=columns,
        key=_EDITOR,
        on_change=_edit,
        args=(stack,),
        height="content",
    )


def _edit(stack: Stack) -> None:
    state.assign(FIELDS.stack, edited(stack, state.get(_EDITOR, {})))


def edited(stack: Stack, changes: Mapping[str, Any]) -> Stack:
    """A stack after what was typed into its table; numbers are moved into what they may be, and one layer stays."""
    rows = [layer._asdict() for layer in stack]
    for index, values in changes.get("edited_rows", {}).items():
        rows[int(index)].update({name: value for name, value in values.items() if value is not None})
    gone = set(changes.get("deleted_rows", ()))
    rows = [row for index, row in enumerate(rows) if index not in gone]
    rows += [
        _NEW | {name: value for name, value in added.items() if name in _NEW and value is not None}
        for added in changes.get("added_rows", ())
    ]
    layers = tuple(bounded(*(int(row[name]) for name in BOUNDS)) for row in rows[:MOST_LAYERS])
    return layers or stack[:1]
