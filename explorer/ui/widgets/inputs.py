"""Widgets that take a declared field and return its value: restored from the address, kept, and written back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.fields import Field
from explorer.ui.shell import state
from explorer.ui.shell.words import linked, t

Named = Callable[[Any], str]


def segmented(
    field: Field[str], *, label: bool = True, named: Named | None = None, default: str | None = None, owner: object = ""
) -> str:
    """A segmented control of the field's codes; `named` overrides their strings."""
    bound = state.bind(field, default=default, owner=owner)
    st.segmented_control(
        t(field.words),
        list(field.codes),
        format_func=named or (lambda code: t(f"{field.named}.{code}")),
        key=bound.key,
        required=True,
        label_visibility="visible" if label else "collapsed",
    )
    return bound.commit()


def select(
    field: Field[Any],
    codes: Sequence[Any] | None = None,
    named: Named = "{:g}".format,
    *,
    default: Any = None,
    owner: object = "",
) -> Any:
    """One value from a searchable list: of `codes`, the first by default, or of the field itself."""
    if codes is None:
        codes = field.codes
    elif default is None:
        default = codes[0]
    bound = state.bind(field, allowed=codes, default=default, owner=owner)
    st.selectbox(t(field.words), list(codes), format_func=named, key=bound.key)
    return bound.commit()


def select_or_all(field: Field[str], codes: Sequence[str], named: Named) -> str:
    """A select box of the present codes, with "" for all."""
    bound = state.bind(field, allowed=("", *codes))
    st.selectbox(
        t(field.words), ["", *codes], format_func=lambda code: named(code) if code else t("control.any"), key=bound.key
    )
    return bound.commit()


def multiselect(
    field: Field[tuple[str, ...]], codes: Sequence[str], *, owner: object = "", hint: str = ""
) -> list[str]:
    """A multiselect of the present codes."""
    bound, several = _several(field, codes, "list", owner)
    st.multiselect(t(field.words), list(codes), placeholder=hint, **several)
    return list(bound.commit())


def pills(
    field: Field[tuple[str, ...]],
    codes: Sequence[str],
    named: Named,
    *,
    default: tuple[str, ...] | None = None,
    owner: object = "",
) -> tuple[str, ...]:
    """Pills of the present codes; returns those chosen in the order of `codes`."""
    bound, several = _several(field, codes, "pills", owner, default)
    st.pills(t(field.words), list(codes), format_func=named, selection_mode="multi", wrap=True, **several)
    bound.set(tuple(code for code in codes if code in bound.value))
    return bound.commit()


def _several(
    field: Field[tuple[str, ...]],
    codes: Sequence[str],
    kind: str,
    owner: object = "",
    default: tuple[str, ...] | None = None,
) -> tuple[state.Bound[tuple[str, ...]], dict[str, Any]]:
    """A field of several codes, and its widget's `key` and `on_change`: the widget's list becomes the field's tuple."""
    bound = state.bind(field, allowed=lambda chosen: set(chosen) <= set(codes), default=default, owner=owner)
    widget = f"{bound.key}.{kind}"
    state.put(widget, list(bound.value))
    return bound, {"key": widget, "on_change": lambda: bound.set(tuple(state.get(widget, [])))}


def select_slider(field: Field[Any], label: str) -> Any:
    """A slider over the field's values."""
    bound = state.bind(field)
    st.select_slider(label, list(field.codes), format_func=lambda value: f"{value:g}", key=bound.key)
    return bound.commit()


def toggle(field: Field[bool], *, owner: object = "", help: str | None = None, default: bool | None = None) -> bool:
    """A toggle."""
    bound = state.bind(field, default=default, owner=owner)
    st.toggle(t(field.words), key=bound.key, help=help and linked(help))
    return bool(bound.commit())


def slider(field: Field[Any], *, high: Any = None, default: Any = None, owner: object = "") -> Any:
    """A slider; `high` may be lower than the field allows."""
    top = field.high if high is None else high
    bound = state.bind(field, allowed=lambda value: field.low <= value <= top, default=default, owner=owner)
    st.slider(t(field.words), field.low, top, step=field.step, key=bound.key)
    return bound.commit()


def number(
    field: Field[int],
    *,
    high: int | None = None,
    default: int | None = None,
    owner: object = "",
    label: str = "",
    help: str | None = None,
) -> int:
    """A number input for an integer; `high` may be lower than the field allows."""
    low, top = int(field.low), int(field.high if high is None else high)
    bound = state.bind(field, allowed=lambda value: low <= value <= top, default=default, owner=owner)
    st.number_input(label or t(field.words), low, top, key=bound.key, step=1, help=help and linked(help))
    return int(bound.commit())


def text(field: Field[str]) -> str:
    """A text input with a search icon."""
    bound = state.bind(field)
    st.text_input(t(field.words), key=bound.key, max_chars=100, icon=":material/search:")
    return bound.commit()


def option(field: Field[Any], *, owner: object = "") -> Any:
    """The widget for an option of a network: toggle, segmented control or slider, by its declaration."""
    bound = state.bind(field, owner=owner)
    label = t(field.words)
    note = linked(t(field.words.replace("option.", "option_help.", 1)))
    if isinstance(field.default, bool):
        st.toggle(label, key=bound.key, help=note)
    elif field.codes:
        st.segmented_control(label, field.codes, key=bound.key, help=note, required=True, format_func=choice_name)
    else:
        st.slider(label, field.low, field.high, step=field.step, key=bound.key, help=note)
    return bound.commit()


def choice_name(value: Any) -> str:
    """The name of an option's value."""
    return t(f"choice.{value}") if isinstance(value, str) else f"{value:g}"
