"""Fetching torchvision's weights behind a button: in a thread, so that nobody's page waits, watched once a second."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import streamlit as st

from explorer.errors import BadWeights
from explorer.ui.shell.words import t
from explorer.ui.widgets import uploads

_TICK = 0.5  # seconds between two looks at a download

_lock = threading.Lock()
_running: dict[str, Download] = {}


@dataclass(slots=True)
class Download:
    """A download that one visitor started and all who wait for the same file watch. `done` is a share from 0 to 1."""

    slug: str
    done: float = 0.0
    problem: BadWeights | None = None
    over: bool = False

    def work(self) -> None:
        """Fetch, in a thread of its own."""
        from explorer import models

        try:
            models.fetch(self.slug, self._grown)
        except BadWeights as problem:
            self.problem = problem
        except Exception as error:  # whatever it is, whoever waits must hear of it
            self.problem = BadWeights(f"The download ended with {type(error).__name__}: {error}")
        finally:
            self.over = True

    def _grown(self, done: int, total: int) -> None:
        self.done = done / max(total, 1)


def _start(slug: str) -> None:
    with _lock:
        known = _running.get(slug)
        if known is None or known.over:
            _running[slug] = Download(slug)
            threading.Thread(target=_running[slug].work, name=f"fetch-{slug}", daemon=True).start()


def pretrained(slug: str, key: str) -> bool:
    """Whether torchvision's weights are here; where not, a button that fetches them, then how far that is."""
    from explorer import models

    if models.is_here(slug):
        return True
    running = _running.get(slug)
    if running is not None and not running.over:
        _watch(slug)
        return False
    wanted = models.published_weights(slug)
    size = f"{wanted.megabytes:.0f}"
    label = t("weights.fetch", size=size)
    st.button(label, icon=":material/cloud_download:", key=key, on_click=_start, args=(slug,))
    if running is not None and running.problem is not None:
        st.warning(uploads.sentence(running.problem), icon=":material/cloud_off:")
    st.caption(t("weights.not_here", file=wanted.file))
    return False


def _watch(slug: str) -> None:
    @st.fragment(run_every=_TICK)
    def tick() -> None:
        running = _running[slug]
        if running.over:
            st.rerun()
        st.progress(min(running.done, 1.0), t("weights.fetching", share=f"{100 * running.done:.0f}"))

    tick()
