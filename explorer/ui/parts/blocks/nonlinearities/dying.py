"""Units that fall silent in training: recorded for three seeds at each rate, and trained here on request."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.blocks.activations import ACTIVATIONS
from explorer.figures import palette
from explorer.figures.spread import Band, spread_curves
from explorer.records import TaskStatus
from explorer.records.nonlinear import DyingPoint, DyingRun
from explorer.ui.cached import runs as cached_runs
from explorer.ui.cached.blocks import nonlinearities as cached
from explorer.ui.parts.blocks.nonlinearities.state import STATE
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.boundary import told
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.polling import bars, watch
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs

_TICK = 0.5
_COLOURS = {"relu": palette.ORANGE, "leaky-relu": palette.BLUE, "elu": palette.GREEN}


def show() -> None:
    """What was recorded at a rate; below it the same here, with a seed of one's own."""
    layout.section(t("nonlinearities.dying"), t("nonlinearities.dying_note"))
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        rate = inputs.select_slider(STATE.rate, t(STATE.rate.words))
    with right:
        counted = inputs.segmented(STATE.counted)
    runs = cached.recorded(rate)
    first = runs[0]
    _draw("dying", runs, counted)
    seconds = f"{sum(run.seconds for run in runs):.0f}"
    config = first.config
    st.caption(
        t(
            "nonlinearities.dying_card",
            layers=config.layers,
            width=config.width,
            steps=config.steps,
            batch=config.batch,
            runs=len(runs),
            date=first.date,
            device=first.device,
            seconds=seconds,
            command=first.command,
        )
    )
    _live(rate, counted)


def value(point: DyingPoint, counted: str) -> float:
    """What is counted of a point, in percent."""
    return 100 * {"stuck": point.stuck, "silent": point.silent, "accuracy": point.accuracy}[counted]


def _draw(key: str, runs: Sequence[DyingRun], counted: str) -> None:
    bands, rows = [], []
    for arm in dict.fromkeys(run.config.activation for run in runs):
        mine = [run for run in runs if run.config.activation == arm]
        steps = [point.step for point in min(mine, key=lambda run: len(run.points)).points]
        at = [[value(run.points[i], counted) for run in mine] for i in range(len(steps))]
        spread = [(sum(each) / len(each), min(each), max(each)) for each in at]
        bands.append(Band(ACTIVATIONS[arm].title, _COLOURS[arm], steps, spread))
        rows += [
            {
                t("nonlinearities.function"): ACTIVATIONS[arm].title,
                t("nonlinearities.seed"): run.config.seed,
                t("nonlinearities.step"): run.points[-1].step,
                **{t(f"nonlinearities.counted.{name}"): round(value(run.points[-1], name), 1) for name in _COUNTED},
                t("nonlinearities.revived"): round(100 * run.points[-1].revived, 1),
            }
            for run in mine
        ]
    ends = listed(
        t("nonlinearities.end", name=band.name, mean=f"{mean:.1f}", low=f"{low:.1f}", high=f"{high:.1f}")
        for band in bands
        for mean, low, high in band.values[-1:]
    )
    said = t("nonlinearities.dying_says", counted=t(f"nonlinearities.counted.{counted}"), ends=ends)
    option = spread_curves(
        bands,
        theme=layout.theme(),
        across=t("nonlinearities.step"),
        upright=t("nonlinearities.percent"),
        last=runs[0].config.steps,
        title=t(f"nonlinearities.counted.{counted}"),
    )
    exhibit.show(Exhibit(key, option, said, rows=rows, note=said, code=_code, height=320))


_COUNTED = ("stuck", "silent", "accuracy")


def _code() -> Code:
    from explorer.blocks.dying import train

    return (train,)


# --- here -------------------------------------------------------------------------------------------------------------


def _live(rate: float, counted: str) -> None:
    left, right = st.columns([1, 2], gap="medium", vertical_alignment="bottom")
    with left:
        seed = inputs.number(STATE.seed)
    wanted = state.bind(STATE.live).commit()
    with right:
        st.button(
            t("nonlinearities.train"),
            key="dying-start",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(rate, seed),
        )
    if not wanted:
        return
    with layout.waiting():
        key = cached.order(rate, seed).key

    def look() -> bool:
        status = cached_runs.service().task(key)
        _bar(status)
        if status.is_open:
            stop = t("nonlinearities.stop")
            st.button(stop, icon=":material/stop_circle:", key="dying-stop", on_click=_stop, args=(key,))
        if runs := [run for run in cached.trained(key) if run.points]:
            st.caption(t("nonlinearities.trained_here", rate=f"{rate:g}", seed=seed))
            _draw("dying-live", runs, counted)
        return status.is_open

    watch("dying", look, seconds=_TICK, at_first=False)


@told
def _start(rate: float, seed: int) -> None:
    state.assign(STATE.live, True)
    cached_runs.service().order(cached.order(rate, seed), cached.weights)


@told
def _stop(key: str) -> None:
    cached_runs.service().stop_tasks([key])


def _bar(status: TaskStatus) -> None:
    if status.is_open:
        done, total = status.done, max(status.total, 1)
        waits = status.state == "waiting" or not status.total
        bars([("", done / total, t("nonlinearities.waiting") if waits else t("nonlinearities.running"))])
    elif status.state == "failed":
        st.warning(t("nonlinearities.failed", problem=status.detail), icon=":material/error:")
    elif status.state == "lost":
        st.warning(t("nonlinearities.lost"), icon=":material/power_off:")
    elif status.state in ("stopped", "none"):
        st.caption(t(f"nonlinearities.task_{status.state}"))
