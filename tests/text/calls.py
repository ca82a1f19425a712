"""Which strings the pages ask for, read from their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import explorer
from explorer import records

EXPLORER = Path(explorer.__file__).parent
PAGES = EXPLORER.parent / "pages"


@dataclass(frozen=True)
class Call:
    """A request for a string: a pattern that its key matches, and the placeholders that are filled."""

    where: str
    key: re.Pattern[str]
    exact: bool
    values: frozenset[str]


def sources() -> list[Path]:
    """The files that ask for strings."""
    return sorted([*(EXPLORER / "ui").rglob("*.py"), *PAGES.rglob("*.py")])


def calls() -> list[Call]:
    """Every `t(...)` and `say(language, ...)` whose key starts with something fixed."""
    return [call for path in sources() for call in _calls_in(path)]


def _calls_in(path: Path) -> Iterator[Call]:
    for node in _named_calls(path, {"t", "say"}):
        key = node.args[0] if _name(node) == "t" else node.args[1]
        pattern = _pattern(key)
        if pattern:
            values = frozenset(word.arg for word in node.keywords if word.arg)
            yield Call(f"{path.name}:{node.lineno}", re.compile(pattern), isinstance(key, ast.Constant), values)


def _pattern(key: ast.expr) -> str:
    """A regular expression for the keys that an expression can yield; empty where it fixes no beginning."""
    if isinstance(key, ast.Constant):
        return re.escape(str(key.value))
    if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
        return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in key.values)
    return ""


def row_keys() -> set[str]:
    """Every key of a dictionary written out in the pages: among them the columns of the small tables."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources()]
    keys = [key for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys]
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def choices() -> dict[str, tuple[str, ...]]:
    """The codes offered by every `choice(name, codes, default)`: each is named by the string `<name>.<code>`."""
    found = {}
    for path in sources():
        for node in _named_calls(path, {"choice"}):
            found[ast.literal_eval(node.args[0])] = _codes(node.args[1], path)
    return found


def _codes(node: ast.expr, path: Path) -> tuple[str, ...]:
    """Codes that are written out, or stand under a name: in the file, in `records` or in a part of ui."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return tuple(getattr(_imported(node.value.id, path), node.attr))
    if not isinstance(node, ast.Name):
        return tuple(ast.literal_eval(node))
    home = records if hasattr(records, node.id) else import_module(_module(path))
    return tuple(getattr(home, node.id))


def _imported(name: str, path: Path) -> Any:
    """The module that a file knows by a name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for alias in node.names if isinstance(node, ast.ImportFrom) else ():
            if name == (alias.asname or alias.name):
                return import_module(f"{node.module}.{alias.name}")
    raise AssertionError(f"{path.name} imports no {name}")


def _module(path: Path) -> str:
    return ".".join(path.relative_to(EXPLORER.parent).with_suffix("").parts)


def figure_words() -> set[str]:
    """Every word that a figure looks up in `words[...]` by a fixed name."""
    found = set()
    for path in (EXPLORER / "figures").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "words"
                and isinstance(node.slice, ast.Constant)
            ):
                found.add(str(node.slice.value))
    return found


def _named_calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _name(node) in names and node.args:
            yield node


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
