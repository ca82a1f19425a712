"""What opens when it is clicked: points of figures that carry `figures.clickable.opens`, and HTML with `data-opens`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.ui.shell import state

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "convnet_atlas_opening",
    html="<span></span>\n<!-- nothing to see -->",
    js=(_HERE / "opening.js").read_text(encoding="utf-8"),
)


def listen(opened: Callable[[int], None], *, key: str) -> None:
    """`opened(number)` is called as a callback when something on the page is clicked that opens an operation.

    The fragment that listens is what runs then. Numbers count from 1; which there are is for `opened` to know.
    """

    def clicked() -> None:
        if (number := read(state.get(key, None))) is not None:
            opened(number)

    with st.container(key="opening"):  # takes no room
        _mount(key=key, on_opened_change=clicked)


def read(sent: Any) -> int | None:
    """Validate the number that the browser sent; None if it is not one."""
    number = sent.get("opened") if hasattr(sent, "get") else None
    return number if type(number) is int and number > 0 else None
