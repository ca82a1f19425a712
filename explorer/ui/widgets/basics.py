"""Widgets that own their keys and return plain values, each restored from the URL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.records import (
    LARGEST_SIDE,
    LEVELS,
    MOST_CLASSES,
    Control,
    NetworkCard,
    NetworkSpec,
    Options,
    OptionValue,
    Pair,
)
from explorer.ui.shell import state
from explorer.ui.shell.words import t

if TYPE_CHECKING:
    from explorer.pictures import Picture

OPTION_PREFIX = "o."


def network_picker(cards: Sequence[NetworkCard], default: str = "resnet50") -> NetworkCard:
    """Choose a network; type to search."""
    by_slug = {card.slug: card for card in cards}
    state.seed("net", default, state.one_of(by_slug))
    st.selectbox(
        t("control.network"),
        list(by_slug),
        format_func=lambda slug: f"{by_slug[slug].title} · {by_slug[slug].year}",
        key="net",
    )
    return by_slug[state.publish("net", default)]


def choice(name: str, options: Sequence[str], default: str, *, label: bool = True) -> str:
    """One of a few codes, named by the strings `<name>.<code>`."""
    state.seed(name, default, state.one_of(options))
    st.segmented_control(
        t(f"control.{name}"),
        options,
        format_func=lambda code: t(f"{name}.{code}"),
        key=name,
        required=True,
        label_visibility="visible" if label else "collapsed",
    )
    return str(state.publish(name, default))


def level_picker() -> str:
    """Level of detail of an outline."""
    return choice("level", LEVELS, "block")


def input_size(spec: NetworkSpec) -> Pair:
    """Height and width of the input in pixels, from the network's own."""
    sides = []
    for axis, name in ((1, "h"), (2, "w")):
        key, default = f"{name}.{spec.slug}", spec.input_shape[axis]
        state.seed(key, default, state.number(1, LARGEST_SIDE), parameter=name)
        st.number_input(t(f"control.{name}"), 1, LARGEST_SIDE, key=key, step=1)
        sides.append(int(state.publish(key, default, parameter=name)))
    return sides[0], sides[1]


def class_count(spec: NetworkSpec) -> int:
    """Number of classes, from the network's own."""
    key = f"classes.{spec.slug}"
    state.seed(key, spec.classes, state.number(1, MOST_CLASSES), parameter="classes")
    st.number_input(t("control.classes"), 1, MOST_CLASSES, key=key, step=1)
    return int(state.publish(key, spec.classes, parameter="classes"))


def options(spec: NetworkSpec) -> Options:
    """A widget for every option the network declares."""
    chosen = tuple((control.name, _option(spec, control)) for control in spec.controls)
    state.forget_parameters(OPTION_PREFIX, [OPTION_PREFIX + control.name for control in spec.controls])
    return chosen


def _option(spec: NetworkSpec, control: Control) -> OptionValue:
    key, name = f"{OPTION_PREFIX}{spec.slug}.{control.name}", OPTION_PREFIX + control.name
    label, note = t(f"option.{control.name}"), t(f"option_help.{control.name}")
    if control.choices:
        state.seed(key, control.default, state.one_of(control.choices), parameter=name)
        if isinstance(control.default, bool):
            st.toggle(label, key=key, help=note)
        else:
            st.segmented_control(label, control.choices, key=key, help=note, required=True, format_func=_choice_name)
    else:
        state.seed(key, control.default, state.number(control.low, control.high, float), parameter=name)
        st.slider(label, control.low, control.high, step=control.step, key=key, help=note)
    value: OptionValue = state.publish(key, control.default, parameter=name)
    return value


def _choice_name(value: OptionValue) -> str:
    return t(f"choice.{value}") if isinstance(value, str) else f"{value:g}"


def picture_picker(pictures: Sequence[Picture]) -> Picture:
    """Choose a bundled photograph."""
    by_slug = {picture.slug: picture for picture in pictures}
    default = pictures[0].slug
    state.seed("pic", default, state.one_of(by_slug))
    st.selectbox(t("control.picture"), list(by_slug), format_func=lambda slug: t(f"picture.{slug}"), key="pic")
    return by_slug[state.publish("pic", default)]


def one_number(name: str, allowed: Sequence[float], default: float) -> Any:
    """One of a few numbers."""
    state.seed(name, default, state.one_of(allowed))
    st.selectbox(t(f"control.{name}"), allowed, format_func=lambda value: f"{value:g}", key=name)
    return state.publish(name, default)


def switch(name: str, default: bool) -> bool:
    """On or off; 1 or 0 in the URL."""
    state.seed(name, default, state.one_of((True, False)))
    st.toggle(t(f"control.{name}"), key=name)
    return bool(state.publish(name, default))


def slide(name: str, low: float, high: float, step: float, default: float) -> float:
    """A number on a slider."""
    state.seed(name, default, state.number(low, high, float))
    st.slider(t(f"control.{name}"), low, high, step=step, key=name)
    return float(state.publish(name, default))


def whole(name: str, low: int, high: int, default: int) -> int:
    """A whole number to type."""
    state.seed(name, default, state.number(low, high))
    st.number_input(t(f"control.{name}"), low, high, key=name, step=1)
    return int(state.publish(name, default))


def any_or_one(name: str, codes: Sequence[str], named: Callable[[str], str]) -> str:
    """One of a few codes that may come and go, or "" for all."""
    state.seed(name, "", state.one_of(("", *codes)))
    if state.get(name, "") not in codes:
        state.put(name, "")  # what it named is gone
    st.selectbox(
        t(f"control.{name}"), ["", *codes], format_func=lambda code: named(code) if code else t("control.any"), key=name
    )
    return str(state.publish(name, ""))


def search(name: str) -> str:
    """Words to look for."""
    state.seed(name, "", lambda raw: raw[:100])
    st.text_input(t(f"control.{name}"), key=name, max_chars=100, icon=":material/search:")
    return str(state.publish(name, ""))


def named_choice(name: str, codes: Sequence[str], named: Callable[[str], str]) -> str:
    """One of a few codes, the first by default, named by a function."""
    state.seed(name, codes[0], state.one_of(codes))
    st.selectbox(t(f"control.{name}"), codes, format_func=named, key=name)
    return str(state.publish(name, codes[0]))


def option_choice(name: str, options: Sequence[str], default: str) -> str:
    """A network's option on a page with another default than the network's own."""
    state.seed(name, default, state.one_of(options))
    st.segmented_control(t(f"option.{name}"), options, format_func=_choice_name, key=name, required=True)
    return str(state.publish(name, default))
