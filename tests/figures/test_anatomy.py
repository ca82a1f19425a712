"""The picture of a network with its words."""

from __future__ import annotations

import re
from html import escape, unescape

import pytest

from explorer import text
from explorer.figures.anatomy import PATH, anatomy
from explorer.figures.svg import file_of
from explorer.figures.theme import DARK, LIGHT, Theme

NAMED = (*PATH, "bottleneck", "shortcut", "batch-norm", "relu")


def drawn(lang: str, theme: Theme) -> str:
    names = {slug: text.say(lang, f"term.{slug}.name") for slug in NAMED}
    html = anatomy(names, text.say(lang, "glossary.image"), theme=theme, label="what it shows")
    assert 'alt="what it shows"' in html
    return file_of(html).decode()


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_part_is_named_as_the_glossary_names_it(lang: str) -> None:
    said = " ".join(unescape(each) for each in re.findall(r"<text[^>]*>([^<]*)", drawn(lang, LIGHT)))
    for slug in NAMED:
        assert text.say(lang, f"term.{slug}.name") in said, slug


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_every_word_lies_inside_and_no_two_overlap(lang: str) -> None:
    """A letter is no wider than 0.6 of its size, a Chinese character as wide as its size."""
    wide = {"start": 0.0, "middle": 0.5}
    boxes = []
    for x, y, size, anchor, words in re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" font-size="([\d.]+)"[^>]*text-anchor="(\w+)"[^>]*>([^<]*)', drawn(lang, LIGHT)
    ):
        width = sum(float(size) * (1 if ord(letter) > 0x2E80 else 0.56) for letter in unescape(words))
        left = float(x) - wide[anchor] * width
        boxes.append((left, left + width, float(y), words))
        assert left >= 0
        assert left + width <= 900
    for index, (left, right, y, words) in enumerate(boxes):
        for other_left, other_right, other_y, other in boxes[index + 1 :]:
            apart = right <= other_left or other_right <= left or abs(y - other_y) > 12
            assert apart, (words, other)


def test_it_follows_the_theme() -> None:
    assert escape(DARK.ink) in drawn("en", DARK)
    assert DARK.ink not in drawn("en", LIGHT)
