"""A folder of declarations, read as one mapping.

`collect("explorer.networks", NetworkSpec)` imports every module of the folder whose name has no leading underscore and
gathers its `SPECS`. A file without `SPECS`, an entry of another type, or two entries with one slug raise at once: a
catalogue is right or it does not load.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Protocol, TypeVar

from explorer.errors import CatalogueError, UnknownEntry


class _Entry(Protocol):
    @property
    def slug(self) -> str: ...


E = TypeVar("E", bound=_Entry)


def collect(package: str, kind: type[E]) -> Mapping[str, E]:
    """All entries declared in the modules of `package`, by slug, in file order. Raises `CatalogueError`."""
    found: dict[str, E] = {}
    home: dict[str, str] = {}
    for info in iter_modules(import_module(package).__path__):
        if info.name.startswith("_"):
            continue
        module = f"{package}.{info.name}"
        entries = getattr(import_module(module), "SPECS", None)
        if not entries:
            raise CatalogueError(f"{module} declares nothing: give it SPECS = ({kind.__name__}(...), ...).")
        for entry in entries:
            if not isinstance(entry, kind):
                raise CatalogueError(f"{module}: SPECS holds a {type(entry).__name__}, expected {kind.__name__}.")
            if entry.slug in found:
                raise CatalogueError(f"{entry.slug!r} is declared twice: in {home[entry.slug]} and in {module}.")
            found[entry.slug], home[entry.slug] = entry, module
    return MappingProxyType(found)


def lookup(catalogue: Mapping[str, E], slug: str, kind: str) -> E:
    """The entry called `slug`. Raises `UnknownEntry` naming what is there."""
    try:
        return catalogue[slug]
    except KeyError:
        raise UnknownEntry(kind, slug, catalogue) from None
