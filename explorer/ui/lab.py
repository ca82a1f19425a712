"""What the training pages share: the laboratory behind them, the points of runs, and how runs stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from explorer.errors import RunStoreError
from explorer.jobs import Lab
from explorer.records import TrainingRun, TrainPoint
from explorer.ui import state
from explorer.ui.remembered import Remembered
from explorer.ui.ticking import ticking
from explorer.ui.words import t

_TICK = 1.0  # seconds between two looks at the run store
_KEPT_RUNS = 64

_points: Remembered[str, tuple[TrainPoint, ...]] = Remembered(_KEPT_RUNS)


@st.cache_resource(max_entries=1, show_spinner=False)
def lab() -> Lab:
    """The laboratory of this server: run store and executor."""
    return Lab.default()


@st.cache_resource(max_entries=1, show_spinner=False)
def has_cuda() -> bool:
    """Whether workers on this machine have a GPU that CIFAR-10 can be trained on."""
    import torch

    return torch.cuda.is_available()


def points(run: TrainingRun) -> Sequence[TrainPoint]:
    """All points of a run; only those that are new are read from the store."""
    known = _points.get(run.id) or ()
    known += lab().points(run.id, after=known[-1].step if known else -1)
    _points.put(run.id, known, better=lambda new, old: len(new) > len(old))
    return known


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


def forget(ids: Sequence[str]) -> None:
    """Drop what is kept of deleted runs."""
    _points.forget(ids)


def live(draw: Callable[[], bool]) -> None:
    """Call `draw` now, and again every second for as long as it returns true: something still waits or runs."""

    def settled() -> None:
        if state.take("_not_resumed"):  # said here, and not in the callback: what a run says is lost when it is rerun
            st.toast(t("lab.not_resumed"), icon=":material/error:")

    ticking("live", draw, seconds=_TICK, at_first=True, settled=settled)


def progress(run: TrainingRun) -> tuple[float, str]:
    """How far a run is (0 to 1), and that in words."""
    if run.state == "queued":
        return 0.0, t("lab.queued", place=lab().place(run.id) + 1)
    if run.state == "failed":
        reason = t(f"lab.failed_{run.reason}") if run.reason == "diverged" else run.detail
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
    lab().stop(ids)


def _resume(ids: Sequence[str]) -> None:
    try:
        lab().resume(ids)
    except RunStoreError:  # somebody was faster, or started the same configuration
        state.put("_not_resumed", True)


def echart(option: dict[str, Any], key: str, alt: str, height: int = 300) -> None:
    """A figure that is updated in place."""
    st.echarts_chart(option, key=key, height=height, theme=None, alt=alt)
