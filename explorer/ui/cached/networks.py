"""Cached calls into the rooms below: the whole bridge between pages and computation.

Arguments are slugs and plain values. What comes back is frozen, so one copy serves every visitor. Heavy rooms are
imported inside the calls: a page that has not computed anything has not imported torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explorer.catalog import lookup
from explorer.records import (
    FirstMaps,
    NetworkInstance,
    NetworkSpec,
    NetworkSummary,
    Pair,
    Segment,
    ShapeTrace,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from explorer.crosscheck import CrossCheck

Words = tuple[tuple[str, str], ...]
"""The strings a figure or table is handed, as something that can be hashed."""


@st.cache_resource(max_entries=1, show_spinner=False)
def summaries() -> tuple[NetworkSummary, ...]:
    """A summary of every network; needs no torch where the recorded ones are current."""
    from explorer.summaries import load

    return load()


def spec(slug: str) -> NetworkSpec:
    """The declaration of a network; needs no torch where the recorded one is current. Raises `UnknownEntry`."""
    from explorer.summaries import specs

    return lookup(specs(), slug, "network")


@st.cache_resource(max_entries=256, show_spinner=False)
def trace(instance: NetworkInstance) -> ShapeTrace:
    """The trace of a network; needs no torch where it is recorded. Raises `ShapeMismatch`, `BadOption`."""
    from explorer.summaries import trace as recorded

    if (found := recorded(instance)) is not None:
        return found
    from explorer.tracing import trace_shapes

    return trace_shapes(instance)


@st.cache_resource(max_entries=512, show_spinner=False)
def outline(instance: NetworkInstance, level: str) -> tuple[Segment, ...]:
    """The trace folded to a level of detail."""
    from explorer.folding import outline as fold

    return fold(trace(instance), level)


@st.cache_resource(max_entries=64, show_spinner=False)
def crosscheck(instance: NetworkInstance) -> CrossCheck:
    """torchinfo's totals beside ours."""
    from explorer.crosscheck import torchinfo_check

    return torchinfo_check(instance, trace(instance))


@st.cache_resource(max_entries=128, show_spinner=False)
def first_maps(instance: NetworkInstance, image: str) -> FirstMaps:
    """What the untrained first convolution makes of a bundled image."""
    from explorer.images import fitted, load
    from explorer.tracing import first_layer_maps

    return first_layer_maps(instance, fitted(load(image), instance.size))


@st.cache_resource(max_entries=64, show_spinner=False)
def ledger(instance: NetworkInstance, words: Words) -> pd.DataFrame:
    """The ledger of a trace as a table. Shared: not to be changed."""
    from explorer.figures.ledger import ledger as table

    return table(trace(instance), dict(words))


@st.cache_data(max_entries=128, show_spinner=False)
def photograph(image: str, size: Pair, channels: int) -> np.ndarray:
    """A bundled image as a network with `channels` input channels is given it, at most 320 rows; uint8 (H, W, 3)."""
    from explorer.images import fitted, load, thumbnail

    return thumbnail(fitted(load(image), size), channels, 320)


@st.cache_data(max_entries=128, show_spinner=False)
def photograph_jpeg(image: str, size: Pair, channels: int) -> bytes:
    """The same as JPEG."""
    from explorer.figures.receptive_windows import photograph_jpeg as drawn

    given = photograph(image, size, channels)
    return drawn(given, (0, 0, *given.shape[:2]))


def credit(image: str) -> str:
    """Who made a bundled image."""
    from explorer.images import photograph

    return photograph(image).credit


@st.cache_resource(max_entries=64, show_spinner=False)
def sources(instance: NetworkInstance) -> Mapping[str, str]:
    """The source files a network is made of, by name."""
    from explorer.networks import network, source_files
    from explorer.tracing import build_on_meta

    return source_files(network(instance.slug).build, build_on_meta(instance))
