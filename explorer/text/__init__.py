"""Every word the app shows, in English and Chinese: interface strings in `<lang>/ui.toml`, lessons in Markdown by slot.

Law: standard library and `explorer.errors` only; both languages have the same keys, placeholders and slots (tested). To
add a lesson, put `<lang>/lessons/<key>.md` with the slots of `SLOTS` in each language. To add a string, add its key to
both `ui.toml`. What is not ours (a name in a file, a value in an address) passes `plain` before it is put into one.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from explorer.errors import UnknownEntry
from explorer.text.plain import plain

__all__ = ["LANGUAGES", "SLOTS", "lesson", "lessons", "plain", "protocol", "say", "strings"]

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}
SLOTS = ("contribution", "shapes", "question", "answer", "sources")

_HERE = Path(__file__).parent

# A browser makes a space of a line break, which Chinese does not have between characters nor beside its punctuation.
_HAN, _MARKS = r"\u3400-\u9fff", r"\u3001-\u303f\uff00-\uffef\u201c\u201d"
_BREAKS = re.compile(
    rf"(?<=[{_HAN}{_MARKS}])\n[ \t]*(?=[{_HAN}{_MARKS}])|(?<=[{_MARKS}])\n[ \t]*(?=[^\s#>|-])(?!\d+\. )"
)


@cache
def strings(lang: str) -> Mapping[str, str]:
    """All interface strings of a language, by dotted key."""
    with (_HERE / lang / "ui.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in table.items():
        pairs += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, value)]
    return pairs


def say(lang: str, key: str, /, **values: object) -> str:
    """One interface string with its placeholders filled. Raises `UnknownEntry` naming the nearest keys."""
    try:
        text = strings(lang)[key]
    except KeyError:
        raise UnknownEntry(f"string in {lang!r}", key, strings(lang)) from None
    return text.format(**values) if values else text


def protocol(lang: str, text: str) -> str:
    """How an accuracy was measured ("1 crop 224 (resize 256), stride at 3x3"), in another language.

    Each phrase between commas is looked up below `protocol` with its numbers as #. Raises `UnknownEntry`.
    """
    phrases = []
    for phrase in filter(None, text.split(", ")):
        words = say(lang, "protocol." + re.sub(r"\d+", "#", phrase))
        for number in re.findall(r"\d+", phrase):
            words = words.replace("#", number, 1)
        phrases.append(words)
    return ("，" if lang == "zh" else ", ").join(phrases)


@cache
def lesson(lang: str, key: str) -> Mapping[str, str]:
    """The slots of a lesson, as Markdown. Raises `UnknownEntry`."""
    path = _HERE / lang / "lessons" / f"{key}.md"
    if key not in lessons(lang):
        raise UnknownEntry(f"lesson in {lang!r}", key, lessons(lang))
    written = path.read_text(encoding="utf-8")
    if lang == "zh":
        written = _BREAKS.sub("", written)
    parts = re.split(r"^## (\w+)\s*$", written, flags=re.MULTILINE)
    return {slot: body.strip() for slot, body in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def lessons(lang: str) -> tuple[str, ...]:
    """Keys of all lessons of a language."""
    return tuple(sorted(path.stem for path in (_HERE / lang / "lessons").glob("*.md")))
