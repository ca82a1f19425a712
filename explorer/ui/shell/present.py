"""Presenting: one figure of a page fills a projector, the arrow keys go through them, and the address says which.

The page runs as ever, with all its controls, so that its state stays; a style sheet hides everything but the figure.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from explorer.ui.shell import session, state
from explorer.ui.shell.words import t

_STYLE = Path(__file__).parents[1] / "static" / "present.css"
_NAME = "present"


def now() -> int:
    """Which figure of the page is presented, counted from 1; 0 where none is."""
    raw = state.parameter(_NAME)
    return int(raw) if raw is not None and raw.isascii() and raw.isdigit() and len(raw) < 4 else 0


def begin() -> None:
    """Before a page: no figure has been counted; while one is presented, everything else is hidden."""
    state.put("_figures", [])
    if now():
        st.html(_STYLE)
    elif (raw := state.parameter(_NAME)) is not None:
        state.notice(_NAME, raw)
        _go(0)


def is_next(key: str) -> bool:
    """Count a figure of the page, once; whether it is the one that is presented."""
    counted = state.get("_figures", [])
    if key not in counted:
        counted.append(key)
    return bool(counted.index(key) + 1 == now())


def end() -> None:
    """After a page: the key that begins; or the keys that turn the leaves and end it, and the address as a QR code."""
    count, at = len(state.get("_figures", [])), now()
    if not at:
        with st.sidebar:
            _button("present", "P", 1 if count else 0, disabled=not count, help=t("present.help"))
        return
    if at > count:
        _go(count)
        st.rerun()
    with st.container(key="presenter"):
        st.html(f"{_qr()}<p>{at} / {count}</p><p>{t('present.keys')}</p>")
        with st.container(key="presenter-keys", horizontal=True):  # for a hand without a keyboard
            _button("back", "Left", at - 1, disabled=at == 1)
            _button("on", "Right", at + 1, disabled=at == count)
            _button("leave", "Esc", 0)


def _button(name: str, key: str, to: int, **more: Any) -> None:
    icon = ":material/slideshow:" if name == "present" else None
    st.button(t(f"present.{name}"), key=f"_present.{name}", shortcut=key, icon=icon, on_click=_go, args=(to,), **more)


def _go(to: int) -> None:
    if to:
        state.set_parameter(_NAME, str(to))
    else:
        state.forget_parameters(_NAME, ())


def link() -> str:
    """The address of the page as it is, for somebody who is not presenting."""
    values = {name: state.parameter(name) or "" for name in state.parameters() if name != _NAME}
    url = (st.context.url or "").split("?")[0]
    return f"{url}?{urlencode({'lang': session.language()} | values)}"


def _qr() -> str:
    import segno

    from explorer.figures.palette import BLACK, WHITE

    code = segno.make(link(), error="l", micro=False)
    drawn = code.svg_data_uri(border=3, dark=BLACK, light=WHITE)
    return f'<img class="atlas-code" src="{drawn}" alt="{escape(t("present.code"))}">'
