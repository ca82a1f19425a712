"""Fetching weights and data sets behind a button: in a thread, so that nobody's page waits, watched twice a second."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer import fetching, paths
from explorer.errors import BadWeights, ExplorerError
from explorer.ui.shell import session
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import dataset_name, refusal, t

_TICK = 0.5  # seconds between two looks at a download


def pretrained(slug: str, key: str) -> bool:
    """Whether torchvision's weights are here; where not, a button that fetches them, then how far that is."""
    from explorer import models

    if models.is_here(slug):
        return True
    weights = models.published_weights(slug)
    label, note = t("weights.fetch", size=f"{weights.megabytes:.0f}"), t("weights.not_here", file=weights.file)
    _offer(weights.file, partial(models.fetch, slug), weights.megabytes, key, label, note)
    return False


def data_set(slug: str) -> bool:
    """Whether a published data set is here; where not, a button that fetches it, then how far that is."""
    from explorer import datasets

    if datasets.available(slug):
        return True
    title, megabytes = dataset_name(slug), datasets.dataset(slug).download_mb
    label, note = t("fetch.dataset", title=title, size=f"{megabytes:.0f}"), t("fetch.no_dataset", title=title)
    _offer(slug, partial(datasets.fetch, slug), megabytes, f"fetch-{slug}", label, note)
    return False


def _offer(name: str, get: fetching.Get, megabytes: float, key: str, label: str, note: str) -> None:
    download = fetching.known(name)
    if download is not None and not download.over:
        watch(key, partial(_draw, name, download), seconds=_TICK, at_first=True)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        act = partial(_start, name, get, megabytes)
        permission.button(st, "fetch", label, act, icon=":material/cloud_download:", key=key)
        st.caption(note, width="content")
    if download is not None and download.problem is not None:
        st.warning(_sentence(download.problem), icon=":material/cloud_off:")


def _start(name: str, get: fetching.Get, megabytes: float) -> None:
    folder, _ = paths.weights_directories()
    fetching.start(name, get, int(megabytes * 2**20), folder, session.visitor())


def _draw(name: str, download: fetching.Download) -> bool:
    goes_on = not download.over
    bars([(dataset_name(name), download.done, t("fetch.running", share=f"{100 * download.done:.0f}"))])
    return goes_on


def _sentence(problem: ExplorerError) -> str:
    said = refusal(problem)
    return said if isinstance(problem, BadWeights) else t("fetch.failed", problem=said)
