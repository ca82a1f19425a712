"""Tables, with every column named and explained in the language of the session; and tables as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from explorer.ui.shell import state
from explorer.ui.shell.words import group, linked, t

_LETTER, _DIGIT, _MARGIN = 7, 8, 20
"""Pixels of a letter of a formula, of a digit of a number, and of what is left and right of them.

Left to itself a table takes its widths from numbers without their separators, and cuts the first digit off.
"""


def count_column(label: str, values: Iterable[int], note: str | None = None) -> Any:
    """A column of counts, as wide as the largest of them with its separators, or its heading."""
    width = _DIGIT * max(len(label), len(f"{max(values, default=0):,}")) + _MARGIN
    return st.column_config.NumberColumn(label, help=note, format="localized", width=width)


def table(frame: Any, name: str, pick: Callable[[int], None] | None = None) -> None:
    """A sortable table; `frame` has columns named as in the strings `column.*`.

    `pick(row)` is called as a callback when a cell of that row is chosen, counted as `frame` is ordered.
    """
    share = {"parameter_share", "mac_share", "memory_share"}
    columns: dict[str, Any] = {}
    notes = {key: linked(note) for key, note in group("column_help").items()}
    for key in frame.columns:
        label, note = t(f"column.{key}"), notes.get(key)
        if key in share:
            columns[key] = st.column_config.ProgressColumn(
                label, help=note, format="%.1f%%", min_value=0, max_value=100
            )
        elif key in {"parameters", "macs", "values"}:
            columns[key] = count_column(label, frame[key], note)
        elif key in {"parameter_formula", "mac_formula"}:
            width = max(_DIGIT * len(label), _LETTER * int(frame[key].str.len().max())) + _MARGIN
            columns[key] = st.column_config.TextColumn(label, help=note, width=width)
        elif key == "memory":
            columns[key] = st.column_config.NumberColumn(label, help=note, format="%.2f")
        else:
            columns[key] = st.column_config.Column(label, help=note, pinned=key in {"index", "operation"})
    key = f"table-{name}"
    choosing: dict[str, Any] = {}
    if pick is not None:
        choosing = {"on_select": partial(_picked, key, pick), "selection_mode": "single-cell"}
    height = min(560, 38 + 35 * len(frame))
    st.dataframe(frame, column_config=columns, hide_index=True, height=height, key=key, **choosing)


def _picked(key: str, pick: Callable[[int], None]) -> None:
    """Handle a selected or deselected cell."""
    if cells := state.get(key, {}).get("selection", {}).get("cells"):
        pick(cells[0][0])


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A small table as CSV, with a byte order mark so that spreadsheets read UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")
