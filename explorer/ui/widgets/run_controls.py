"""What the training pages share: which runs are followed, how they stand, and the buttons that stop and resume."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.errors import RunStoreError
from explorer.records import TrainingRun
from explorer.ui.cached import runs as cached_runs
from explorer.ui.shell import state
from explorer.ui.shell.polling import ticking
from explorer.ui.shell.words import plain, t

_TICK = 1.0  # seconds between two looks at the run store


def group(key: str, shows: Callable[[str], object]) -> str:
    """The group of runs in the URL, or "" where there is none that the page `shows`, or where its runs were deleted.

    Each training page keeps its own, as `key`; the parameter has one name on all of them.
    """

    def known(raw: str) -> str:
        if not shows(raw):
            raise ValueError(raw)
        return raw

    state.seed(key, "", known, parameter="runs")
    kept = str(state.get(key, ""))
    if kept and not shows(kept):
        state.put(key, "")
    return str(state.publish(key, "", parameter="runs"))


def live(draw: Callable[[], bool]) -> None:
    """Call `draw` now, and again every second for as long as it returns true: something still waits or runs."""

    def settled() -> None:
        if state.take("_not_resumed"):  # said here, and not in the callback: what a run says is lost when it is rerun
            st.toast(t("lab.not_resumed"), icon=":material/error:")

    ticking("live", draw, seconds=_TICK, at_first=True, settled=settled)


def progress(run: TrainingRun) -> tuple[float, str]:
    """How far a run is (0 to 1), and that in words."""
    if run.state == "queued":
        return 0.0, t("lab.queued", place=cached_runs.service().place(run.id) + 1)
    if run.state == "failed":
        reason = t(f"lab.failed_{run.reason}") if run.reason == "diverged" else plain(run.detail, 300)
        return run.step / run.config.steps, t("lab.failed", reason=reason)
    words = t(f"lab.{run.state}", step=run.step, steps=run.config.steps)
    return run.step / run.config.steps, words


def stop_and_resume(row: Any, runs: Sequence[TrainingRun], key: str) -> None:
    """Buttons in `row` that stop and resume, whichever applies to some of the runs; for a page with a `live` view."""
    stoppable = [run.id for run in runs if run.is_open and not run.stop_requested]
    resumable = [run.id for run in runs if run.can_resume]
    if stoppable:
        row.button(t("lab.stop"), icon=":material/stop_circle:", key=f"{key}-stop", on_click=_stop, args=(stoppable,))
    if resumable:
        row.button(
            t("lab.resume"), icon=":material/play_circle:", key=f"{key}-resume", on_click=_resume, args=(resumable,)
        )


def _stop(ids: Sequence[str]) -> None:
    cached_runs.service().stop(ids)


def _resume(ids: Sequence[str]) -> None:
    try:
        cached_runs.service().resume(ids)
    except RunStoreError:  # somebody was faster, or started the same configuration
        state.put("_not_resumed", True)
