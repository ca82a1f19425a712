"""The chain of the page: chosen from a list, changed step by step, kept under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import Chain, OptionValue, Step
from explorer.ui.cached.practice import augmentation as cached
from explorer.ui.parts.practice.augmentation import MOST_SAVED, PRESETS, STATE, is_name
from explorer.ui.parts.practice.augmenting.words import name_of, option_name, option_value
from explorer.ui.shell import state
from explorer.ui.shell.state import Bound
from explorer.ui.shell.words import t

if TYPE_CHECKING:
    from explorer.records import Control

_MOST_STEPS = int(STATE.step.high)
_OTHER = "other"
_ADD, _PRESET, _NAME = (f"chain-{name}" for name in ("add", "preset", "name"))


def edit() -> str:
    """The widgets of the chain; returns its text."""
    bound = state.bind(STATE.chain)
    chain = cached.chain_of(bound.value)
    _choose_preset(bound)
    if chain.steps:
        chosen = _choose_step(chain)
        with st.container(border=True, gap="small", key="chain-step"):
            _edit_step(bound, chain, chosen)
    else:
        st.info(t("augmentation.empty"), icon=":material/touch_app:")
    _choose_addition(bound, chain)
    _keep(bound)
    return bound.commit()


def _choose_preset(bound: Bound[str]) -> None:
    named = {code: t(f"augmentation.preset.{code}") for code in PRESETS}
    current = next((code for code, text in PRESETS.items() if text == bound.value), _OTHER)
    offered = named if current in named else {**named, _OTHER: t("augmentation.other")}
    state.put(_PRESET, current)

    def take() -> None:
        _set(bound, PRESETS.get(state.get(_PRESET, ""), bound.value), 1)

    st.selectbox(t("augmentation.start"), list(offered), format_func=offered.__getitem__, key=_PRESET, on_change=take)


def _set(bound: Bound[str], text: str, step: int) -> None:
    """Another chain, and which of its steps is shown."""
    bound.set(text)
    state.assign(STATE.step, step)


def _choose_step(chain: Chain) -> int:
    """Buttons for the steps in their order; returns the place of the one that is shown, from 0."""
    count = len(chain.steps)
    bound = state.bind(STATE.step, allowed=range(1, count + 1), default=1)
    named = {place: f"{place} {name_of(step.slug)}" for place, step in enumerate(chain.steps, 1)}
    label, key = t(STATE.chain.words), bound.key
    st.pills(label, list(named), format_func=named.__getitem__, key=key, required=True, wrap=True)
    return bound.commit() - 1


# --- one step ---------------------------------------------------------------------------------------------------------


def _edit_step(bound: Bound[str], chain: Chain, at: int) -> None:
    step = chain.steps[at]
    spec, values = cached.specs()[step.slug], cached.settings_of(step)
    st.markdown(f"**{name_of(step.slug)}**", help=spec.paper or None)
    with st.container(horizontal=True, gap="small"):
        _move(bound, chain, at)

    def change(options: Mapping[str, OptionValue], probability: float) -> None:
        changed = cached.step_of(step.slug, {**values, **options}, probability)
        bound.set(cached.text_of(_with(chain, at, changed)))

    key = f"chain.{at}.{step.slug}"
    state.put(f"{key}.p", step.probability)
    st.slider(
        t("augmentation.probability"),
        0.0,
        1.0,
        step=0.05,
        key=f"{key}.p",
        on_change=lambda: change({}, float(state.get(f"{key}.p", step.probability))),
    )
    for control in spec.controls:
        _option(f"{key}.{control.name}", control, values[control.name], partial(_told, change, step.probability))


def _told(change: Callable[..., None], probability: float, name: str, value: OptionValue) -> None:
    change({name: value}, probability)


def _option(key: str, control: Control, value: OptionValue, tell: Callable[[str, OptionValue], None]) -> None:
    """The widget of one option of a step."""
    state.put(key, value)

    def changed() -> None:
        tell(control.name, state.get(key, value))

    label = option_name(control.name)
    if isinstance(control.default, bool):
        st.toggle(label, key=key, on_change=changed)
    elif control.choices:
        named = {choice: option_value(choice) for choice in control.choices}
        st.segmented_control(
            label, list(named), format_func=named.__getitem__, key=key, on_change=changed, required=True
        )
    else:
        kind = int if isinstance(control.default, int) else float
        low, high, by = (kind(number) for number in (control.low, control.high, control.step))
        form = "%d" if kind is int else "%g"
        st.slider(label, low, high, step=by, key=key, on_change=changed, format=form)


def _move(bound: Bound[str], chain: Chain, at: int) -> None:
    """Buttons that move the step earlier or later, or take it away; what mixes two images stays last."""
    mixing = cached.specs()[chain.steps[at].slug].mixes
    last = len(chain.steps) - 1 - cached.specs()[chain.steps[-1].slug].mixes
    for name, to in (("earlier", at - 1), ("later", at + 1)):
        steps = [*chain.steps[:at], *chain.steps[at + 1 :]]
        steps.insert(to, chain.steps[at])
        off, args = mixing or not 0 <= to <= last, (bound, cached.text_of(Chain(tuple(steps))), to + 1)
        st.button(t(f"augmentation.{name}"), key=f"chain-{name}", disabled=off, on_click=_set, args=args)
    rest = cached.text_of(Chain(chain.steps[:at] + chain.steps[at + 1 :]))
    st.button(t("augmentation.remove"), key="chain-remove", on_click=_set, args=(bound, rest, max(1, at)))


def _with(chain: Chain, at: int, step: Step) -> Chain:
    return replace(chain, steps=(*chain.steps[:at], step, *chain.steps[at + 1 :]))


def _choose_addition(bound: Bound[str], chain: Chain) -> None:
    """A list of all transforms; the one that is chosen is put at the end."""
    named = {
        slug: f"{t(f'augmentation.group.{spec.group}')} · {name_of(slug)}" for slug, spec in cached.specs().items()
    }
    state.put(_ADD, None)

    def add() -> None:
        steps = (*chain.steps, cached.step_of(state.get(_ADD, "mirror")))
        text = cached.text_of(Chain(steps))
        slugs = [step.slug for step in cached.chain_of(text).steps]
        _set(bound, text, len(slugs) - slugs[::-1].index(steps[-1].slug))

    st.selectbox(
        t("augmentation.add"),
        list(named),
        index=None,
        format_func=named.__getitem__,
        key=_ADD,
        placeholder=t("augmentation.add_hint"),
        on_change=add,
        disabled=len(chain.steps) >= _MOST_STEPS,
    )


# --- chains under names -----------------------------------------------------------------------------------------------


def _keep(bound: Bound[str]) -> None:
    """Keep the chain under a name, in the session and in the address; open or forget one that was kept."""
    mine = state.bind(STATE.mine)
    saved = dict(mine.value)
    label = t("augmentation.mine")
    with st.popover(label, icon=":material/bookmark:", type="tertiary", key="chain-mine"):
        st.text_input(t("augmentation.name"), key=_NAME, max_chars=30)

        def keep() -> None:
            name = str(state.get(_NAME, "")).strip()
            if is_name(name):
                rest = tuple((each, text) for each, text in saved.items() if each != name)
                mine.set((*rest, (name, bound.value))[-MOST_SAVED:])

        st.button(t("augmentation.keep"), key="chain-keep", icon=":material/save:", on_click=keep)
        st.caption(t("augmentation.keep_note"))
        for index, (name, text) in enumerate(saved.items()):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(name, key=f"chain-open-{index}", on_click=_set, args=(bound, text, 1))
                rest = tuple((each, other) for each, other in saved.items() if each != name)
                label = t("augmentation.forget")
                st.button(label, key=f"chain-forget-{index}", type="tertiary", on_click=mine.set, args=(rest,))
    mine.commit()
