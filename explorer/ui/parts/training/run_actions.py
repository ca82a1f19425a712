"""What can be done with chosen runs: compare what was configured, make them again, take them away, delete them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.errors import RunStoreAway, RunStoreError
from explorer.jobs import exporting
from explorer.jobs.exporting import Export
from explorer.records import TrainConfig
from explorer.ui.cached import runs as cached_runs
from explorer.ui.parts.training import run_words as words
from explorer.ui.parts.training.runs import RunRow, pick
from explorer.ui.shell import session, state
from explorer.ui.shell.visitors import permission
from explorer.ui.shell.words import t
from explorer.ui.widgets import run_controls

# --- what was configured ----------------------------------------------------------------------------------------------


def configurations(chosen: Sequence[RunRow]) -> None:
    """What differs between the runs, then everything, then the commands that make them again."""
    names = words.names([entry.published_config for entry in chosen])
    flats = [words.flat(entry.published_config) for entry in chosen]
    fields = list(dict.fromkeys(key for flat in flats for key in flat))
    differing = [key for key in fields if len({flat.get(key) for flat in flats}) > 1]
    if differing:
        _table(differing, names, flats, "differing")
    elif len(chosen) > 1:
        st.caption(t("runs.all_equal"))
    with st.expander(t("runs.everything"), icon=":material/list_alt:"):
        _table(fields, names, flats, "everything")
    # Highlighting code is a library of its own for the browser: half a second that only who opens this has to wait.
    with st.expander(t("runs.commands"), icon=":material/terminal:", on_change="rerun", key="commands") as commands:
        if commands.open:
            st.caption(t("runs.commands_note"))
            lines = (cached_runs.command(entry.config.to_json()) for entry in chosen)
            st.code("\n".join(dict.fromkeys(lines)), language="bash", wrap_lines=True)


def _table(fields: Sequence[str], names: Sequence[str], flats: Sequence[dict[str, str]], key: str) -> None:
    rows = [
        {"setting": words.field_name(field), **{str(n): flat.get(field) for n, flat in enumerate(flats)}}
        for field in fields
    ]
    columns: dict[str, Any] = {"setting": st.column_config.TextColumn(t("runs.setting"), pinned=True)}
    columns |= {str(n): st.column_config.TextColumn(name) for n, name in enumerate(names)}
    st.dataframe(rows, column_config=columns, hide_index=True, placeholder="–", key=f"runs-{key}")


# --- taking away ------------------------------------------------------------------------------------------------------


def exports(chosen: Sequence[RunRow]) -> None:
    """Download buttons for curves, event files and weights, which are written on demand."""
    row = st.container(horizontal=True)
    with row:
        _download("csv", lambda: exporting.curves_csv(_exported(chosen)).encode(), "runs.csv", "text/csv", "table")
        events: tuple[str, ...] = ("tensorboard.zip", "application/zip", "folder_zip")
        _download("events", lambda: exporting.event_files(_exported(chosen)), *events)
        weighty = [entry for entry in chosen if entry.has_weights]
        if len(weighty) == 1:
            file = f"{exporting.file_name(_label(weighty[0]))}.safetensors"
            _download("weights", lambda: _weights(weighty[0]), file, "application/octet-stream", "neurology")
        elif weighty:
            _download("weights", lambda: _all_weights(weighty), "weights.zip", "application/zip", "neurology")


def _download(what: str, data: Callable[[], bytes], file: str, mime: str, icon: str) -> None:
    st.download_button(
        t(f"runs.export_{what}"),
        data=data,
        file_name=file,
        mime=mime,
        icon=f":material/{icon}:",
        key=f"runs-{what}",
        help=t(f"runs.export_{what}_help"),
        on_click="ignore",
    )


def _label(entry: RunRow) -> str:
    """A file name: the same in every language, and unique."""
    if entry.run is None:
        return entry.id
    options = [f"{key}-{value}" for key, value in entry.config.options]
    return "-".join([entry.config.network, *options, f"seed{entry.config.seed}", entry.id[:8]]).lower()


def _exported(chosen: Sequence[RunRow]) -> list[Export]:
    return [Export(_label(entry), entry.config, entry.points, entry.layers, entry.when) for entry in chosen]


def _weights(entry: RunRow) -> bytes:
    return entry.weights() or b""


def _all_weights(chosen: Sequence[RunRow]) -> bytes:
    return exporting.archive({f"{_label(entry)}.safetensors": _weights(entry) for entry in chosen})


# --- acting -----------------------------------------------------------------------------------------------------------


def buttons(chosen: Sequence[RunRow]) -> None:
    """Buttons to rerun, stop, resume and delete, those that apply to the chosen runs."""
    runs = [entry.run for entry in chosen if entry.run is not None]
    row = st.container(horizontal=True, vertical_alignment="center")
    if known := [entry for entry in chosen if entry.is_readable]:
        idle = bool(permission.reserved("train"))
        row.button(
            t("runs.again"), icon=":material/replay:", key="runs-again", on_click=_again, args=(known,), disabled=idle
        )
        seeds: dict[str, Any] = {"on_click": _again_with_other_seeds, "args": (known,), "disabled": idle}
        row.button(t("runs.again_seed"), icon=":material/casino:", key="runs-seed", **seeds)
        if idle:
            row.caption(permission.reserved("train"), width="content")
    run_controls.stop_and_resume(row, runs, "runs")
    look: dict[str, Any] = {"icon": ":material/delete:", "key": "runs-delete"}
    permission.button(row, "change", t("runs.delete"), _asking, True, **look)
    if state.get("_deleting", False):
        st.dialog(t("runs.delete_title"), on_dismiss=lambda: _asking(False))(_confirm)(chosen)


@permission.told
def _again(chosen: Sequence[RunRow]) -> None:
    _start([entry.config for entry in chosen], chosen)


@permission.told
def _again_with_other_seeds(chosen: Sequence[RunRow]) -> None:
    """Rerun each with the first seed that none of the chosen runs has."""
    fresh = max(entry.config.seed for entry in chosen) + 1
    _start(list(dict.fromkeys(replace(entry.config, seed=fresh) for entry in chosen)), chosen)


def _start(configs: Sequence[TrainConfig], chosen: Sequence[RunRow]) -> None:
    started = cached_runs.start(configs)
    pick(list(dict.fromkeys([*(run.id for run in started), *(entry.id for entry in chosen)])))


def _asking(now: bool) -> None:
    state.put("_deleting", now)


def _confirm(chosen: Sequence[RunRow]) -> None:
    names = words.names([entry.published_config for entry in chosen])
    ids = [entry.id for entry in chosen if entry.run and not entry.is_open and cached_runs.is_mine(entry.run)]
    to_delete = [f"- {name}" for entry, name in zip(chosen, names, strict=True) if entry.id in ids]
    if to_delete:
        st.markdown(t("runs.delete_these") + "\n\n" + "\n".join(to_delete))
    if any(entry.is_open for entry in chosen):
        st.caption(t("runs.delete_open"))
    if any(entry.status == "recorded" for entry in chosen):
        st.caption(t("runs.delete_recorded"))
    if any(entry.run and not cached_runs.is_mine(entry.run) for entry in chosen):
        st.caption(t("lab.not_yours"))
    with st.container(horizontal=True):
        label, act = t("runs.delete_yes", count=len(ids)), partial(_delete, ids, chosen)
        if to_delete and st.button(label, type="primary", key="runs-delete-yes", on_click=act):
            st.rerun()
        if st.button(t("runs.delete_no"), key="runs-delete-no", on_click=_asking, args=(False,)):
            st.rerun()


@permission.told
def _delete(ids: Sequence[str], chosen: Sequence[RunRow]) -> None:
    _asking(False)
    try:
        cached_runs.service().delete(ids, session.visitor())
    except RunStoreAway:
        raise
    except RunStoreError:  # resumed in the meantime
        st.toast(t("runs.delete_open"), icon=":material/error:")
        return
    cached_runs.forget(ids)
    pick([entry.id for entry in chosen if entry.id not in ids])
