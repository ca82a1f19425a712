"""What a visitor's file of weights leaves open is asked: the same tensors fit a network with other options too."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.records import Control
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets.inputs import choice_name


def asked_open_options(model_id: str, place: str) -> str:
    """Widgets for the options that the file of `model_id` leaves open; the id of the model with those chosen."""
    controls: tuple[Control, ...] = state.get(f"_open.{model_id}", ())
    if not controls:
        return model_id
    st.caption(t("weights.open"))
    with st.container(horizontal=True):
        chosen = {control.name: _ask(control, model_id, place) for control in controls}
    others = [
        f"{control.name}={chosen[control.name]}" for control in controls if chosen[control.name] != control.default
    ]
    return f"{model_id}~{','.join(others)}" if others else model_id


def _ask(control: Control, model_id: str, place: str) -> Any:
    """One option. What was chosen stays for the session, on all pages; a file is in no address, and neither is this."""
    kept = f"_opened.{control.name}.{model_id}"
    named = {
        value: t(f"weights.{value}") if isinstance(value, bool) else choice_name(value) for value in control.choices
    }
    value = st.selectbox(
        t(f"option.{control.name}"),
        control.choices,
        control.choices.index(state.get(kept, control.default)),
        format_func=named.__getitem__,
        key=f"{kept}.{place}",
        help=t(f"option_help.{control.name}"),
    )
    state.put(kept, value)
    return value
