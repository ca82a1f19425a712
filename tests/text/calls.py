"""Which strings the pages ask for, read from their source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import explorer
from tests.states import all_fields, states

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


def predicting() -> set[str]:
    """The pages that ask for a prediction."""
    nodes = (node for path in sources() for node in _named_calls(path, {"waits"}))
    return {str(node.args[0].value) for node in nodes if isinstance(node.args[0], ast.Constant)}


def _calls_in(path: Path) -> Iterator[Call]:
    for node in _named_calls(path, {"t", "say"}):
        key = node.args[0] if _name(node) == "t" else node.args[1]
        pattern = _pattern(key)
        if pattern:
            values = frozenset(word.arg for word in node.keywords if word.arg)
            yield Call(
                f"{path.relative_to(EXPLORER.parent)}:{node.lineno}",
                re.compile(pattern),
                isinstance(key, ast.Constant),
                values,
            )


def _pattern(key: ast.expr) -> str:
    """A regular expression for the keys that an expression can yield; empty where it fixes no beginning."""
    if isinstance(key, ast.Constant):
        return re.escape(str(key.value))
    if isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
        return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in key.values)
    return ""


def refusals(error: str, always: bool = True) -> list[tuple[str, frozenset[str]]]:
    """Every reason that an error of this name is raised with anywhere (`always`?), and the names of its values."""
    found = []
    for path in sorted(EXPLORER.rglob("*.py")):
        for node in _named_calls(path, {error}):
            reason = node.args[1:]
            if not reason and not always:
                continue
            assert reason, f"{path.name}:{node.lineno} gives no reason that could be said in another language"
            found.append((ast.literal_eval(reason[0]), frozenset(word.arg for word in node.keywords if word.arg)))
    return found


def notes() -> list[tuple[str, frozenset[str]]]:
    """Every reason that a note on a data set is made for, and the names of its values."""
    found = []
    for path in sorted((EXPLORER / "datasets").rglob("*.py")):
        for node in _named_calls(path, {"of"}):
            if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "Note":
                values = frozenset(word.arg for word in node.keywords if word.arg)
                found.append((ast.literal_eval(node.args[0]), values))
    return found


def row_keys() -> set[str]:
    """Every key of a dictionary written out in the pages: among them the columns of the small tables."""
    keys = [key for path in sources() for node in _nodes(path) if isinstance(node, ast.Dict) for key in node.keys]
    return {str(key.value) for key in keys if isinstance(key, ast.Constant)}


def choices() -> dict[str, tuple[str, ...]]:
    """The codes of every choice that a page's state declares, by the prefix of the strings that name them."""
    fields = [field for slug in states() for field in all_fields(slug) if field.named]
    found = {field.named: tuple(map(str, field.codes)) for field in fields}
    for path in sources():
        for node in (call for call in _named_calls(path, {"choice"}) if isinstance(call.func, ast.Attribute)):
            found[ast.literal_eval(node.args[0])] = _codes(node.args[1], path)
    return found


def _codes(node: ast.expr, path: Path) -> tuple[str, ...]:
    """Codes that are written out, or stand under a name of the file or of a module that it imports."""
    if isinstance(node, ast.Attribute):
        return tuple(getattr(_names(path)[ast.unparse(node.value)], node.attr))
    return tuple(_names(path)[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node))


def _names(path: Path) -> dict[str, Any]:
    """What the names of a file stand for; of a page, which draws itself when it is imported, those it imports."""
    if path.is_relative_to(EXPLORER):
        return vars(import_module(".".join(path.relative_to(EXPLORER.parent).with_suffix("").parts)))
    imports = [node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name: _imported(node.module or "", alias.name) for node in imports for alias in node.names
    }


def _imported(module: str, name: str) -> Any:
    """What `from module import name` gives."""
    home = import_module(module)
    return getattr(home, name) if hasattr(home, name) else import_module(f"{module}.{name}")


def figure_labels() -> set[str]:
    """Every label that a figure looks up in `labels[...]` by a fixed name."""
    found = set()
    for path in (EXPLORER / "figures").rglob("*.py"):
        for node in _nodes(path):
            if (
                isinstance(node, ast.Subscript)
                and isinstance(node.value, ast.Name)
                and node.value.id == "labels"
                and isinstance(node.slice, ast.Constant)
            ):
                found.add(str(node.slice.value))
    return found


def _named_calls(path: Path, names: set[str]) -> Iterator[ast.Call]:
    for node in _nodes(path):
        if isinstance(node, ast.Call) and _name(node) in names and node.args:
            yield node


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's tree, read once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
