"""Cached calls around training runs: the store behind them, their points, and what is said of configurations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from explorer.errors import ExplorerError
from explorer.jobs import RunService
from explorer.jobs.owning import may_change
from explorer.jobs.remembered import Remembered
from explorer.records import TaskOrder, TaskStatus, TrainConfig, TrainingRun, TrainPoint
from explorer.ui.shell import session

_KEPT_RUNS = 64

_points: Remembered[str, tuple[TrainPoint, ...]] = Remembered(_KEPT_RUNS)


@st.cache_resource(max_entries=1, show_spinner=False)
def service() -> RunService:
    """The run service of this server: run store and executor."""
    return RunService.default()


@st.cache_resource(max_entries=1, show_spinner=False)
def has_cuda() -> bool:
    """Whether workers on this machine have a GPU that CIFAR-10 can be trained on."""
    import torch

    return torch.cuda.is_available()


def is_mine(job: TrainingRun | TaskStatus) -> bool:
    """Whether this visitor may stop a run or a task, resume it and delete it."""
    return may_change(job.owner, session.visitor())


def start(configs: Sequence[TrainConfig]) -> tuple[TrainingRun, ...]:
    """Queue this visitor's runs, or join others. Raises `NotAllowed`, `RunStoreError`."""
    return service().start(configs, visitor=session.visitor())


def order(task: TaskOrder, weights: Callable[[], bytes]) -> None:
    """Queue this visitor's task, or join another's. Raises `NotAllowed`, `RunStoreError`."""
    service().order(task, weights, session.visitor())


def stop_tasks(keys: Collection[str]) -> None:
    """Stop tasks of this visitor. Raises `NotYours`."""
    service().stop_tasks(keys, session.visitor())


def points(run: TrainingRun) -> Sequence[TrainPoint]:
    """All points of a run; only those that are new are read from the store."""
    known = _points.get(run.id) or ()
    known += service().points(run.id, after=known[-1].step if known else -1)
    _points.put(run.id, known, better=lambda new, old: len(new) > len(old))
    return known


def forget(ids: Sequence[str]) -> None:
    """Forget the cached points of deleted runs."""
    _points.forget(ids)


@st.cache_data(max_entries=512, show_spinner=False)
def command(config: str) -> str:
    """The command line that trains a configuration, given as its JSON; a comment that says why where none does."""
    from explorer.jobs.exporting import command as written

    try:
        return written(TrainConfig.from_json(config))
    except ExplorerError as problem:
        return f"# {problem}"


@st.cache_resource(max_entries=1, show_spinner=False)
def titles() -> dict[str, str]:
    """The titles of all networks by slug. Not to be changed."""
    from explorer.summaries import load

    return {summary.slug: summary.title for summary in load()}
