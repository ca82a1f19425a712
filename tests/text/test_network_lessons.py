"""Lessons of networks: four sentences first, a mistake that is recognised, links that lead where they say."""

from __future__ import annotations

import re

import pytest

from explorer import text
from explorer.errors import CatalogueError
from explorer.networks import networks
from explorer.text import Link, links
from tests.states import all_fields, states

KEYS = text.lessons("en", "networks")
EACH = [(lang, key) for lang in text.LANGUAGES for key in KEYS]
ENDS = {"en": re.compile(r"[.?!](?=\s|$)"), "zh": re.compile("[。？！]")}
MISTAKEN = {"en": re.compile(r"If\s+you\s+said\s+that\b"), "zh": re.compile("如果你(说|的回答是)“")}
HEDGES = {"en": re.compile(r"not re-read|usually quoted|from memory"), "zh": re.compile("未重新核对|通行的引述|通常引")}


def shown(lang: str, key: str) -> tuple[Link, ...]:
    return links(text.lesson(lang, "networks", key)["see"])


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_the_idea_is_four_sentences(lang: str, key: str) -> None:
    """The problem, the idea, why it works, who won."""
    idea = text.lesson(lang, "networks", key)["idea"]
    assert len(ENDS[lang].findall(idea)) == 4
    assert "\n\n" not in idea
    assert idea[-1] in ".。"


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_a_why_is_asked_and_a_mistaken_idea_recognised(lang: str, key: str) -> None:
    lesson = text.lesson(lang, "networks", key)
    assert lesson["why"][-1] in "?？"
    assert lesson["because"].startswith("**")
    assert MISTAKEN[lang].search(lesson["because"])


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_no_number_is_printed_that_nobody_read(lang: str, key: str) -> None:
    assert not HEDGES[lang].search("\n".join(text.lesson(lang, "networks", key).values()))


@pytest.mark.parametrize("key", KEYS)
def test_both_languages_link_to_the_same_states(key: str) -> None:
    english, chinese = (shown(lang, key) for lang in text.LANGUAGES)
    assert [(link.page, dict(link.query)) for link in english] == [(link.page, dict(link.query)) for link in chinese]
    assert english


@pytest.mark.parametrize("key", KEYS)
def test_a_link_asks_only_for_what_its_page_has(key: str) -> None:
    for link in shown("en", key):
        fields = {field.name: field for field in all_fields(link.page)}
        for name, value in link.query.items():
            assert fields[name].write(fields[name].parse(value)) == value, (link, name)
        if "net" in link.query:
            assert link.query["net"] in networks()
        assert link.page in states()


def test_links_are_read_line_by_line() -> None:
    first, second = links("- [One half, *n*](residual?view=block&w=0.5)\n- [All](lenet)")
    assert (first.label, first.page, dict(first.query)) == ("One half, *n*", "residual", {"view": "block", "w": "0.5"})
    assert (second.page, dict(second.query)) == ("lenet", {})


@pytest.mark.parametrize("line", ["See [there](lenet).", "- [Out](https://example.org)", "- lenet", ""])
def test_what_is_no_link_to_a_page_is_refused(line: str) -> None:
    with pytest.raises(CatalogueError, match="What works"):
        links(f"- [All](lenet)\n{line}\n- [All](lenet)")
