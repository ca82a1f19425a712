"""Links from lessons to the glossary: at the first occurrence, to an entry that exists, and nowhere they would harm."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from explorer import text
from explorer.glossary import address, linked, terms

LINK = re.compile(r"\[([^\]]*)\]\((glossary\?[^)]*)\)")
EACH = [(lang, kind, key) for lang in text.LANGUAGES for kind in text.SLOTS for key in text.lessons("en", kind)]


def test_only_the_first_occurrence_is_linked() -> None:
    seen: set[str] = set()
    said = linked("en", "A stride of 2, then a stride of 1. ReLU, and the ReLUs after it.", seen)
    assert said == (
        f"A [stride]({address('stride', 'en')}) of 2, then a stride of 1. "
        f"[ReLU]({address('relu', 'en')}), and the ReLUs after it."
    )
    assert seen == {"stride", "relu"}
    assert linked("en", "Another stride.", seen) == "Another stride."


@pytest.mark.parametrize(
    "markdown",
    [
        "$\\text{softmax}(z)$ and $$stride$$",
        "`softmax` in `F.softmax(z)`",
        "[softmax](https://example.org/stride)",
        "see https://example.org/softmax/stride",
        "**Softmax.** *dropout*",
        "# Softmax",
        "softmaxed, re-softmax, nonstride",
    ],
)
def test_formulas_code_links_and_what_is_emphasised_stay_as_they_are(markdown: str) -> None:
    assert linked("en", markdown, set()) == markdown


def test_the_longest_name_counts_over_a_line_break_and_in_the_plural_and_no_single_character() -> None:
    assert linked("en", "depthwise separable\n  convolutions", set()) == (
        f"[depthwise separable\n  convolutions]({address('separable', 'en')})"
    )
    assert linked("zh", "深度可分离卷积", set()) == f"[深度可分离卷积]({address('separable', 'zh')})"
    assert linked("zh", "轮廓、车轮、单元格轮流", set()) == "轮廓、车轮、单元格轮流"
    assert linked("zh", "批量归一化（BN）", set()) == f"[批量归一化]({address('batch-norm', 'zh')})（BN）"


@pytest.mark.parametrize(("lang", "kind", "key"), EACH)
def test_every_link_of_a_lesson_leads_to_an_entry_and_changes_no_word(lang: str, kind: str, key: str) -> None:
    seen: set[str] = set()
    for slot, body in text.lesson(lang, kind, key).items():
        said = linked(lang, body, seen)
        assert LINK.sub(r"\1", said) == LINK.sub(r"\1", body), slot
        for _, to in LINK.findall(said):
            asked = parse_qs(urlsplit(to).query)
            assert asked["lang"] == [lang]
            assert asked["term"][0] in terms()
    assert seen, "a lesson without a single term of the course"
