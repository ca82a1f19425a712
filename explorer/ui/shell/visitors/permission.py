"""What this visitor may do on this server, and one sentence for what is refused.

The calls below refuse by themselves (`explorer.rights`); here is what a page says of it, before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer import rights
from explorer.errors import ExplorerError
from explorer.ui.shell import session, state
from explorer.ui.shell.words import refusal, t

_REFUSED = "_refused"


def reserved(action: str) -> str:
    """Why this visitor may not do one of `rights.ACTIONS`, in one sentence; "" where they may."""
    return "" if rights.may(session.visitor(), action) else t(f"rights.{action}")


def button(place: Any, action: str, label: str, act: Callable[..., object], *args: object, **look: Any) -> None:
    """A button at `place` for what may be reserved: then it is idle, and a line below says why.

    What `act(*args)` refuses is said when the page has been drawn.
    """
    why = reserved(action)
    idle = bool(look.pop("disabled", False) or why)
    place.button(label, disabled=idle, on_click=trying, args=(act, *args), **look)
    if why:
        place.caption(why, width="content")


def trying(act: Callable[..., object], *args: object) -> None:
    """Call something that may be refused, from a callback; its sentence is kept for `say_refused`."""
    try:
        act(*args)
    except ExplorerError as problem:
        state.put(_REFUSED, refusal(problem))


def say_refused() -> None:
    """Say what was refused, once; at the end of a drawing, since what comes before a rerun is lost."""
    if sentence := state.pop(_REFUSED):
        st.toast(sentence, icon=":material/block:", duration="long")
