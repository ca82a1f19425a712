"""Which networks have trained weights on this machine, which could fetch them, and which are an architecture only.

And which are so large that a page asks before it computes what takes all of their maps.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

import streamlit as st

from explorer import paths
from explorer.fields import Field
from explorer.records import NetworkSummary
from explorer.ui.cached import maps as cached_maps
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.weights import shipped

HERE, FETCH, NEVER = "here", "fetch", "never"
"""The groups of the list of networks, in its order."""


def group(summary: NetworkSummary) -> str:
    """The group of a network. Needs no torch: a list of networks is drawn before it is imported."""
    if summary.slug in shipped() or (summary.package and find_spec(summary.package)):
        return HERE
    if not summary.file:
        return NEVER
    return HERE if any((folder / summary.file).is_file() for folder in paths.weights_directories()) else FETCH


def grouped(summaries: Iterable[NetworkSummary]) -> dict[str, str]:
    """Slug -> name with its group, the networks that are trained first, ImageNet's before the smaller ones."""
    groups = {summary.slug: group(summary) for summary in summaries}
    order = (HERE, FETCH, NEVER)
    by_slug = {summary.slug: summary for summary in summaries}
    ranked = sorted(groups, key=lambda slug: (order.index(groups[slug]), by_slug[slug].classes < 1000))
    return {
        slug: f"{by_slug[slug].title} · {by_slug[slug].year} · {t(f'weights.group.{groups[slug]}')}" for slug in ranked
    }


def goes_on(model_id: str, compute: Field[bool]) -> bool:
    """Whether to compute now what reads all maps of a network: with gigabytes of them it waits for a switch."""
    megabytes = cached_maps.too_many_megabytes(model_id)
    if not megabytes:
        return True
    st.caption(t("maps.heavy", size=f"{megabytes / 1000:.1f}"))
    return inputs.toggle(compute, owner=model_id)
