"""Collect the declarations (`SPECS`) of all modules of a package into one mapping.

`collect("explorer.networks", NetworkSpec)` imports every module of the package whose name has no leading underscore. A
file without `SPECS`, an entry of another type, or two entries with one slug raise at once: a catalogue is valid or it
does not load.
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
    catalogue: dict[str, E] = {}
    module_of: dict[str, str] = {}
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
            if entry.slug in catalogue:
                raise CatalogueError(f"{entry.slug!r} is declared twice: in {module_of[entry.slug]} and in {module}.")
            catalogue[entry.slug], module_of[entry.slug] = entry, module
    return MappingProxyType(catalogue)


def lookup(catalogue: Mapping[str, E], slug: str, kind: str) -> E:
    """The entry with a slug. Raises `UnknownEntry`, which names the nearest slugs."""
    try:
        return catalogue[slug]
    except KeyError:
        raise UnknownEntry(kind, slug, catalogue) from None
