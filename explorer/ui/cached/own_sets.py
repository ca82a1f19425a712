"""The data sets that somebody placed in the data directory: what is in them, and why others cannot be read.

One that can be read by several columns of labels is there once for each.

Each is opened for that, which takes a while the first time; so only where a page must know their shape or classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError

if TYPE_CHECKING:
    from explorer.datasets import Note


@dataclass(frozen=True, slots=True)
class OwnSet:
    """A data set that was opened: its classes, the shape of an image (C, H, W), and how many it has to train on.

    `notes` say what was left out or changed.
    """

    slug: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    notes: tuple[Note, ...]


def readable() -> tuple[OwnSet, ...]:
    """The own data sets that can be read."""
    return tuple(each for each in _all() if isinstance(each, OwnSet))


def problems() -> tuple[ExplorerError, ...]:
    """Why the others cannot be read."""
    from explorer import datasets

    return (*(each for each in _all() if isinstance(each, ExplorerError)), *datasets.left_out())


def notes(slug: str) -> tuple[Note, ...]:
    """What is said of how an own data set was read; nothing of any other, or of one that cannot be read."""
    opened = _opened(slug) if slug.startswith("own:") else None
    return opened.notes if isinstance(opened, OwnSet) else ()


def present() -> tuple[str, ...]:
    """All data sets that can be loaded now, by slug, the own ones last; their images are not read for that."""
    from explorer import datasets

    own = set(datasets.own_datasets())
    return (*(slug for slug in datasets.present() if slug not in own), *_slugs())


def _slugs() -> list[str]:
    from explorer import datasets

    return [slug for each in datasets.own_datasets() for slug in _variants(each)]


def _all() -> list[OwnSet | ExplorerError]:
    return [_opened(slug) for slug in _slugs()]


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _variants(slug: str) -> tuple[str, ...]:
    """The slugs by which an own data set can be loaded; its own where it cannot be read."""
    from explorer import datasets

    try:
        return datasets.variants(slug)
    except ExplorerError:
        return (slug,)


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _opened(slug: str) -> OwnSet | ExplorerError:
    """An own data set's summary, or why it cannot be read."""
    from explorer import datasets

    try:
        declared, read = datasets.dataset(slug), datasets.load(slug)
    except ExplorerError as problem:
        return problem
    return OwnSet(slug, declared.classes, declared.shape, declared.train, read.notes)
