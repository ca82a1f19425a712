"""The list of runs: what was trained here and what ships, how it is filtered, and which are chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from explorer.fields import Field, flag, number, one_of, several, slug, text
from explorer.figures import runs as figures
from explorer.jobs.remembered import Remembered
from explorer.jobs.store import MOST_LISTED
from explorer.records import STATES, TrainConfig, TrainingRun, TrainPoint
from explorer.ui.cached import runs as cached_runs
from explorer.ui.parts.training import run_words as words
from explorer.ui.shell import state
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import inputs
from explorer.weights import recorded_runs, weights_file

_ORDER = {status: place for place, status in enumerate((*STATES, "recorded"))}
_MOST_CHOSEN = 600
_End = tuple[float | None, float | None]  # training and test error, in percent

_ends: Remembered[tuple[str, int], _End] = Remembered(2000)


@dataclass(frozen=True, slots=True)
class RunsState:
    """Which runs are listed: `newer` is how many newer ones are not.

    What they are filtered by, "" for all; the ids of the chosen runs; and what is drawn of them.
    """

    newer: Field[int] = number("newer", 0, 1_000_000)
    status: Field[str] = slug("standing")
    network: Field[str] = slug("trained")
    dataset: Field[str] = slug("trained_on")
    find: Field[str] = text("find")
    pick: Field[tuple[str, ...]] = several("pick", label="runs.list", most=_MOST_CHOSEN)
    measure: Field[str] = one_of("measure", figures.MEASURES, figures.MEASURES[0])
    logarithmic: Field[bool] = flag("log")


STATE = RunsState()


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run of the list; `run` is None for one that ships. `status` is one of STATES or "recorded"."""

    id: str
    config: TrainConfig
    status: str
    when: float
    device: str
    layers: Sequence[str]
    has_weights: bool
    run: TrainingRun | None = None

    @property
    def published_config(self) -> TrainConfig:
        """The configuration with the published data set, where a recorded run read it from an own folder."""
        return self.config if self.run else replace(self.config, dataset=recorded_runs()[self.id].trained_on)

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.run is not None and self.run.is_open

    @property
    def is_readable(self) -> bool:
        """Whether its configuration can be read, and so be trained again."""
        return self.run is None or self.run.reason != "unreadable"

    @property
    def points(self) -> Sequence[TrainPoint]:
        """All its points."""
        return cached_runs.points(self.run) if self.run else recorded_runs()[self.id].points

    @property
    def signature(self) -> tuple[Any, ...]:
        """What decides which buttons are there."""
        return self.id, self.status, self.run and (self.run.resumable, self.run.stop_requested)

    def weights(self) -> bytes | None:
        """Its weights as a safetensors blob."""
        return cached_runs.service().weights(self.id) if self.run else weights_file(self.id).read_bytes()


def which() -> None:
    """Say that there are more runs than are listed, and have one choose which: the newest, or those before them."""
    count = cached_runs.service().count()
    if count <= MOST_LISTED:
        state.bind(STATE.newer, allowed=(0,)).commit()
        return

    def named(newer: int) -> str:
        return t("runs.from_to", first=f"{newer + 1:,}", last=f"{min(newer + MOST_LISTED, count):,}")

    st.caption(t("runs.many", count=f"{count:,}", most=MOST_LISTED))
    inputs.select(STATE.newer, range(0, count, MOST_LISTED), named)


def listing() -> tuple[RunRow, ...]:
    """The runs that are listed, the newest first, then the recorded ones."""
    own = [
        RunRow(run.id, run.config, run.state, run.started or run.created, run.device, run.layers, run.has_weights, run)
        for run in cached_runs.service().runs(after=state.peek(STATE.newer))
    ]
    shipped = [
        RunRow(name, run.config, "recorded", _day(run.date), run.device, run.layers, bool(run.weights))
        for name, run in recorded_runs().items()
    ]
    return (*own, *shipped)


def _day(date: str) -> float:
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


# --- filters and choice -----------------------------------------------------------------------------------------------


def narrowed(entries: Sequence[RunRow]) -> list[str]:
    """The ids that pass the filters."""
    facets: tuple[tuple[Field[str], Callable[[RunRow], str], Callable[[str], str]], ...] = (
        (STATE.status, lambda entry: entry.status, lambda code: t(f"standing.{code}")),
        (STATE.network, lambda entry: entry.config.network, words.network),
        (STATE.dataset, lambda entry: entry.published_config.dataset, dataset_name),
    )
    *places, last = st.columns([3, 3, 3, 4])
    left = list(entries)
    for place, (field, facet, named) in zip(places, facets, strict=True):
        codes = sorted({facet(entry) for entry in entries}, key=lambda code: (_ORDER.get(code, 0), code))
        with place:
            asked = inputs.select_or_all(field, codes, named)
        left = [entry for entry in left if asked in ("", facet(entry))]
    with last:
        sought = inputs.text(STATE.find).casefold().split()
    return [entry.id for entry in left if all(word in _searched(entry) for word in sought)]


def _searched(entry: RunRow) -> str:
    config = entry.published_config
    network = words.written("network", config.network)
    parts = (entry.id, words.name(config), network, config.network, config.dataset, dataset_name(config.dataset))
    settings = (words.field_name(f"option.{name}") for name, _ in config.options)
    return " ".join((*parts, words.recipe(config), entry.device, words.options(config), *settings)).casefold()


def picked(entries: Sequence[RunRow]) -> list[str]:
    """The chosen ids; at first those that were started last."""
    known = {entry.id for entry in entries}
    newest = entries[0].run.group if entries and entries[0].run else None
    first = [entry.id for entry in entries if (entry.run.group if entry.run else None) == newest][:4]
    bound = state.bind(STATE.pick, default=tuple(first))
    gone = [run_id for run_id in bound.value if run_id not in known]
    if gone and bound.linked:
        state.notice(STATE.pick.name, ", ".join(gone))
    bound.set(tuple(run_id for run_id in bound.value if run_id in known))  # without those that were deleted since
    return list(bound.commit())


def pick(ids: Sequence[str]) -> None:
    """Replace the selection, from a callback."""
    state.assign(STATE.pick, tuple(ids))


def pick_changed(drawn: Sequence[str]) -> bool:
    """Whether the selection has changed since."""
    return state.peek(STATE.pick) != tuple(drawn)


# --- how they ended ---------------------------------------------------------------------------------------------------


def ends(entries: Sequence[RunRow]) -> list[_End]:
    """Training and test error in percent at the last point of each run; cached by step."""
    nothing: _End = (None, None)
    found = {entry.id: _errors(entry.points[-1]) for entry in entries if entry.run is None and entry.points}
    asked = {entry.id: (entry.id, entry.run.step) for entry in entries if entry.run}
    found |= {run_id: end for run_id, key in asked.items() if (end := _ends.get(key))}
    if missing := asked.keys() - found:
        for run_id, point in cached_runs.service().latest(missing).items():
            found[run_id] = _errors(point)
            _ends.put(asked[run_id], found[run_id])
    return [found.get(entry.id, nothing) for entry in entries]


def _errors(point: TrainPoint) -> _End:
    train = figures.measured(point, "train_error") if point.step else None
    return train, figures.measured(point, "test_error")
