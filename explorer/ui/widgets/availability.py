"""Which networks have trained weights on this machine, which could fetch them, and which are an architecture only."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from explorer import paths
from explorer.records import NetworkSummary
from explorer.ui.shell.words import t
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
