"""Fetching weights and data sets behind a button: in a thread, so that nobody's page waits, watched twice a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.errors import BadWeights, ExplorerError
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import dataset_name, plain, t
from explorer.ui.widgets import uploads

_TICK = 0.5  # seconds between two looks at a download

Get = Callable[[Callable[[int, int], None]], None]
"""Fetches something, telling (bytes done, bytes in all) on the way. Raises `ExplorerError`."""

_lock = threading.Lock()
_downloads: dict[str, Download] = {}
"""By the name of the file, or of the data set."""


@dataclass(slots=True)
class Download:
    """A download that one visitor started and all who wait for the same thing watch. `done` is a share from 0 to 1."""

    get: Get
    done: float = 0.0
    problem: ExplorerError | None = None
    over: bool = False

    def work(self) -> None:
        """Fetch, in a thread of its own."""
        try:
            self.get(self._grown)
        except ExplorerError as problem:
            self.problem = problem
        except Exception as error:  # whatever it is, whoever waits must hear of it
            self.problem = ExplorerError(f"The download ended with {type(error).__name__}: {error}")
        finally:
            self.over = True

    def _grown(self, done: int, total: int) -> None:
        self.done = done / max(total, 1)


def pretrained(slug: str, key: str) -> bool:
    """Whether torchvision's weights are here; where not, a button that fetches them, then how far that is."""
    from explorer import models

    if models.is_here(slug):
        return True
    weights = models.published_weights(slug)
    label, note = t("weights.fetch", size=f"{weights.megabytes:.0f}"), t("weights.not_here", file=weights.file)
    _offer(weights.file, partial(models.fetch, slug), key, label, note)
    return False


def data_set(slug: str) -> bool:
    """Whether a published data set is here; where not, a button that fetches it, then how far that is."""
    from explorer import datasets

    if datasets.available(slug):
        return True
    title, size = dataset_name(slug), f"{datasets.dataset(slug).download_mb:.0f}"
    label, note = t("fetch.dataset", title=title, size=size), t("fetch.no_dataset", title=title)
    _offer(slug, partial(datasets.fetch, slug), f"fetch-{slug}", label, note)
    return False


def _offer(name: str, get: Get, key: str, label: str, note: str) -> None:
    download = _downloads.get(name)
    if download is not None and not download.over:
        watch(key, partial(_draw, name, download), seconds=_TICK, at_first=True)
        return
    st.button(label, icon=":material/cloud_download:", key=key, on_click=_start, args=(name, get))
    if download is not None and download.problem is not None:
        st.warning(_sentence(download.problem), icon=":material/cloud_off:")
    st.caption(note)


def _start(name: str, get: Get) -> None:
    with _lock:
        known = _downloads.get(name)
        if known is None or known.over:
            _downloads[name] = Download(get)
            threading.Thread(target=_downloads[name].work, name=f"fetch-{name}", daemon=True).start()


def _draw(name: str, download: Download) -> bool:
    goes_on = not download.over
    bars([(dataset_name(name), download.done, t("fetch.running", share=f"{100 * download.done:.0f}"))])
    return goes_on


def _sentence(problem: ExplorerError) -> str:
    if isinstance(problem, BadWeights):
        return uploads.sentence(problem)
    return t("fetch.failed", problem=plain(problem, 300))
