"""The parts of the glossary: what is looked for, the list of terms by group, and where the words belong."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from explorer import glossary
from explorer.fields import Field, slug, text
from explorer.ui.components import opening
from explorer.ui.shell import exhibit, layout, session, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import elsewhere, group, plain, t
from explorer.ui.widgets import inputs

_CLICKED = "_glossary.clicked"
_BLOCK = ("stage", "bottleneck", "shortcut", "batch-norm", "relu")


@dataclass(frozen=True, slots=True)
class GlossaryState:
    """What is looked for, and the term that is open."""

    find: Field[str] = text("find", label="glossary.find")
    term: Field[str] = slug("term", label="glossary.term")


STATE = GlossaryState()


def search() -> tuple[str, ...]:
    """The field to search in; the slugs of what was found, all of them where nothing is looked for."""
    words = inputs.text(STATE.find)
    found = glossary.search(session.language(), words)
    if not found:
        st.info(t("glossary.none", words=plain(words, 40)), icon=":material/search_off:")
    elif words.strip():
        st.caption(t("glossary.found", count=len(found), words=plain(words, 40)))
    return found


def chosen() -> str:
    """The term that is open, "" for none."""
    return state.bind(STATE.term, allowed=("", *glossary.terms())).commit()


def choose(term: str) -> None:
    """Open another term, from a callback; its entry stands first on the page, which is brought into view."""
    state.assign(STATE.term, term)
    state.put(_CLICKED, True)


def bring_into_view() -> None:
    """Go to the top of the page where a click has opened an entry there."""
    if state.pop(_CLICKED):
        layout.to_the_top()


def listing(found: tuple[str, ...]) -> None:
    """What was found, group by group: name, the name in the other language, what it says. A click opens the entry."""
    numbers = {slug: number for number, slug in enumerate(glossary.terms(), start=1)}
    members = {name: [term for term in found if glossary.term(term).group == name] for name in glossary.GROUPS}
    titles = group("glossary.group")
    for name, terms in members.items():
        if terms:
            st.subheader(titles[name], anchor=f"group-{name}")
            rows = "".join(_row(term, numbers[term]) for term in terms)
            st.html(f'<dl class="atlas-glossary">{rows}</dl>')
    slugs = {number: slug for slug, number in numbers.items()}
    opening.listen(lambda number: choose(slugs.get(number, "")), key="glossary-opens")


def groups(found: tuple[str, ...]) -> None:
    """Links to the groups further down the page."""
    there = {glossary.term(term).group for term in found}
    links = [
        f'<a href="#group-{name}">{escape(title)}</a>'
        for name, title in group("glossary.group").items()
        if name in there
    ]
    st.html(f'<nav class="atlas-groups" aria-label="{escape(t("glossary.index"))}">{"".join(links)}</nav>')


def names_html(term: str, before: str, after: str) -> str:
    """The name of a term between two tags, and behind it that in the other language, where it says more."""
    name, other = t(f"term.{term}.name"), elsewhere(f"term.{term}.name")
    beside = f" <small>{layout.indexed(other)}</small>" if other.casefold() not in name.casefold() else ""
    return f"{before}{layout.indexed(name)}{after}{beside}"


def _row(term: str, number: int) -> str:
    name = names_html(term, f'<span role="button" tabindex="0" data-opens="{number}">', "</span>")
    return f"<div><dt>{name}</dt><dd>{escape(t(f'term.{term}.says'))}</dd></div>"


def anatomy() -> None:
    """A network with its words: the picture that the page opens with."""
    from explorer.figures.anatomy import PATH, anatomy as draw

    names = {term: t(f"term.{term}.name") for term in (*PATH, *_BLOCK)}
    path = " → ".join((t("glossary.image"), *(names[term] for term in PATH)))
    said = t("glossary.anatomy_says", path=path)
    rows = [
        {t("glossary.column_name"): names[term], t("glossary.column_says"): t(f"term.{term}.says")} for term in names
    ]
    layout.section(t("glossary.anatomy"), t("glossary.anatomy_note"))
    drawing = draw(names, t("glossary.image"), theme=layout.theme(), label=said)
    exhibit.show(Exhibit("anatomy", drawing, said, rows))
