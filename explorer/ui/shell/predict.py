"""Predict before the answer: what a page would give away is held back until its visitor has said what to expect.

An answer is kept for the session and stands in no address: who opens a link is asked first. A link to a moment of what
is held back, which its page knows, shows that moment.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.ui.shell import state
from explorer.ui.shell.words import t

_SKIPPED = ("", "")


def waits(page: str, claims: Mapping[str, str], about: str, *, linked: bool = False) -> bool:
    """Ask `<page>.predict` unless that was answered before; true while the answer is not to be shown yet.

    `claims` are the codes to choose from and their words; `about` says what is predicted, for `verdict`. `linked` is
    whether the address names a moment of it.
    """
    key = f"_predicted.{page}"
    if linked and state.get(key, None) is None:
        state.put(key, _SKIPPED)
    if state.get(key, None) is not None:
        return False
    with st.container(border=True, key=f"predict-{page}"):
        st.markdown(f"**{t('lesson.question')}**  \n{t(f'{page}.predict')}")
        row = st.container(horizontal=True)
        for code, words in claims.items():
            row.button(words, key=f"predict-{page}-{code}", on_click=state.put, args=(key, (code, about)))
        row.button(
            t("predict.skip"), key=f"predict-{page}-skip", type="tertiary", on_click=state.put, args=(key, _SKIPPED)
        )
    return True


def verdict(page: str, claims: Mapping[str, str], about: str, truth: str) -> None:
    """What came of the prediction; nothing where none was made, or one about something else."""
    given, asked = state.get(f"_predicted.{page}", _SKIPPED)
    if given not in claims or asked != about:
        return
    key, icon = ("right", ":material/check:") if given == truth else ("wrong", ":material/close:")
    st.caption(f"{icon} " + t(f"predict.{key}", given=claims[given], truth=claims[truth]))
