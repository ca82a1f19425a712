"""Lessons: every slot in both languages, the same numbers in both, and one for every network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from explorer import text
from explorer.errors import UnknownEntry
from explorer.networks import networks
from tests.text import calls

CJK = re.compile(r"[\u3400-\u9fff]")
LESSONS = text.lessons("en")
PAGES = list(calls.PAGES.rglob("*.py"))
EACH = [(lang, key) for lang in text.LANGUAGES for key in LESSONS]


def grouped_numbers(markdown: str) -> set[str]:
    """Numbers with thousands separators, whether in prose (1,000) or in a formula (1{,}000)."""
    return set(re.findall(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d])", markdown.replace("{,}", ",")))


def decimals(markdown: str) -> set[str]:
    """Numbers with a decimal point, but not those that Chinese counts in its own units (122.5 亿 is 12.25 G)."""
    return set(re.findall(r"(?<![\d.])\d+\.\d+(?!\.?\d)(?!\s*[万亿])", markdown))


def formulas(markdown: str) -> list[str]:
    return sorted(re.sub(r"\s+", "", formula) for formula in re.findall(r"\$([^$]+)\$", markdown))


def whole(lang: str, key: str) -> str:
    return "\n".join(text.lesson(lang, key).values())


def test_both_languages_have_the_same_lessons() -> None:
    assert text.lessons("en") == text.lessons("zh")


def test_every_network_has_its_lesson_and_every_lesson_a_network_or_a_page() -> None:
    of_networks = {spec.lesson for spec in networks().values()}
    of_pages = {
        key for key in LESSONS if any(f'show_lesson("{key}")' in path.read_text(encoding="utf-8") for path in PAGES)
    }
    assert of_networks | of_pages == set(LESSONS)


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_a_lesson_has_exactly_the_slots_in_order(lang: str, key: str) -> None:
    found = text.lesson(lang, key)
    assert tuple(found) == text.SLOTS
    assert all(found.values()), "an empty slot"


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_a_contribution_is_one_line(lang: str, key: str) -> None:
    assert "\n\n" not in text.lesson(lang, key)["contribution"]


@pytest.mark.parametrize("key", LESSONS)
@pytest.mark.parametrize("slot", text.SLOTS)
def test_each_language_is_written_in_itself(key: str, slot: str) -> None:
    assert CJK.search(text.lesson("zh", key)[slot])
    assert not CJK.search(text.lesson("en", key)[slot])


@pytest.mark.parametrize("numbers", [grouped_numbers, decimals])
@pytest.mark.parametrize("key", LESSONS)
def test_both_languages_give_the_same_numbers(key: str, numbers: Callable[[str], set[str]]) -> None:
    assert numbers(whole("en", key)) == numbers(whole("zh", key))


@pytest.mark.parametrize("key", LESSONS)
def test_both_languages_put_the_same_formulas(key: str) -> None:
    assert formulas(text.lesson("en", key)["answer"]) == formulas(text.lesson("zh", key)["answer"])


@pytest.mark.parametrize(("lang", "key"), EACH)
def test_mathematics_is_closed(lang: str, key: str) -> None:
    assert whole(lang, key).count("$") % 2 == 0


@pytest.mark.parametrize("key", LESSONS)
def test_no_line_break_becomes_a_gap_in_chinese(key: str) -> None:
    """Markdown makes a space of it; items and paragraphs stay apart."""
    written = (text._HERE / "zh" / "lessons" / f"{key}.md").read_text(encoding="utf-8")
    shown = text.lesson("zh", key)
    for slot, body in shown.items():
        assert not re.search(r"[\u3400-\u9fff，。；：、）][ \t]*\n[ \t]*[^\s#>|-]", body), slot
    whole = "\n".join(shown.values())
    assert len(re.findall("^- ", whole, re.MULTILINE)) == len(re.findall("^- ", written, re.MULTILINE))


def test_numbers_are_found_in_prose_and_in_formulas() -> None:
    assert grouped_numbers(r"1,000 of $1{,}234{,}567$, not 12 or 1,2") == {"1,000", "1,234,567"}
    assert decimals("71.5%, arXiv:1409.1556. 122.5 亿, v1.2.3 and 19.6.") == {"71.5", "1409.1556", "19.6"}


def test_a_misspelt_lesson_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="Did you mean resnet"):
        text.lesson("zh", "resnett")
