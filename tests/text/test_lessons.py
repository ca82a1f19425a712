"""Lessons: every slot in both languages, the same numbers in both, and one for every network."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from explorer import text
from explorer.errors import UnknownEntry
from explorer.networks import networks
from explorer.ui.shell.navigation import SECTIONS
from tests.text import calls

CJK = re.compile(r"[\u3400-\u9fff]")
LESSONS = [(kind, key) for kind in text.SLOTS for key in text.lessons("en", kind)]
PAGES = [page for pages in SECTIONS.values() for page in pages]
EACH = [(lang, kind, key) for lang in text.LANGUAGES for kind, key in LESSONS]


def grouped_numbers(markdown: str) -> set[str]:
    """Numbers with thousands separators, whether in prose (1,000) or in a formula (1{,}000)."""
    return set(re.findall(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d])", markdown.replace("{,}", ",")))


def decimals(markdown: str) -> set[str]:
    """Numbers with a decimal point, but not those that Chinese counts in its own units (122.5 亿 is 12.25 G)."""
    return set(re.findall(r"(?<![\d.])\d+\.\d+(?!\.?\d)(?!\s*[万亿])", markdown))


def formulas(markdown: str) -> set[str]:
    return {re.sub(r"\s+", "", formula) for formula in re.findall(r"\$([^$]+)\$", markdown)}


def whole(lang: str, kind: str, key: str) -> str:
    return "\n".join(text.lesson(lang, kind, key).values())


@pytest.mark.parametrize("kind", text.SLOTS)
def test_both_languages_have_the_same_lessons(kind: str) -> None:
    assert text.lessons("en", kind) == text.lessons("zh", kind)


def test_every_network_has_its_lesson_and_every_lesson_a_network() -> None:
    assert {spec.lesson for spec in networks().values()} == set(text.lessons("en", "networks"))


def test_every_lesson_of_a_page_ends_one() -> None:
    """Declared in `navigation`, and the page asks for it."""
    declared = {page.lesson for page in PAGES if page.lesson}
    assert declared == set(text.lessons("en", "pages"))
    for page in PAGES:
        (file,) = calls.PAGES.rglob(f"{page.slug}.py")
        asks = f'lesson.show("{page.slug}")' in file.read_text(encoding="utf-8")
        assert asks == bool(page.lesson or page.quiz), page.slug


@pytest.mark.parametrize(("lang", "kind", "key"), EACH)
def test_a_lesson_has_exactly_the_slots_of_its_kind_in_order(lang: str, kind: str, key: str) -> None:
    found = text.lesson(lang, kind, key)
    assert tuple(found) == text.SLOTS[kind]
    assert all(found.values()), "an empty slot"


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("key", text.lessons("en", "networks"))
def test_a_contribution_is_one_line(lang: str, key: str) -> None:
    assert "\n\n" not in text.lesson(lang, "networks", key)["contribution"]


@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_each_language_is_written_in_itself(kind: str, key: str) -> None:
    assert all(CJK.search(slot) for slot in text.lesson("zh", kind, key).values())
    assert not CJK.search(whole("en", kind, key))


@pytest.mark.parametrize("numbers", [grouped_numbers, decimals])
@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_both_languages_give_the_same_numbers(kind: str, key: str, numbers: Callable[[str], set[str]]) -> None:
    assert numbers(whole("en", kind, key)) == numbers(whole("zh", kind, key))


@pytest.mark.parametrize("slot", ["answer", "because", "shapes"])
@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_both_languages_put_the_same_formulas(kind: str, key: str, slot: str) -> None:
    english, chinese = (text.lesson(lang, kind, key).get(slot, "") for lang in text.LANGUAGES)
    assert formulas(english) == formulas(chinese)


@pytest.mark.parametrize(("lang", "kind", "key"), EACH)
def test_mathematics_is_closed(lang: str, kind: str, key: str) -> None:
    assert whole(lang, kind, key).count("$") % 2 == 0


@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_each_language_has_its_own_punctuation(kind: str, key: str) -> None:
    prose = {lang: re.sub(r"\$[^$]*\$|`[^`]*`", "x", whole(lang, kind, key)) for lang in text.LANGUAGES}
    assert not re.search(r"[\u3400-\u9fff](?:[,;:?!]|\.(?!\w))|[,;:?!][\u3400-\u9fff]", prose["zh"])
    assert not re.search(r"[，。；：？！、（）]| [,;:?!](?:\s|$)", prose["en"])


@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_no_line_break_becomes_a_gap_in_chinese(kind: str, key: str) -> None:
    """Markdown makes a space of it; items and paragraphs stay apart."""
    written = (text._HERE / "zh" / "lessons" / kind / f"{key}.md").read_text(encoding="utf-8")
    shown = text.lesson("zh", kind, key)
    for slot, body in shown.items():
        assert not re.search(r"[\u3400-\u9fff，。；：、）][ \t]*\n[ \t]*[^\s#>|-]", body), slot
    whole = "\n".join(shown.values())
    assert len(re.findall("^- ", whole, re.MULTILINE)) == len(re.findall("^- ", written, re.MULTILINE))


def test_numbers_are_found_in_prose_and_in_formulas() -> None:
    assert grouped_numbers(r"1,000 of $1{,}234{,}567$, not 12 or 1,2") == {"1,000", "1,234,567"}
    assert decimals("71.5%, arXiv:1409.1556. 122.5 亿, v1.2.3 and 19.6.") == {"71.5", "1409.1556", "19.6"}


def test_a_misspelt_lesson_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownEntry, match="Did you mean resnet"):
        text.lesson("zh", "networks", "resnett")


CAUSES = {
    "en": re.compile(r"\b(because|since|due to|so that|therefore|that is why|also why)\b", re.IGNORECASE),
    "zh": re.compile("因为|由于|所以|因此|因而|正因"),
}
CONTROL = {"en": re.compile(r"\bcontrols?\b", re.IGNORECASE), "zh": re.compile("对照")}


def controls(lang: str, kind: str, key: str) -> int:
    """How many entries of its sources name a control."""
    entries = text.lesson(lang, kind, key)["sources"].split("\n- ")
    return sum(bool(CONTROL[lang].search(entry)) for entry in entries)


@pytest.mark.parametrize(("kind", "key"), LESSONS)
def test_a_control_is_named_in_both_languages(kind: str, key: str) -> None:
    assert controls("en", kind, key) == controls("zh", kind, key)


@pytest.mark.parametrize(("lang", "kind", "key"), EACH)
def test_what_a_network_added_claims_no_cause(lang: str, kind: str, key: str) -> None:
    """One sentence has no room for the control that could refute it."""
    assert not CAUSES[lang].search(text.lesson(lang, kind, key).get("contribution", ""))


REASONS = {"networks": ("idea", "because"), "pages": ("look", "answer")}
"""The slots that say how networks behave; what is said of shapes is reasoned by arithmetic, which is shown."""


@pytest.mark.parametrize(("lang", "kind", "key"), EACH)
def test_a_lesson_that_says_why_names_its_control(lang: str, kind: str, key: str) -> None:
    lesson = text.lesson(lang, kind, key)
    if any(CAUSES[lang].search(lesson[slot]) for slot in REASONS[kind]):
        assert controls(lang, kind, key), "name in `sources` what could refute it, or say only what is seen"
