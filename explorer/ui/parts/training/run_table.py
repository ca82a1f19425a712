"""The table of runs that passed the filters, to choose from by ticking."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import streamlit as st

from explorer.ui.parts.training import run_words as words
from explorer.ui.parts.training.runs import RunRow, ends, pick
from explorer.ui.shell import state
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import run_controls


def table(entries: Sequence[RunRow], chosen: Sequence[str]) -> None:
    """The runs that passed the filters; ticking one chooses it."""
    shown = [entry.id for entry in entries]
    if state.get("_ticked", None) != list(chosen):  # chosen elsewhere: the table starts anew from there
        state.put("_ticked_first", list(chosen))
        state.put("_ticked", list(chosen))
    key = f"runs-{_digest(shown)}-{_digest(state.get('_ticked_first', []))}"

    def ticked() -> None:
        rows = state.get(key, {})["selection"]["rows"]
        here = {shown[row] for row in rows if row < len(shown)}
        ids = [run_id for run_id in dict.fromkeys((*chosen, *shown)) if run_id in here or run_id not in shown]
        pick(ids)
        state.put("_ticked", ids)

    st.dataframe(
        [_row(entry, end) for entry, end in zip(entries, ends(entries), strict=True)],
        column_config=_columns(),
        hide_index=True,
        height=min(38 + 35 * max(len(entries), 1), 388),
        placeholder="–",
        key=key,
        on_select=ticked,
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [row for row, run_id in enumerate(shown) if run_id in chosen]}},
        alt=t("runs.table_alt", count=len(entries)),
    )


def _digest(ids: Sequence[str]) -> str:
    """A short name for a list of runs, the same in every process: rows are ticked by their number in such a list."""
    return sha256("\n".join(ids).encode()).hexdigest()[:12]


def _row(entry: RunRow, end: tuple[float | None, float | None]) -> dict[str, Any]:
    config = entry.published_config
    compared = words.depth_and_skips(config.network, dict(config.options))
    return {
        "network": words.title(config),
        "depth": compared[0] if compared else None,
        "train_error": end[0],
        "test_error": end[1],
        "options": words.options(config),
        "standing": run_controls.progress(entry.run)[1] if entry.run else t(f"standing.{entry.status}"),
        "dataset": dataset_name(config.dataset),
        "steps": config.steps,
        "seed": config.seed,
        "recipe": words.recipe(config),
        "device": entry.device or None,
        "when": datetime.fromtimestamp(entry.when, UTC),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "network": column.TextColumn(t("column.network"), pinned=True),
        "depth": column.NumberColumn(t("column.depth"), format="%d"),
        "train_error": column.NumberColumn(t("lab.train_error"), format="%.2f"),
        "test_error": column.NumberColumn(t("lab.test_error"), format="%.2f"),
        "options": column.TextColumn(t("runs.options")),
        "standing": column.TextColumn(t("runs.standing")),
        "dataset": column.TextColumn(t("column.dataset")),
        "steps": column.NumberColumn(t("runs.steps"), format="localized"),
        "seed": column.NumberColumn(t("control.seed"), format="%d"),
        "recipe": column.TextColumn(t("runs.recipe")),
        "device": column.TextColumn(t("runs.device")),
        "when": column.DatetimeColumn(t("runs.when"), format="YYYY-MM-DD HH:mm", timezone=st.context.timezone),
    }
