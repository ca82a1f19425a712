"""The list of runs: what was trained here and what ships, filtered, chosen, and laid over each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from explorer.figures import runs as figures
from explorer.records import STATES, TrainConfig, TrainingRun, TrainPoint
from explorer.ui.cached import runs as cached_runs
from explorer.ui.parts.training import run_words as words
from explorer.ui.shell import state
from explorer.ui.shell.remembered import Remembered
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import run_controls
from explorer.weights import recorded_runs, weights_file

_End = tuple[float | None, float | None]  # training and test error, in percent

_ends: Remembered[tuple[str, int], _End] = Remembered(2000)


@dataclass(frozen=True, slots=True)
class Entry:
    """A run of the list; `run` is None for one that ships. `standing` is one of STATES or "recorded"."""

    id: str
    config: TrainConfig
    standing: str
    when: float
    device: str
    layers: Sequence[str]
    has_weights: bool
    run: TrainingRun | None = None

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
        return self.id, self.standing, self.run and (self.run.resumable, self.run.stop_requested)

    def weights(self) -> bytes | None:
        """Its weights as a safetensors blob."""
        return cached_runs.service().weights(self.id) if self.run else weights_file(self.id).read_bytes()


def listing() -> tuple[Entry, ...]:
    """All runs, the newest first, then the recorded ones."""
    mine = [
        Entry(
            run.id,
            run.config,
            run.state,
            run.started or run.created,
            run.device,
            run.layers,
            run.has_weights,
            run,
        )
        for run in cached_runs.service().runs()
    ]
    shipped = [
        Entry(name, run.config, "recorded", _day(run.date), run.device, run.layers, bool(run.weights))
        for name, run in recorded_runs().items()
    ]
    return (*mine, *shipped)


def _day(date: str) -> float:
    return datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()


# --- filters and choice -----------------------------------------------------------------------------------------------


def narrowed(entries: Sequence[Entry]) -> list[str]:
    """The ids that pass the filters."""
    columns = st.columns([3, 3, 3, 4])
    facets: dict[str, Any] = {
        "standing": lambda entry: entry.standing,
        "trained": lambda entry: entry.config.network,
        "trained_on": lambda entry: entry.config.dataset,
    }
    left = list(entries)
    for column, (name, facet) in zip(columns, facets.items(), strict=False):
        there = {facet(entry) for entry in entries}
        codes = [code for code in (*STATES, "recorded") if code in there] if name == "standing" else sorted(there)
        with column:
            wanted = controls.any_or_one(name, codes, lambda code, name=name: _facet_name(name, code))
        left = [entry for entry in left if not wanted or facet(entry) == wanted]
    with columns[3]:
        asked = controls.search("find").casefold().split()
    return [entry.id for entry in left if all(word in _searched(entry) for word in asked)]


def _facet_name(name: str, code: str) -> str:
    if name == "standing":
        return t(f"standing.{code}")
    return words.network(code) if name == "trained" else words.data_name(code)


def _searched(entry: Entry) -> str:
    config = entry.config
    parts = (
        entry.id,
        words.name(config),
        config.network,
        config.dataset,
        words.data_name(config.dataset),
        words.recipe(config),
    )
    return " ".join((*parts, entry.device, words.options(config))).casefold()


def picked(entries: Sequence[Entry]) -> list[str]:
    """The chosen ids; at first those that were started last."""
    known = [entry.id for entry in entries]
    newest = entries[0].run.group if entries and entries[0].run else None
    first = [entry.id for entry in entries if (entry.run.group if entry.run else None) == newest][:4]

    def parse(raw: str) -> str:
        asked = [part for part in raw.split(",") if part]
        for unknown in (part for part in asked if part not in known):
            state.notice("pick", unknown)
        return ",".join(run_id for run_id in dict.fromkeys(asked) if run_id in known)

    state.seed("pick", ",".join(first), parse)
    left = [run_id for run_id in state.get("pick", "").split(",") if run_id in known]
    pick(left)  # without those that were deleted since
    state.publish("pick", ",".join(first))
    return left


def pick(ids: Sequence[str]) -> None:
    """Choose these instead."""
    state.put("pick", ",".join(ids))


def pick_changed(drawn: Sequence[str]) -> bool:
    """Whether another choice was made since."""
    return bool(state.get("pick", "") != ",".join(drawn))


# --- the table --------------------------------------------------------------------------------------------------------


def table(entries: Sequence[Entry], chosen: Sequence[str]) -> None:
    """The runs that passed the filters, to choose from."""
    shown = [entry.id for entry in entries]
    text = ",".join(chosen)
    if state.get("_pick_told", None) != text:  # chosen elsewhere: the table starts anew from there
        state.put("_pick_base", text)
        state.put("_pick_told", text)
    key = f"runs-{hash((tuple(shown), state.get('_pick_base', '')))}"

    def told() -> None:
        rows = state.get(key, {})["selection"]["rows"]
        here = {shown[row] for row in rows if row < len(shown)}
        wanted = [run_id for run_id in dict.fromkeys((*chosen, *shown)) if run_id in here or run_id not in shown]
        pick(wanted)
        state.put("_pick_told", ",".join(wanted))

    st.dataframe(
        [_row(entry, end) for entry, end in zip(entries, ends(entries), strict=True)],
        column_config=_columns(),
        hide_index=True,
        height=min(38 + 35 * max(len(entries), 1), 388),
        placeholder="–",
        key=key,
        on_select=told,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, run_id in enumerate(shown) if run_id in chosen]}},
        alt=t("runs.table_alt", count=len(entries)),
    )


def ends(entries: Sequence[Entry]) -> list[_End]:
    """Training and test error, in percent, at the last point of each run; what is known is not asked for again."""
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


def _row(entry: Entry, end: _End) -> dict[str, Any]:
    config = entry.config
    return {
        "network": words.network(config.network),
        "depth": dict(config.options).get("depth"),
        "options": words.options(config),
        "standing": run_controls.progress(entry.run)[1] if entry.run else t(f"standing.{entry.standing}"),
        "train_error": end[0],
        "test_error": end[1],
        "dataset": words.data_name(config.dataset),
        "steps": config.steps,
        "recipe": words.recipe(config),
        "seed": config.seed,
        "device": entry.device or None,
        "when": datetime.fromtimestamp(entry.when, UTC),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "network": column.TextColumn(t("column.network"), pinned=True),
        "depth": column.NumberColumn(t("column.depth"), format="%d", width="small"),
        "options": column.TextColumn(t("runs.options")),
        "standing": column.TextColumn(t("runs.standing")),
        "train_error": column.NumberColumn(t("lab.train_error"), format="%.2f"),
        "test_error": column.NumberColumn(t("lab.test_error"), format="%.2f"),
        "dataset": column.TextColumn(t("column.dataset")),
        "steps": column.NumberColumn(t("runs.steps"), format="localized"),
        "recipe": column.TextColumn(t("runs.recipe")),
        "seed": column.NumberColumn(t("control.seed"), format="%d", width="small"),
        "device": column.TextColumn(t("runs.device")),
        "when": column.DatetimeColumn(t("runs.when"), format="YYYY-MM-DD HH:mm", timezone=st.context.timezone),
    }
