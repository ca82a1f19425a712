"""The terms of the glossary: complete in both languages, plain where they are pointed at, tied to each other."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from explorer import text
from explorer.errors import UnknownEntry
from explorer.glossary import GROUPS, search, term, terms
from explorer.glossary.linking import names_of
from explorer.ui.parts.architectures.pipeline import FACT_TERMS, SIZE_TERMS
from explorer.ui.shell.navigation import SECTIONS

PAGES = {page.slug for pages in SECTIONS.values() for page in pages}
PARTS = ("name", "also", "says", "example")

NEVER_DEFINED_ONCE = (
    *("top1", "top5", "ten-crop", "single-crop", "multi-crop", "dense-evaluation", "macs", "flops", "rf", "jump"),
    *("batch-norm", "separable", "squeeze-excitation", "hard-swish", "inverted-residual", "compound-scaling"),
    *("option-abc", "logit", "softmax", "buffer", "affine", "dilation", "head", "stem", "same-padding"),
    *("valid-padding", "unit"),
)
"""Words that lessons and tables used before the app said anywhere what they mean."""


def strings(lang: str, slug: str) -> dict[str, str]:
    prefix = f"{slug}."
    return {
        key.removeprefix(prefix): words for key, words in text.group(lang, "term").items() if key.startswith(prefix)
    }


def test_there_are_the_words_that_were_missing_and_those_that_are_pointed_at() -> None:
    assert {*NEVER_DEFINED_ONCE, *FACT_TERMS, *SIZE_TERMS} <= set(terms())
    assert 60 <= len(terms()) <= 120


def test_every_group_has_terms_and_every_term_its_words() -> None:
    assert tuple(dict.fromkeys(each.group for each in terms().values())) == GROUPS
    for lang in text.LANGUAGES:
        assert {key.partition(".")[0] for key in text.group(lang, "term")} == set(terms())


@pytest.mark.parametrize("slug", terms())
def test_a_term_is_whole(slug: str) -> None:
    each = term(slug)
    assert each.page in PAGES - {"glossary"}
    assert slug not in each.related
    assert set(each.related) <= set(terms())
    assert each.related, "it stands alone"
    for lang in text.LANGUAGES:
        found = strings(lang, slug)
        assert {"name", "says"} <= set(found) <= set(PARTS)
        assert ("example" in found) == (each.example is not None)
        assert not re.search(r"[$*`{}<>\[\]]", found["says"] + found["name"] + found.get("also", "")), "plain text"
        assert found["says"].endswith(("." if lang == "en" else "。", ")"))


@pytest.mark.parametrize("slug", [slug for slug, each in terms().items() if each.example])
def test_an_example_is_filled_with_what_is_computed(slug: str) -> None:
    example = term(slug).example
    assert example
    values = example()
    for lang in text.LANGUAGES:
        asked = {name for _, name, _, _ in Formatter().parse(strings(lang, slug)["example"]) if name}
        assert asked == set(values)
        assert "{" not in text.say(lang, f"term.{slug}.example", **values)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_name_stands_for_two_terms(lang: str) -> None:
    names = [(name.casefold(), slug) for slug in terms() for name in {n.casefold() for n in names_of(lang, slug)}]
    twice = {name for name, _ in names if sum(name == other for other, _ in names) > 1}
    assert twice <= {"flops"}, "乘加次数 and 浮点运算次数 are told apart by the unit that is counted"


@pytest.mark.parametrize("words", ["batch norm", "归一化", "BN", "批标准化"])
@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_a_term_is_found_in_either_language(lang: str, words: str) -> None:
    assert "batch-norm" in search(lang, words)[:3]


def test_all_words_have_to_be_there_and_nothing_finds_all() -> None:
    assert search("en", "gradients vanishing")[0] == "vanishing-gradient"
    assert search("en", "no such word") == ()
    assert search("zh", "  ") == tuple(terms())


def test_a_misspelt_term_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="softmax"):
        term("softmaks")
