"""Tables of operations, with every column named and explained in the language of the session."""

from __future__ import annotations

from typing import Any

import streamlit as st

from explorer.ui.words import group, t


def table(frame: Any, name: str) -> None:
    """A sortable table; `frame` has columns named as in the strings `column.*`."""
    share = {"parameter_share", "mac_share", "memory_share"}
    columns: dict[str, Any] = {}
    notes = group("column_help")
    for key in frame.columns:
        label, note = t(f"column.{key}"), notes.get(key)
        if key in share:
            columns[key] = st.column_config.ProgressColumn(
                label, help=note, format="%.1f %%", min_value=0, max_value=100
            )
        elif key in {"parameters", "macs", "values"}:
            columns[key] = st.column_config.NumberColumn(label, help=note, format="localized")
        elif key == "memory":
            columns[key] = st.column_config.NumberColumn(label, help=note, format="%.1f")
        else:
            columns[key] = st.column_config.Column(label, help=note, pinned=key in {"index", "operation"})
    st.dataframe(
        frame, column_config=columns, hide_index=True, height=min(560, 38 + 35 * len(frame)), key=f"table-{name}"
    )
