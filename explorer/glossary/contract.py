"""`Term`, an entry of the glossary; all of them, by slug and by words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType

from explorer.catalog import collect, lookup
from explorer.text import LANGUAGES, group

GROUPS = ("volumes", "convolutions", "functions", "networks", "learning", "evaluation", "looking")
"""The groups of terms, in the order of the page; each is a file in `entries/` and one of strings."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its formula as LaTeX, where it can be touched, terms beside it, who introduced it.

    `page` is a page's slug and `state` the parameters of its address. `example` computes the values that the term's
    example is filled with, as text. A `common` word is not linked where it occurs in a lesson: it would be everywhere.
    """

    slug: str
    page: str
    state: Mapping[str, str] = field(default_factory=dict)
    formula: str = ""
    related: tuple[str, ...] = ()
    source: str = ""
    example: Callable[[], Mapping[str, str]] | None = None
    common: bool = False
    group: str = ""


def grouped(group: str, *members: Term) -> tuple[Term, ...]:
    """Terms as those of a group."""
    return tuple(replace(each, group=group) for each in members)


@cache
def terms() -> Mapping[str, Term]:
    """All terms by slug, group by group. Raises `CatalogueError`."""
    found = collect("explorer.glossary.entries", Term)
    return MappingProxyType({s: found[s] for name in GROUPS for s in found if found[s].group == name})


def term(slug: str) -> Term:
    """A term by its slug. Raises `UnknownEntry`."""
    return lookup(terms(), slug, "term")


def search(lang: str, words: str) -> tuple[str, ...]:
    """The slugs of the terms with all of these words, in a name of any language or in what is said in this one.

    Those that are called so come first. All terms where there are no words.
    """
    wanted = words.casefold().split()
    named: list[str] = []
    said: list[str] = []
    for slug in terms():
        names = " ".join(_names(each, slug) for each in LANGUAGES)
        if all(word in names for word in wanted):
            named.append(slug)
        elif all(word in f"{names} {group(lang, 'term')[f'{slug}.says'].casefold()}" for word in wanted):
            said.append(slug)
    return (*named, *said)


def _names(lang: str, slug: str) -> str:
    strings = group(lang, "term")
    return f"{strings[f'{slug}.name']} {strings.get(f'{slug}.also', '')}".casefold()
