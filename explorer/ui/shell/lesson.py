"""The end of a page: its lesson and its questions, as `navigation` declares them; and the lesson of a network."""

from __future__ import annotations

import streamlit as st

from explorer.text import links
from explorer.ui.shell import layout, navigation, quiz, session, words
from explorer.ui.shell.words import t


def show(slug: str) -> None:
    """Show a page's lesson, then its questions."""
    page = navigation.spec_of(slug)
    if page.lesson:
        layout.section(t(f"{slug}.lesson"))
        layout.show_lesson(page.lesson)
    if page.quiz:
        layout.section(t("quiz.title"))
        for question in page.quiz:
            quiz.show(question)


def of_network(key: str) -> None:
    """Show the lesson of a network: its idea, why it works and where that is seen, then its shapes and its sources.

    A term is linked to the glossary where it comes first.
    """
    seen: set[str] = set()
    idea, why, because, shapes, question, answer = (words.linked(_slot(key, slot), seen) for slot in _TAUGHT)
    st.markdown(idea)
    layout.ask(t("lesson.why"), why, because)
    with st.container(key="lesson-links", gap=None):
        for link in links(_slot(key, "see")):
            page = navigation.spec_of(link.page)
            query = {"lang": session.language(), **link.query}
            st.page_link(navigation.page_of(page), label=link.label, icon=page.icon, query_params=query)
    st.markdown(shapes)
    layout.ask(t("lesson.question"), question, answer)
    layout.show_sources(_slot(key, "sources"))


_TAUGHT = ("idea", "why", "because", "shapes", "question", "answer")


def _slot(key: str, slot: str) -> str:
    return words.lesson("networks", key, slot)
