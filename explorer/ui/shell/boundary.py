"""The wall around a page: whatever it raises becomes one sentence, and head, menu and language stay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from explorer.errors import ExplorerError
from explorer.ui.shell.words import refusal, t

P = ParamSpec("P")

_log = logging.getLogger(__name__)


@contextmanager
def guarded() -> Iterator[None]:
    """Show an exception raised inside as one sentence; Streamlit's own signals (rerun, stop) pass through."""
    try:
        yield
    except ExplorerError as problem:  # raised on purpose: its sentence says what would work
        _say(t("frame.refused", problem=refusal(problem)))
    except Exception as problem:
        _log.exception("A page failed.")
        _say(t("frame.failed", kind=type(problem).__name__))


def told(act: Callable[P, None]) -> Callable[P, None]:
    """A callback that says in a sentence why it could not act; an exception in one would leave no page at all."""

    @wraps(act)
    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            act(*args, **kwargs)
        except ExplorerError as problem:
            st.toast(refusal(problem), icon=":material/error:", duration="long")

    return call


def _say(sentence: str) -> None:
    with st.container(key="page-failed"):
        st.error(sentence, icon=":material/report:")


def fragment(draw: Callable[[], None], *, run_every: float | None = None) -> None:
    """Draw a part of a page as a fragment with its own error boundary."""

    @st.fragment(run_every=run_every)
    def run() -> None:
        with guarded():
            draw()

    run()
