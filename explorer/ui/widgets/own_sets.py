"""Quiet lines about own data sets: which cannot be read, and what was left out of the one that is chosen."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from explorer.text import plain
from explorer.ui.cached import own_sets
from explorer.ui.shell.words import dataset_name, refusal, sentences, t

_NAMED = 3


def note_unreadable() -> None:
    """List own data sets that cannot be read, and why."""
    if problems := own_sets.problems():
        said = sentences(*(refusal(problem) for problem in problems[:_NAMED]))
        st.caption(t("looking.unreadable", count=len(problems), problems=said))


def note_read(slug: str) -> None:
    """What was left out or changed when a data set was read, if it is an own one; nothing where all of it is there."""
    if notes := own_sets.notes(slug):
        said = sentences(*(t(f"dataset_note.{note.reason}", **_shown(note.values)) for note in notes))
        st.caption(t("looking.as_read", name=dataset_name(slug), notes=said))


def _shown(values: Iterable[tuple[str, str | int]]) -> dict[str, str]:
    return {name: f"{value:,}" if isinstance(value, int) else plain(value, 120) for name, value in values}
