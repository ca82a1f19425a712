"""What the training pages share: which runs are followed, how they stand, and the buttons that stop and resume."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import NotYours, RunStoreAway, RunStoreError
from explorer.fields import Field, choice, slug
from explorer.records import TaskStatus, TrainConfig, TrainingRun
from explorer.ui.cached import runs as cached_runs
from explorer.ui.shell import session, state
from explorer.ui.shell.polling import watch
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import plain, t
from explorer.ui.widgets import inputs

_TICK = 1.0  # seconds between two looks at the run store
_NAME = 16 * 33  # letters of the longest name of a group: sixteen ids


@dataclass(frozen=True, slots=True)
class FollowedFields:
    """The group of runs that a page follows, "" for none, and whether it shows them or what was recorded."""

    runs: Field[str] = slug("runs", label="nav.runs", longest=_NAME)
    source: Field[str] = choice("source", ("recorded", "live"), "live")


def followed(fields: FollowedFields, shows: Callable[[str], object], *, label: bool = True) -> str:
    """The group of runs to show, "" for what was recorded; a group must be one that the page `shows` (now, still)."""
    group = state.bind(fields.runs, allowed=lambda name: not name or bool(shows(name))).commit()
    return group if group and inputs.segmented(fields.source, label=label) == "live" else ""


def start(fields: FollowedFields, configs: Sequence[TrainConfig]) -> None:
    """Resume the followed runs where they are these, else submit new ones or join others; from a callback."""
    stopped = [run for run in _same(fields, configs) if run.can_resume and cached_runs.is_mine(run)]
    if stopped:
        _resume([run.id for run in stopped])
        state.assign(fields.source, "live")
        return
    runs = cached_runs.start(configs)
    state.assign(fields.runs, cached_runs.service().name_of(runs))
    state.assign(fields.source, "live")


def train_button(place: Any, fields: FollowedFields, configs: Sequence[TrainConfig], label: str, ready: bool) -> None:
    """The button at `place` that trains configurations; idle while the followed runs are these and still go on."""
    prepare()
    busy = any(run.is_open for run in _same(fields, configs))
    look: dict[str, Any] = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    look["disabled"] = busy or not ready
    permission.button(place.container(), "train", label, start, fields, configs, **look)


def _same(fields: FollowedFields, configs: Sequence[TrainConfig]) -> tuple[TrainingRun, ...]:
    """The followed runs, if they are those of these configurations."""
    group = state.peek(fields.runs)
    runs = cached_runs.service().group(group) if group else ()
    return runs if {run.config for run in runs} == set(configs) else ()


def prepare() -> None:
    """Have a worker wait while the visitor still looks: what is started then begins at once."""
    if not permission.reserved("train"):
        cached_runs.service().prepare()


def live(draw: Callable[[], bool]) -> None:
    """Call `draw` now, and again every second for as long as it returns true: something still waits or runs."""

    def settled() -> None:
        if state.pop("_not_resumed"):  # said here, and not in the callback: what a run says is lost when it is rerun
            st.toast(t("lab.not_resumed"), icon=":material/error:")

    watch("live", draw, seconds=_TICK, at_first=True, settled=settled)


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
    """Buttons in `row` that stop and resume, whichever applies to some of the runs; for a page with a `live` view.

    They are for who started a run; of those of others it is said that one can only look on.
    """
    own = [run for run in runs if cached_runs.is_mine(run)]
    stoppable = [run.id for run in own if run.is_open and not run.stop_requested]
    resumable = [run.id for run in own if run.can_resume]
    if any(run not in own and (run.is_open or run.can_resume) for run in runs):
        row.caption(permission.reserved("change") or t("lab.not_yours"))
    if stoppable:
        row.button(t("lab.stop"), icon=":material/stop_circle:", key=f"{key}-stop", on_click=_stop, args=(stoppable,))
    if resumable:
        look = {"icon": ":material/play_circle:", "key": f"{key}-resume"}
        permission.button(row, "train", t("lab.resume"), _resume, resumable, **look)


@permission.told
def _stop(ids: Sequence[str]) -> None:
    with suppress(NotYours):  # it never was offered
        cached_runs.service().stop(ids, session.visitor())


def _resume(ids: Sequence[str]) -> None:
    try:
        cached_runs.service().resume(ids, session.visitor())
    except RunStoreAway:
        raise
    except RunStoreError:  # somebody was faster, or started the same configuration
        state.put("_not_resumed", True)


def stop_tasks(tasks: Mapping[str, TaskStatus], label: str, key: str) -> None:
    """A button that stops those tasks, by their keys, that are open and this visitor's.

    Where there are only others', it is said that one can look on.
    """
    still_open = [task for task, status in tasks.items() if status.is_open]
    own = [task for task in still_open if cached_runs.is_mine(tasks[task])]
    if own:
        stop = permission.told(cached_runs.stop_tasks)
        st.button(label, icon=":material/stop_circle:", key=key, on_click=stop, args=(own,))
    elif still_open:
        st.caption(permission.reserved("change") or t("rights.task_not_yours"))
