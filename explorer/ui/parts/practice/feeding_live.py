"""Feeding measured on this machine, beside the page, and stopped at will."""

from __future__ import annotations

from secrets import randbelow

import streamlit as st

from explorer.records import TaskStatus
from explorer.ui.cached import runs as cached_runs
from explorer.ui.cached.practice import feeding as cached_feeding
from explorer.ui.parts.practice import feeding_rates, feeding_timeline
from explorer.ui.parts.practice.feeding import STATE, by_workers, in_memory, reference
from explorer.ui.shell import layout, state
from explorer.ui.shell.boundary import told
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_BATCH, _BATCHES, _TICK = 32, 12, 0.5


def show() -> None:
    """The settings, the button, progress, and what has been measured so far."""
    layout.section(t("feeding.live"), t("feeding.live_note", batch=_BATCH, batches=_BATCHES))
    left, middle, right = st.columns([2, 2, 1], gap="medium", vertical_alignment="bottom")
    with left:
        most = inputs.slider(STATE.most)
    with middle:
        step = inputs.slider(STATE.live_step)
    attempt = state.bind(STATE.attempt).commit()
    with right:
        st.button(
            t("feeding.again" if attempt else "feeding.start"),
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            key="feeding-start",
            on_click=_start,
            args=(most, step),
        )
    if not attempt:
        return
    key = cached_feeding.order(most, _BATCH, _BATCHES, float(step), attempt).key

    def look() -> bool:
        status = cached_runs.service().task(key)
        _bar(status)
        if status.is_open:
            st.button(t("feeding.stop"), icon=":material/stop_circle:", key="feeding-stop", on_click=_stop, args=(key,))
        _show(key)
        return status.is_open

    watch("feeding", look, seconds=_TICK, at_first=True)


@told
def _start(most: int, step: int) -> None:
    """Order a measurement under a number of its own: time is measured, so that nobody else's is the same."""
    attempt = 1 + randbelow(int(STATE.attempt.high))
    state.assign(STATE.attempt, attempt)
    order = cached_feeding.order(most, _BATCH, _BATCHES, float(step), attempt)
    cached_runs.service().order(order, cached_feeding.weights)


@told
def _stop(key: str) -> None:
    cached_runs.service().stop_tasks([key])


def _bar(status: TaskStatus) -> None:
    if status.is_open:
        words = t("feeding.waiting") if not status.total else t("feeding.batches", done=status.done, total=status.total)
        bars([("", status.done / max(status.total, 1), words)])
    elif status.state == "failed":
        st.warning(t("feeding.failed", problem=status.detail), icon=":material/error:")
    elif status.state == "stopped":
        st.caption(t("feeding.stopped"))
    elif status.state == "lost":
        st.warning(t("feeding.lost"), icon=":material/power_off:")


def _show(key: str) -> None:
    """What has been measured: images/s as soon as there is a worker, and the newest timeline."""
    results = cached_feeding.measured(key)
    loaded = [result for result in results if result.config.source == "jpeg"]
    if any(result.config.workers == 1 for result in loaded):
        rows = [(t("feeding.measured"), [(r.config.workers, r.images_per_second) for r in by_workers(results)])]
        most = max(result.config.workers for result in loaded)
        rates = reference(results).rates
        feeding_rates.draw(rates, rows, in_memory(results), max(most, 2), "feeding-live")
    if loaded:
        newest = loaded[-1]
        feeding_timeline.draw(newest, newest.seconds, "feeding-live-timeline")
