"""Words in the language of the present session."""

from __future__ import annotations

from explorer import text
from explorer.text import plain
from explorer.ui import state

__all__ = ["group", "lesson", "plain", "protocol", "t"]


def t(key: str, /, **values: object) -> str:
    """An interface string."""
    return text.say(state.language(), key, **values)


def lesson(key: str, slot: str) -> str:
    """One slot of a lesson, as Markdown."""
    return text.lesson(state.language(), key)[slot]


def group(prefix: str) -> dict[str, str]:
    """All strings below `prefix`, keyed by what follows it: what a figure is handed."""
    found = text.strings(state.language())
    return {key.removeprefix(prefix + "."): value for key, value in found.items() if key.startswith(prefix + ".")}


def protocol(measured: str) -> str:
    """How an accuracy was measured."""
    return text.protocol(state.language(), measured)
