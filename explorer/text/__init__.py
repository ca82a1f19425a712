"""All texts of the app in English and Chinese: interface strings in TOML, lessons in Markdown by slot.

    <lang>/common.toml            what several pages share      <lang>/lessons/networks/<key>.md    a kind of network
    <lang>/models.toml            choosing a model, an image    <lang>/lessons/pages/<slug>.md      a page
    <lang>/networks.toml          what is said of networks
    <lang>/blocks.toml            what is said of the blocks that they are built of
    <lang>/kernels.toml           names of kernels              <lang>/convolution_*.toml       more of that page
    <lang>/transforms.toml        names of transforms, of their options and of the numbers that are drawn
    <lang>/terms/<group>.toml     terms of the glossary, also explained where they are pointed at
    <lang>/pages/<slug>.toml      one page
    <lang>/quiz/<slug>.toml       one question                  <lang>/imagenet.txt             ImageNet's classes

Law: standard library, `explorer.errors` and how powers are written (`explorer.arithmetic`) only; both languages have
the same files, keys, placeholders and slots, and no key is in two files (tested). All files of a language are read as
one: a key does not depend on its file.
Untrusted text (a name in a file, a value in an address) passes `plain` before it is inserted into a string.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from explorer.arithmetic.powers import scientific
from explorer.errors import CatalogueError, UnknownEntry
from explorer.text.links import Link, links
from explorer.text.plain import plain

__all__ = [
    "LANGUAGES",
    "SLOTS",
    "Link",
    "group",
    "imagenet",
    "lesson",
    "lessons",
    "links",
    "plain",
    "protocol",
    "say",
    "strings",
]

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}

SLOTS: Mapping[str, tuple[str, ...]] = {
    "networks": ("contribution", "idea", "why", "because", "see", "shapes", "question", "answer", "sources"),
    "pages": ("look", "question", "answer", "sources"),
}
"""The kinds of lessons, each with its slots in order.

Of a network: what it added, in one sentence for the Atlas; the problem, the idea, why it works and who won; a question
that asks why and its answer; where to see it; its shapes, with a question to be counted.
"""

_HERE = Path(__file__).parent
_NEGATIVE = re.compile(r"^-(?=\d)")
_POWER = re.compile(r"^[-\d.]+e[+-]\d+$")

# A browser renders a line break as a space, which Chinese has neither between characters nor beside punctuation.
_HAN, _MARKS = r"\u3400-\u9fff", r"\u3001-\u303f\uff00-\uffef\u201c\u201d"
_BREAKS = re.compile(
    rf"(?<=[{_HAN}{_MARKS}])\n[ \t]*(?=[{_HAN}{_MARKS}])|(?<=[{_MARKS}])\n[ \t]*(?=[^\s#>|-])(?!\d+\. )"
)


@cache
def strings(lang: str) -> Mapping[str, str]:
    """All interface strings of a language, by dotted key."""
    return _merged(_HERE / lang)


def _merged(folder: Path) -> dict[str, str]:
    """The strings of all TOML files below a folder. Raises `CatalogueError` for a key that is in two of them."""
    merged: dict[str, str] = {}
    file_of: dict[str, str] = {}
    for path in sorted(folder.rglob("*.toml")):
        name = path.relative_to(folder).as_posix()
        for key, text in _flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            if key in merged:
                raise CatalogueError(f"The string {key!r} stands in two files: {file_of[key]} and {name}.")
            merged[key], file_of[key] = text, name
    return merged


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


@cache
def group(lang: str, prefix: str) -> Mapping[str, str]:
    """All strings below `prefix`, keyed by the rest of their key; pages ask for a few groups dozens of times."""
    return {key.removeprefix(f"{prefix}."): s for key, s in strings(lang).items() if key.startswith(f"{prefix}.")}


def say(lang: str, key: str, /, **values: object) -> str:
    """One interface string with its placeholders filled; numbers as people write them, not as Python does.

    A negative one gets a minus sign, not a hyphen, and "6.6e-06" is 6.6·10⁻⁶. Raises `UnknownEntry` naming the nearest
    keys.
    """
    try:
        text = strings(lang)[key]
    except KeyError:
        raise UnknownEntry(f"string in {lang!r}", key, strings(lang)) from None
    return text.format(**{name: _written(value) for name, value in values.items()}) if values else text


def _written(value: object) -> object:
    if not isinstance(value, str):
        return value
    return _NEGATIVE.sub("\u2212", scientific(value) if _POWER.match(value) else value)


def protocol(lang: str, text: str) -> str:
    """Translate the protocol of an accuracy ("1 crop 224 (resize 256), stride at 3x3").

    Each phrase between commas is looked up below `protocol` with its numbers as #. Raises `UnknownEntry`.
    """
    phrases = []
    for phrase in filter(None, text.split(", ")):
        translated = say(lang, "protocol." + re.sub(r"\d+", "#", phrase))
        for number in re.findall(r"\d+", phrase):
            translated = translated.replace("#", number, 1)
        phrases.append(translated)
    return ("，" if lang == "zh" else ", ").join(phrases)


@cache
def imagenet(lang: str) -> tuple[str, ...]:
    """Names of ImageNet's classes, in the order of the logits; empty in English, where a model has them already.

    The Chinese list began as that of LAION's clip-benchmark (MIT licence); 438 of its 1,000 names were corrected.
    """
    file = _HERE / lang / "imagenet.txt"
    return tuple(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else ()


@cache
def lesson(lang: str, kind: str, key: str) -> Mapping[str, str]:
    """The slots of a lesson, as Markdown; `kind` is one of `SLOTS`. Raises `UnknownEntry`."""
    if key not in lessons(lang, kind):
        raise UnknownEntry(f"lesson on {kind} in {lang!r}", key, lessons(lang, kind))
    markdown = (_HERE / lang / "lessons" / kind / f"{key}.md").read_text(encoding="utf-8")
    if lang == "zh":
        markdown = _BREAKS.sub("", markdown)
    parts = re.split(r"^## (\w+)\s*$", markdown, flags=re.MULTILINE)
    return {slot: body.strip() for slot, body in zip(parts[1::2], parts[2::2], strict=True)}


@cache
def lessons(lang: str, kind: str) -> tuple[str, ...]:
    """Keys of all lessons of a kind in a language."""
    return tuple(sorted(path.stem for path in (_HERE / lang / "lessons" / kind).glob("*.md")))
