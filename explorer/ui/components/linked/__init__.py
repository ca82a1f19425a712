"""Grids of numbers, linked cell by cell: point at one, and whatever it is made of and goes into lights up.

Everything happens in the browser but two things: a cell that is chosen, and a plane that was typed or pasted into.
"""

from __future__ import annotations

from array import array
from base64 import b64encode
from collections.abc import Callable
from dataclasses import asdict
from itertools import chain
from math import isfinite
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.figures.palette import BLACK, ORANGE, SIGNED, WHITE
from explorer.records import LinkedStep, LinkedView, Plane
from explorer.ui.shell import state
from explorer.ui.shell.words import t

MOST = 64
"""Rows and columns of what may be pasted."""

Rows = tuple[tuple[float, ...], ...]

_HERE = Path(__file__).parent
_SCRIPTS = ("links.js", "sizing.js", "drawing.js", "telling.js", "linked.js")
_mount = st.components.v2.component(
    "convnet_atlas_linked",
    html='<div class="linked"></div>',
    css=(_HERE / "linked.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
)


def show(
    view: LinkedView,
    *,
    key: str,
    label: str,
    at: str = "",
    pick: Callable[[str, int, int], None] | None = None,
    edit: Callable[[str, Rows], None] | None = None,
    fill: bool = False,
) -> None:
    """Show a view. `at` is the cell that is chosen, as `place` writes it; another text chooses the first of the walk.

    `pick(plane, row, column)` is called as a callback when a cell is chosen (rows and columns count the padding), and
    `edit(plane, rows)` when numbers were typed or pasted into an editable plane: all of its rows, without padding,
    maybe more or fewer of them than it had. With `fill` it fills a screen.
    """

    def picked() -> None:
        if pick and (cell := read_pick(state.get(key, None), view)) is not None:
            pick(*cell)

    def edited() -> None:
        if edit and (typed := read_edit(state.get(key, None), view)) is not None:
            edit(*typed)

    data = {
        "planes": [asdict(plane) for plane in view.planes],
        "steps": [packed(step) for step in view.steps],
        "walk": list(view.walk),
        "at": cell_of(view, at),
        "label": label,
        "words": _words(),
        "colours": {"signed": SIGNED, "self": ORANGE, "dark": BLACK, "light": WHITE},
        "fill": fill,
    }
    _mount(key=key, data=data, on_pick_change=picked, on_edit_change=edited)


def place(plane: str, row: int, column: int) -> str:
    """A cell as it stands in an address."""
    return f"{plane},{row},{column}"


def cell_of(view: LinkedView, at: str) -> list[Any] | None:
    """A cell of an address as the browser counts it; None for none."""
    key, *numbers = at.split(",")
    if len(numbers) != 2 or not all(text.isascii() and text.isdigit() and len(text) < 4 for text in numbers):
        return None
    row, column = map(int, numbers)
    plane = next((plane for plane in view.planes if plane.key == key), None)
    if plane is None or row >= plane.rows or column >= plane.columns:
        return None
    return [key, row * plane.columns + column]


def packed(step: LinkedStep) -> dict[str, Any]:
    """A step with its taps as 16-bit numbers: a window of 7 x 7 on 16 x 16 cells has 12,544 taps."""
    return asdict(step) | {"taps": b64encode(array("h", chain.from_iterable(step.taps)).tobytes()).decode()}


def _words() -> dict[str, str]:
    same = {name: f"{{{name}}}" for name in ("cell", "value", "count", "inputs", "step", "of")}
    cell, value, count = same["cell"], same["value"], same["count"]
    return {
        "play": t("linked.play"),
        "pause": t("linked.pause"),
        "scrub": t("linked.scrub"),
        "speed": t("linked.speed"),
        "bias": t("linked.bias"),
        "times": "∗",
        "help": t("linked.help"),
        "step": t("linked.step", step=same["step"], of=same["of"]),
        "sum": t("linked.sum", cell=cell, value=value, count=count),
        "mean": t("linked.mean", cell=cell, value=value, count=count),
        "max": t("linked.max", cell=cell, value=value, count=count),
        "feeds": t("linked.feeds", cell=cell, value=value, count=count),
        "weighs": t("linked.weighs", cell=cell, value=value, inputs=same["inputs"], count=count),
        "alone": t("linked.alone", cell=cell, value=value),
    }


def read_pick(sent: Any, view: LinkedView) -> tuple[str, int, int] | None:
    """Validate the cell that the browser sent: (plane, row, column); None if it is not one."""
    cell = sent.get("pick") if hasattr(sent, "get") else None
    if not isinstance(cell, list) or len(cell) != 3 or not all(type(value) is int for value in cell[1:]):
        return None
    key, row, column = cell
    plane = _plane(view, key)
    return (plane.key, row, column) if plane and 0 <= row < plane.rows and 0 <= column < plane.columns else None


def read_edit(sent: Any, view: LinkedView) -> tuple[str, Rows] | None:
    """Validate numbers that were typed or pasted: (plane, rows of finite numbers); None if they are not that."""
    typed = sent.get("edit") if hasattr(sent, "get") else None
    if not isinstance(typed, dict) or not (plane := _plane(view, typed.get("plane"))) or not plane.editable:
        return None
    rows = typed.get("rows")
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST or not all(map(_is_row, rows)):
        return None
    return (plane.key, tuple(map(tuple, rows))) if len({len(row) for row in rows}) == 1 else None


def _is_row(row: Any) -> bool:
    return isinstance(row, list) and 0 < len(row) <= MOST and all(map(_is_number, row))


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value) and abs(value) < 1e6


def _plane(view: LinkedView, key: Any) -> Plane | None:
    return next((plane for plane in view.planes if plane.key == key), None)
