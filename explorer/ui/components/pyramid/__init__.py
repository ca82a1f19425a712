"""A stack of layers along one axis, and what one output reads of each: followed with mouse, finger or arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.records.stacks import GrownField, WindowLayer
from explorer.ui.shell import state

_HERE = Path(__file__).parent
_HTML = """<div class="pyramid">
  <div class="frame" tabindex="0" role="slider"></div>
  <p class="says" aria-live="polite"></p>
</div>"""
_mount = st.components.v2.component(
    "convnet_atlas_pyramid",
    html=_HTML,
    css=(_HERE / "pyramid.css").read_text(encoding="utf-8"),
    js=(_HERE / "pyramid.js").read_text(encoding="utf-8"),
)


def show(
    layers: Sequence[WindowLayer],
    grown: Sequence[GrownField],
    cell: int,
    *,
    names: Sequence[str],
    label: str,
    says: str,
    key: str,
    pick: Callable[[int], None],
    fill: bool = False,
) -> None:
    """Draw a stack, its input at the foot; `pick(cell)` is called as a callback when another output is chosen.

    `grown` are the fields of the input and of each layer. `names` stand beside the rows, the input's first. `says` is
    the sentence below, with {cell}, {read}, {size}, {first}, {last} and {ways}, which change with the pointer.
    """

    def picked() -> None:
        if (chosen := read(state.get(key, None), grown[-1].side.value)) is not None:
            pick(chosen)

    data = {
        "layers": [list(layer) for layer in layers],
        "rows": [[field.side.value, field.centre(0), field.jump.value] for field in grown],
        "cell": cell,
        "size": grown[-1].size.value,
        "names": list(names),
        "label": label,
        "says": says,
        "fill": fill,
    }
    _mount(key=key, data=data, on_cell_change=picked)


def read(sent: Any, cells: int) -> int | None:
    """Validate the output that the browser sent; None if there is none such."""
    cell = sent.get("cell") if hasattr(sent, "get") else None
    return cell if type(cell) is int and 0 <= cell < cells else None
