"""What this visitor may do on this server, and one sentence for what is refused.

The calls below refuse by themselves (`explorer.rights`); here is what a page says of it, before and after.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import streamlit as st

from explorer import rights
from explorer.errors import ExplorerError
from explorer.ui.shell import session, state
from explorer.ui.shell.words import refusal, t

P = ParamSpec("P")

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
    place.button(label, disabled=idle, on_click=told(act), args=args, **look)
    if why:
        place.caption(why, width="content")


def told(act: Callable[P, object]) -> Callable[P, None]:
    """A callback that may be refused: its sentence is kept for `say_refused`. An exception would leave no page."""

    @wraps(act)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            act(*args, **kwargs)
        except ExplorerError as problem:
            state.put(_REFUSED, refusal(problem))

    return call


def say_refused() -> None:
    """Say what was refused, once; at the end of a drawing, since what comes before a rerun is lost."""
    if sentence := state.pop(_REFUSED):
        st.toast(sentence, icon=":material/block:", duration="long")
