"""The state that every page declares, and all its fields."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from explorer.fields import Family, Field, fields_of
from explorer.ui.shell.navigation import SECTIONS, spec_of
from explorer.ui.shell.quiz import seed_field


def states() -> dict[str, Any]:
    """The declared state of every page, by its slug."""
    found = {}
    for section, pages in SECTIONS.items():
        for page in pages:
            module = import_module(f"explorer.ui.parts.{section}.{page.slug}")
            if hasattr(module, "STATE"):
                found[page.slug] = module.STATE
    return found


def all_fields(slug: str) -> Iterator[Field[Any]]:
    """Every field of a page, those of its families included, each parameter once."""
    seen = set()
    asked = [seed_field(question) for question in spec_of(slug).quiz]
    for each in (*fields_of(states()[slug]), *asked):
        for field in each.members() if isinstance(each, Family) else (each,):
            if field.name not in seen:
                seen.add(field.name)
                yield field
