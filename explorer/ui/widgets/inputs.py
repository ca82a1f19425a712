"""Widgets that take a declared field and return its value: restored from the address, kept, and written back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.ui.shell import state
from explorer.ui.shell.fields import Field
from explorer.ui.shell.words import t

Named = Callable[[Any], str]


def choose(field: Field[str], *, label: bool = True, named: Named | None = None) -> str:
    """One of the field's codes, side by side; `named` where its own strings do not name them."""
    bound = state.bind(field)
    st.segmented_control(
        t(field.words),
        list(field.codes),
        format_func=named or (lambda code: t(f"{field.named}.{code}")),
        key=bound.key,
        required=True,
        label_visibility="visible" if label else "collapsed",
    )
    return bound.commit()


def pick(field: Field[Any], codes: Sequence[Any], named: Named, *, default: Any = None, owner: object = "") -> Any:
    """One of the codes that there are now, the first by default; type to search."""
    first = codes[0] if default is None else default
    bound = state.bind(field, allowed=codes, default=first, owner=owner)
    st.selectbox(t(field.words), list(codes), format_func=named, key=bound.key)
    return bound.commit()


def any_or_one(field: Field[str], codes: Sequence[str], named: Named) -> str:
    """One of a few codes that may come and go, or "" for all."""
    bound = state.bind(field, allowed=("", *codes))
    st.selectbox(
        t(field.words), ["", *codes], format_func=lambda code: named(code) if code else t("control.any"), key=bound.key
    )
    return bound.commit()


def several(field: Field[tuple[str, ...]], codes: Sequence[str], *, owner: object = "", hint: str = "") -> list[str]:
    """Some of the codes that there are now."""
    bound = state.bind(field, allowed=lambda chosen: set(chosen) <= set(codes), owner=owner)
    widget = f"{bound.key}.list"
    state.put(widget, list(bound.value))

    def taken() -> None:
        bound.set(tuple(state.get(widget, [])))

    st.multiselect(t(field.words), list(codes), key=widget, placeholder=hint, on_change=taken)
    return list(bound.commit())


def pills(field: Field[tuple[str, ...]], codes: Sequence[str], named: Named) -> tuple[str, ...]:
    """Some of the codes that there are now, each a button; in the order of `codes`."""
    bound = state.bind(field, allowed=lambda chosen: set(chosen) <= set(codes))
    widget = f"{bound.key}.pills"
    state.put(widget, list(bound.value))

    def taken() -> None:
        bound.set(tuple(state.get(widget, [])))

    options: dict[str, Any] = {"selection_mode": "multi", "wrap": True}
    st.pills(t(field.words), list(codes), format_func=named, key=widget, on_change=taken, **options)
    bound.set(tuple(code for code in codes if code in bound.value))
    return bound.commit()


def one(field: Field[Any], *, owner: object = "") -> Any:
    """One of the field's values, from a list."""
    bound = state.bind(field, owner=owner)
    st.selectbox(t(field.words), list(field.codes), format_func=lambda value: f"{value:g}", key=bound.key)
    return bound.commit()


def notch(field: Field[Any], label: str) -> Any:
    """One of the field's values, in their order on a slider."""
    bound = state.bind(field)
    st.select_slider(label, list(field.codes), format_func=lambda value: f"{value:g}", key=bound.key)
    return bound.commit()


def switch(field: Field[bool], *, owner: object = "", help: str | None = None) -> bool:
    """On or off."""
    bound = state.bind(field, owner=owner)
    st.toggle(t(field.words), key=bound.key, help=help)
    return bool(bound.commit())


def slide(field: Field[Any], *, high: Any = None, default: Any = None) -> Any:
    """A number on a slider; `high` may be less than the field allows."""
    top = field.high if high is None else high
    bound = state.bind(field, allowed=lambda value: field.low <= value <= top, default=default)
    st.slider(t(field.words), field.low, top, step=field.step, key=bound.key)
    return bound.commit()


def whole(
    field: Field[int],
    *,
    high: int | None = None,
    default: int | None = None,
    owner: object = "",
    label: str = "",
    help: str | None = None,
) -> int:
    """A whole number to type; `high` may be less than the field allows."""
    low, top = int(field.low), int(field.high if high is None else high)
    bound = state.bind(field, allowed=lambda value: low <= value <= top, default=default, owner=owner)
    st.number_input(label or t(field.words), low, top, key=bound.key, step=1, help=help)
    return int(bound.commit())


def search(field: Field[str]) -> str:
    """Words to look for."""
    bound = state.bind(field)
    st.text_input(t(field.words), key=bound.key, max_chars=100, icon=":material/search:")
    return bound.commit()


def option(field: Field[Any], *, owner: object = "") -> Any:
    """An option of a network, as its declaration says what it may be."""
    bound = state.bind(field, owner=owner)
    label = t(field.words)
    note = t(field.words.replace("option.", "option_help.", 1))
    if isinstance(field.default, bool):
        st.toggle(label, key=bound.key, help=note)
    elif field.codes:
        st.segmented_control(label, field.codes, key=bound.key, help=note, required=True, format_func=choice_name)
    else:
        st.slider(label, field.low, field.high, step=field.step, key=bound.key, help=note)
    return bound.commit()


def choice_name(value: Any) -> str:
    """What a value of an option is called."""
    return t(f"choice.{value}") if isinstance(value, str) else f"{value:g}"
