"""An image to point into, with the mouse, a finger or the arrow keys: a grid of maps, a map, a photograph."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.shell import state

_HERE = Path(__file__).parent
_HTML = """<div class="pointing">
  <div class="frame" tabindex="0" role="application"><img alt="" draggable="false"><div class="here"></div></div>
  <p class="says" aria-live="polite"></p>
</div>"""
_mount = st.components.v2.component(
    "convnet_atlas_pointing",
    html=_HTML,
    css=(_HERE / "pointing.css").read_text(encoding="utf-8"),
    js=(_HERE / "pointing.js").read_text(encoding="utf-8"),
)


def point(
    png: bytes,
    rows: int,
    columns: int,
    selected: tuple[int, int] | None,
    *,
    key: str,
    label: str,
    pick: Callable[[int, int], None],
    gap: float = 0.0,
    width: int = 0,
    names: list[str] | None = None,
    fill: bool = False,
) -> None:
    """Show an image of `rows` x `columns` places; `pick(row, column)` is called as a callback when one is chosen.

    `selected` is the one that is chosen now, if any. `gap` is the share of a place that parts it from the next. `names`
    are shown while pointing, row by row. `width` in pixels bounds it; 0 fills the column. With `fill` it fills a
    screen, and its arrow keys are somebody else's.
    """

    def picked() -> None:
        if (cell := read(state.get(key, None), rows, columns)) is not None:
            pick(*cell)

    data = {
        "image": b64encode(png).decode(),
        "rows": rows,
        "columns": columns,
        "gap": gap,
        "selected": list(selected) if selected else None,
        "label": label,
        "width": width,
        "names": names or [],
        "fill": fill,
    }
    _mount(key=key, data=data, on_cell_change=picked)


def read(sent: Any, rows: int, columns: int) -> tuple[int, int] | None:
    """Validate the cell that the browser sent; None if it is not one."""
    cell = sent.get("cell") if hasattr(sent, "get") else None
    if not isinstance(cell, list) or len(cell) != 2 or not all(type(value) is int for value in cell):
        return None
    row, column = cell
    return (row, column) if 0 <= row < rows and 0 <= column < columns else None
