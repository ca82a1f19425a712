"""Links from a lesson's words to the glossary: each term where it first occurs, and nowhere else.

Lessons carry no marks for this. Formulas, code, links, headings and what is emphasised already are left as they are.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from explorer.glossary.contract import terms
from explorer.text import group

_LEFT_ALONE = re.compile(
    r"\$\$.*?\$\$|\$[^$]+\$|`[^`]*`|!?\[[^\]]*\]\([^)]*\)|https?://\S+|\*\*[^*]+\*\*|\*[^*\n]+\*|^#.*$",
    re.DOTALL | re.MULTILINE,
)
_SEPARATORS = {"en": ", ", "zh": "、"}
_CJK = re.compile(r"[\u3400-\u9fff]")


def address(slug: str, lang: str) -> str:
    """The address of a term, from any page."""
    return f"glossary?term={slug}&lang={lang}"


def linked(lang: str, markdown: str, seen: set[str]) -> str:
    """Markdown with a link at the first occurrence of every term that is not in `seen`, to which it is added."""
    done, found = _linked(lang, markdown, frozenset(seen))
    seen |= found
    return done


@lru_cache(4096)  # every lesson in both languages, each of them on every run of its page
def _linked(lang: str, markdown: str, known: frozenset[str]) -> tuple[str, frozenset[str]]:
    """The Markdown with its links, and the terms that were linked."""
    pattern, slugs = _phrases(lang)
    found: set[str] = set()

    def link(phrase: re.Match[str]) -> str:
        slug = slugs[next(name for name, value in phrase.groupdict().items() if value)]
        if slug in known or slug in found:
            return phrase[0]
        found.add(slug)
        return f"[{phrase[0]}]({address(slug, lang)})"

    parts, end = [], 0
    for kept in _LEFT_ALONE.finditer(markdown):
        parts += [pattern.sub(link, markdown[end : kept.start()]), kept[0]]
        end = kept.end()
    return "".join([*parts, pattern.sub(link, markdown[end:])]), frozenset(found)


@cache
def names_of(lang: str, slug: str) -> tuple[str, ...]:
    """All names of a term in a language, without what stands in brackets behind one."""
    strings = group(lang, "term")
    also = strings.get(f"{slug}.also", "")
    names = (strings[f"{slug}.name"], *filter(None, also.split(_SEPARATORS[lang])))
    return tuple(re.sub(r"\s*[（(].*[)）]", "", name) for name in names)


@cache
def _phrases(lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """One pattern for all names, longer ones first, and the slug that each group of it stands for.

    A name of one character is part of too many other words (轮 of 轮廓) to be looked for.
    """
    rare = (slug for slug, each in terms().items() if not each.common)
    found = {name: slug for slug in rare for name in names_of(lang, slug) if len(name) > 1}
    names = sorted(found, key=len, reverse=True)
    slugs = {f"t{number}": found[name] for number, name in enumerate(names)}
    pattern = "|".join(f"(?P<t{number}>{_phrase(name)})" for number, name in enumerate(names))
    return re.compile(pattern), slugs


def _phrase(name: str) -> str:
    """A name between two words; small or capital as it begins, and in the plural, where it is written in letters."""
    if _CJK.search(name):
        return re.escape(name)
    first = f"[{name[0].upper()}{name[0].lower()}]" if name[0].isalpha() and not name[1:2].isupper() else name[0]
    rest = re.escape(name[1:]).replace(r"\ ", r"\s+")  # a line may end between two words
    many = re.sub(r"y$", "(?:y|ies)", rest) if rest.endswith("y") else f"{rest}(?:s|es)?"
    return rf"(?<![A-Za-z0-9_-]){first}{many}(?![A-Za-z0-9_-])"
