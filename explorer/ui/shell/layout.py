"""What every page shares: the look, the sidebar, the head, the strip of figures, lessons, source code and downloads."""

from __future__ import annotations

import re
import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explorer import glossary
from explorer.text import LANGUAGES
from explorer.ui.shell import session, state
from explorer.ui.shell.words import lesson, linked, t

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explorer.figures.theme import Theme

_STATIC = Path(__file__).parents[1] / "static"

_PAINT = 0.25
"""Seconds a browser without a graphics processor takes to lay a page out, or to draw one figure."""


def style() -> None:
    """Add the style sheet to the theme in `.streamlit/config.toml`, and set the document's language."""
    st.html(_STATIC / "atlas.css")
    code = "zh-CN" if session.language() == "zh" else "en"
    st.html(f"<script>document.documentElement.lang='{code}'</script>", unsafe_allow_javascript=True)


def theme() -> Theme:
    """The figure theme, light or dark as the page is."""
    from explorer.figures.theme import theme_of  # brings Plotly along: not before the first figure

    return theme_of(session.dark())


def language_switch() -> None:
    """English or Chinese, below the menu."""
    with st.sidebar:
        st.segmented_control(
            t("frame.language"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            key="lang",
            required=True,
            label_visibility="collapsed",
        )


def imprint() -> None:
    """Where the numbers come from, at the foot of the menu."""
    with st.sidebar:
        st.caption(t("frame.imprint"))


def page_head(slug: str, section: str) -> DeltaGenerator:
    """Section, title, and the one-line question the page answers.

    Returns the place beside them, for the name of what the page turns out to be about.
    """
    with st.container(key="head", horizontal=True, vertical_alignment="bottom"):
        st.html(
            f'<header class="atlas-head"><p class="kicker">{escape(t(f"nav.{section}"))}</p>'
            f"<h1>{escape(t(f'nav.{slug}'))}</h1><p class='question'>{escape(t(f'{slug}.question'))}</p></header>",
            width="stretch",
        )
        beside = st.container(width="content")
    let_it_paint("head", "once a session")
    return beside


def waiting() -> AbstractContextManager[None]:
    """A spinner for the first import of the networks."""
    return st.spinner(t("frame.loading"))


def facts(rows: Sequence[tuple[str, str, str]], terms: Sequence[str] = ()) -> None:
    """A strip of (label, value, convention): numbers with what they mean.

    `terms` are the keys of the labels' explanations, in the same order; see `term`.
    """
    keys = [*terms, *[""] * (len(rows) - len(terms))]
    cells = "".join(
        f"<div><dt>{term(label, key)}</dt><dd>{escape(value)}<small>{escape(note)}</small></dd></div>"
        for (label, value, note), key in zip(rows, keys, strict=True)
    )
    st.html(f'<dl class="atlas-facts">{cells}</dl>')


def term(words: str, key: str) -> str:
    """Words with a dotted line below them, as HTML: pointed at, tapped or reached by Tab, they are explained.

    `key` is the slug of a term of the glossary, to which the explanation leads on; words without one are left as they
    are.
    """
    if not key:
        return escape(words)
    to = (
        f'<a href="{escape(glossary.address(key, session.language()))}" target="_blank">{escape(t("nav.glossary"))}</a>'
    )
    note = f'<span role="note">{escape(t(f"term.{key}.says"))} {to}</span>'
    return f'<span class="atlas-term" tabindex="0">{indexed(words)}{note}</span>'


def indexed(words: str) -> str:
    """Words as HTML, with n_H, n_W and n_C as they are printed."""
    return re.sub(r"\bn_([HWC])\b", r"<i>n</i><sub>\1</sub>", escape(words))


def terms(named: Mapping[str, str]) -> None:
    """A line of terms, each explained: {words: key}, see `term`."""
    st.html(f'<p class="atlas-terms">{" · ".join(term(words, key) for words, key in named.items())}</p>')


def row() -> DeltaGenerator:
    """A row for controls: cheaper for the browser than columns, and on a phone it breaks where it is full."""
    return st.container(horizontal=True, gap="medium", vertical_alignment="bottom")


def section(title: str, note: str = "") -> None:
    """A heading inside a page, with a quiet line below it."""
    st.subheader(title, anchor=False)
    if note:
        st.caption(note)


def show_lesson(key: str) -> None:
    """Show the lesson of a page: text, question, answer behind an expander, and sources; a term is linked once."""
    seen: set[str] = set()
    look, question, answer = (linked(lesson("pages", key, slot), seen) for slot in ("look", "question", "answer"))
    st.markdown(look)
    ask(t("lesson.question"), question, answer)
    show_sources(lesson("pages", key, "sources"))


def ask(title: str, question: str, answer: str) -> None:
    """A question of a lesson, with its answer behind an expander."""
    with st.container(border=True):
        st.markdown(f"**{title}**  \n{question}")
        with st.expander(t("lesson.answer"), icon=":material/lightbulb:"):
            st.markdown(answer)


def show_sources(sources: str) -> None:
    """The sources of a lesson, behind an expander."""
    with st.expander(t("lesson.sources"), icon=":material/menu_book:"):
        st.markdown(sources)


def to_the_top() -> None:
    """Scroll the page to its top."""
    script = "<script>document.querySelector('[data-testid=stMain]').scrollTo(0, 0)</script>"
    st.html(script, unsafe_allow_javascript=True)


def let_it_paint(place: str, shown: Hashable) -> None:
    """Hold the rest of a page back until the browser has painted what is `shown` at a `place`, if that is new.

    A browser draws all figures that arrive together in one go, however far down the page they are, and shows none of
    them, nor the words above them, before the last is done.
    """
    if state.get(f"_shown.{place}", None) != shown:
        time.sleep(_PAINT)
    state.put(f"_shown.{place}", shown)
