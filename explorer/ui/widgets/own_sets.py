"""One quiet line about data sets that cannot be read."""

from __future__ import annotations

import streamlit as st

from explorer.ui.cached import own_sets
from explorer.ui.shell.words import refusal, sentences, t

_NAMED = 3


def note_unreadable() -> None:
    """List own data sets that cannot be read, and why."""
    if problems := own_sets.problems():
        said = sentences(*(refusal(problem) for problem in problems[:_NAMED]))
        st.caption(t("looking.unreadable", count=len(problems), problems=said))
