"""What holds for a whole session: its language, its theme, the page that is open, and what is to be said once."""

from __future__ import annotations

from secrets import token_hex

import streamlit as st

from explorer.rights import Visitor, lecturers
from explorer.text import LANGUAGES, plain, say
from explorer.ui.shell import state

VISITOR = "convnet_atlas_visitor"
"""The cookie that tells one browser from another."""

_MOST_NOTICES = 5


def language() -> str:
    """The language of this session."""
    return str(state.get("lang", "en"))


def _browser_language() -> str:
    return "zh" if (st.context.locale or "en").lower().startswith("zh") else "en"


def language_from_address() -> None:
    """Take the language from the address, else keep the session's, else the browser's."""
    raw = state.parameter("lang")
    if raw is not None and raw != state.get("_url.lang", None):
        if raw in LANGUAGES:
            state.put("lang", raw)
        else:
            state.notice("lang", raw)
    state.put("lang", state.get("lang", _browser_language()))
    state.put("_url.lang", raw)


def publish_language() -> None:
    """Put the language into the address beside any other state, so that a link restores both.

    An address that says nothing else is left alone in the browser's own language: adding to it would add a step to the
    history, and the Back button would come back here for ever.
    """
    bare = not any(name != "lang" for name in state.parameters())
    if not bare or language() != _browser_language():
        state.set_parameter("lang", language())
    state.put("_url.lang", state.parameter("lang"))


def page_is(slug: str) -> None:
    """Record which page is about to run: switching pages empties the address, the Back button does not."""
    if state.get("_page", None) != slug:
        state.forget_address()
    state.put("_page", slug)


def visitor() -> Visitor:
    """Who this is: by the cookie that `door` gave the browser; without cookies, by a secret of this session alone."""
    secret = st.context.cookies.get(VISITOR) or state.get("_visitor", "")
    if not secret:
        secret = token_hex(16)
        state.put("_visitor", secret)
    return Visitor(str(secret), leads=lecturers.knows(str(secret)))


def dark() -> bool:
    """Whether the page is shown in the dark theme."""
    return bool(st.context.theme.type == "dark")


def show_notices() -> None:
    """Say, once, which values of the address could not be used: the first few, and how many more there are."""
    notices = state.notices()
    for name, raw in notices[:_MOST_NOTICES]:
        st.toast(say(language(), "url.notice", name=name, value=plain(raw, 40)), icon=":material/link_off:")
    if (more := len(notices) - _MOST_NOTICES) > 0:
        st.toast(say(language(), "url.more", count=f"{more:,}"), icon=":material/link_off:")
    notices.clear()
