"""Every word the app shows, in English and Chinese: interface strings in TOML, lessons in Markdown by slot.

    <lang>/common.toml            what several pages share      <lang>/lessons/networks/<key>.md    a kind of network
    <lang>/models.toml            choosing a model, an image    <lang>/lessons/pages/<slug>.md      a page
    <lang>/networks.toml          what is said of networks
    <lang>/pages/<slug>.toml      one page
    <lang>/quiz/<slug>.toml       one question

Law: standard library and `explorer.errors` only; both languages have the same files, keys, placeholders and slots, and
no key stands in two files (tested). All files of a language are read as one: a key does not say where it stands.
What is not ours (a name in a file, a value in an address) passes `plain` before it is put into a string.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from explorer.errors import CatalogueError, UnknownEntry
from explorer.text.plain import plain

__all__ = ["LANGUAGES", "SLOTS", "lesson", "lessons", "plain", "protocol", "say", "strings"]

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}

SLOTS: Mapping[str, tuple[str, ...]] = {
    "networks": ("contribution", "shapes", "question", "answer", "sources"),
    "pages": ("look", "question", "answer", "sources"),
}
"""The kinds of lessons, each with its slots in order."""

_HERE = Path(__file__).parent

# A browser makes a space of a line break, which Chinese does not have between characters nor beside its punctuation.
_HAN, _MARKS = r"\u3400-\u9fff", r"\u3001-\u303f\uff00-\uffef\u201c\u201d"
_BREAKS = re.compile(
    rf"(?<=[{_HAN}{_MARKS}])\n[ \t]*(?=[{_HAN}{_MARKS}])|(?<=[{_MARKS}])\n[ \t]*(?=[^\s#>|-])(?!\d+\. )"
)


@cache
def strings(lang: str) -> Mapping[str, str]:
    """All interface strings of a language, by dotted key."""
    return _merged(_HERE / lang)


def _merged(folder: Path) -> dict[str, str]:
    """The strings of all TOML files below a folder. Raises `CatalogueError` for a key that stands in two of them."""
    found: dict[str, str] = {}
    home: dict[str, str] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in found:
                raise CatalogueError(f"The string {key!r} stands in two files: {home[key]} and {name}.")
            found[key], home[key] = text, name
    return found


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


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
def lesson(lang: str, kind: str, key: str) -> Mapping[str, str]:
    """The slots of a lesson, as Markdown; `kind` is one of `SLOTS`. Raises `UnknownEntry`."""
    if key not in lessons(lang, kind):
        raise UnknownEntry(f"lesson on {kind} in {lang!r}", key, lessons(lang, kind))
    written = (_HERE / lang / "lessons" / kind / f"{key}.md").read_text(encoding="utf-8")
    if lang == "zh":
        written = _BREAKS.sub("", written)
    parts = re.split(r"^## (\w+)\s*$", written, flags=re.MULTILINE)
    return {slot: body.strip() for slot, body in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def lessons(lang: str, kind: str) -> tuple[str, ...]:
    """Keys of all lessons of a kind in a language."""
    return tuple(sorted(path.stem for path in (_HERE / lang / "lessons" / kind).glob("*.md")))
