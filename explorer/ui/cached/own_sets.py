"""The data sets that somebody placed in the data directory: what is in them, and why others cannot be read.

Each is opened for that, which takes a while the first time; so only where a page must know their shape or classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.errors import ExplorerError


@dataclass(frozen=True, slots=True)
class OwnSet:
    """A data set that was opened: its classes, the shape of an image (C, H, W), and how many it has to train on."""

    slug: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int


def readable() -> tuple[OwnSet, ...]:
    """The own data sets that can be read."""
    return tuple(each for each in _all() if isinstance(each, OwnSet))


def problems() -> tuple[ExplorerError, ...]:
    """Why the others cannot be read."""
    return tuple(each for each in _all() if isinstance(each, ExplorerError))


def _all() -> list[OwnSet | ExplorerError]:
    from explorer import datasets

    return [_opened(slug) for slug in datasets.own_datasets()]


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def _opened(slug: str) -> OwnSet | ExplorerError:
    """An own data set's summary, or why it cannot be read."""
    from explorer import datasets

    try:
        declared = datasets.dataset(slug)
    except ExplorerError as problem:
        return problem
    return OwnSet(slug, declared.classes, declared.shape, declared.train)
