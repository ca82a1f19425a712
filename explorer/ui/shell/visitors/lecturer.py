"""The lecturer's key: typed once at the foot of the menu, where the server has one."""

from __future__ import annotations

import streamlit as st

from explorer.rights import lecturers
from explorer.ui.shell import session, state
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import t

_TYPED = "lecturer-key"


def key() -> None:
    """A quiet place to type the key, or to be a visitor again; and what a class may do here."""
    if not lecturers.has_key():
        return
    with st.sidebar, st.popover(t("rights.lecturer"), type="tertiary", icon=":material/key:"):
        if session.visitor().leads:
            st.caption(t("rights.leads"))
            st.button(t("rights.leave"), key="lecturer-leave", on_click=_leave)
            return
        st.text_input(t("rights.key"), type="password", key=_TYPED, on_change=permission.told(_enter))
        st.caption(t("rights.key_note"))
        if state.pop("_wrong-key"):
            st.caption(t("rights.wrong"))


def _enter() -> None:
    typed = str(state.get(_TYPED, ""))
    state.put(_TYPED, "")
    if typed and not lecturers.enter(session.visitor().secret, typed):
        state.put("_wrong-key", True)


def _leave() -> None:
    lecturers.leave(session.visitor().secret)
