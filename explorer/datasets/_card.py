"""What the card of a Hugging Face repository (README.md) says of its files and classes.

Its front matter is YAML. What such cards are written in is read: mappings and lists by indentation, and scalars on a
line of their own. Anything else in it becomes text, which then names no file and no class.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

_MOST_BYTES, _DEEPEST = 2**20, 30
_PAIR = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s'"\[{#][^:#]*?)\s*:(?:\s+(.*))?$""")
_Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: patterns of the files of each split, and the names of the classes by column."""

    name: str
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    default: bool = False


def configs(folder: Path) -> tuple[Config, ...]:
    """The configurations that a folder's README.md describes; none where it does not, or in a way not read here."""
    try:
        with (folder / "README.md").open("rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8", "replace")
        card = _front_matter(text)
    except (OSError, ValueError):
        return ()
    found: dict[str, Config] = {}
    for each in _mappings(card.get("configs")):
        name = str(each.get("config_name", "default"))
        found[name] = Config(name, _files(each.get("data_files")), default=each.get("default") == "true")
    for each in _mappings(card.get("dataset_info")):
        name = str(each.get("config_name", "default"))
        known = found.get(name, Config(name))
        found[name] = Config(name, known.files, _classes(each.get("features")), known.default)
    return tuple(found.values())


def matches(path: PurePosixPath, pattern: str) -> bool:
    """Whether a path is one that a pattern of a card means: `*` within a folder, `**` across folders."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("./"))
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.fullmatch("".join(wild.get(part, re.escape(part)) for part in parts), path.as_posix()) is not None


def _mappings(value: object) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, dict)]


def _files(value: object) -> dict[str, tuple[str, ...]]:
    """Patterns by split: of one pattern, of a list of them, or of a list of splits with theirs."""
    if isinstance(value, str):
        return {"train": (value,)}
    if isinstance(value, dict):
        return {str(split): _texts(paths) for split, paths in value.items()}
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return {"train": _texts(value)}
    return {str(each.get("split", "train")): _texts(each.get("path")) for each in _mappings(value)}


def _texts(value: object) -> tuple[str, ...]:
    return tuple(each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _classes(features: object) -> dict[str, tuple[str, ...]]:
    """The names of the classes of each column that has `class_label: names:`, in the order of their numbers."""
    found: dict[str, tuple[str, ...]] = {}
    for each in _mappings(features):
        kind = each.get("dtype")
        label = kind.get("class_label") if isinstance(kind, dict) else None
        names = label.get("names") if isinstance(label, dict) else None
        if isinstance(names, dict):
            names = [names.get(str(number)) for number in range(len(names))]
        if isinstance(names, list) and names and all(isinstance(name, str) for name in names):
            found[str(each.get("name"))] = tuple(names)
    return found


# --- YAML, as far as cards go -----------------------------------------------------------------------------------------


def _front_matter(text: str) -> dict[str, Any]:
    """The mapping between the first two lines of "---". Raises `ValueError` for what is no mapping, or too deep."""
    lines = text.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != "---":
        return {}
    kept: list[_Line] = []
    for line in lines[1:]:
        if line.strip() == "---":
            break
        if line.strip() and not line.lstrip().startswith("#"):
            kept.append((len(line) - len(line.lstrip(" ")), line.strip()))
    value = _block(kept, 0)
    return value if isinstance(value, dict) else {}


def _block(lines: Sequence[_Line], depth: int) -> object:
    """The value of lines that belong together: a list, a mapping, or a scalar."""
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if not lines:
        return ""
    indent, first = lines[0]
    if first == "-" or first.startswith("- "):
        items = _cut(lines, [i for i, line in enumerate(lines) if line[0] == indent and line[1].startswith("-")])
        return [_block(_item(item), depth + 1) for item in items]
    if not _PAIR.match(first):
        return _scalar(" ".join(text for _, text in lines))
    starts = [i for i, line in enumerate(lines) if line[0] == indent and not line[1].startswith("- ")]
    mapping = {}
    for pair in _cut(lines, starts):
        matched = _PAIR.match(pair[0][1])
        if matched:
            rest = re.sub(r"^#.*", "", matched[2] or "")
            mapping[_scalar(matched[1])] = _inline(rest) if rest else _block(pair[1:], depth + 1)
    return mapping


def _cut(lines: Sequence[_Line], starts: Sequence[int]) -> list[Sequence[_Line]]:
    return [lines[start:stop] for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True)]


def _item(lines: Sequence[_Line]) -> Sequence[_Line]:
    """The lines of an item of a list, without its dash."""
    indent, first = lines[0]
    rest = first[1:].lstrip()
    inner = [(indent + len(first) - len(rest), rest)] if rest else []
    return [*inner, *lines[1:]]


def _inline(text: str) -> object:
    """What stands behind a colon: a list in brackets, or a scalar."""
    if text.startswith("[") and text.endswith("]"):
        return [_scalar(each.strip()) for each in text[1:-1].split(",") if each.strip()]
    return _scalar(text)


def _scalar(text: str) -> str:
    """Text without its quotes, or without a comment behind it."""
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return re.sub(r"\s+#.*", "", text)
