"""A pad to draw a digit on with mouse, pen or finger. Everything happens in the browser until the pen is lifted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from explorer.errors import BadImage
from explorer.ui.shell.words import t

SIDE = 28

_HERE = Path(__file__).parent
_HTML = """<div class="pad">
  <canvas width="280" height="280" role="img"></canvas>
  <button type="button"></button>
</div>"""
_mount = st.components.v2.component(
    "convnet_atlas_pad",
    html=_HTML,
    css=(_HERE / "pad.css").read_text(encoding="utf-8"),
    js=(_HERE / "pad.js").read_text(encoding="utf-8"),
)


def pad(key: str) -> bytes:
    """The drawing as 784 grey values, row by row, black 0; empty where nothing is drawn. Raises `BadImage`."""
    words = {"label": t("pad.label"), "clear": t("pad.clear")}
    return read(_mount(key=key, data=words, on_pixels_change=_nothing).get("pixels"))


def _nothing() -> None:
    """A component keeps a value only if a callback is registered for it."""


def read(sent: Any) -> bytes:
    """Validate what the browser sent: 784 whole numbers from 0 to 255. Raises `BadImage`."""
    if sent is None or sent == []:
        return b""
    if not isinstance(sent, list) or len(sent) != SIDE * SIDE:
        raise BadImage(f"A drawing has {SIDE * SIDE} grey values.")
    if not all(type(value) in (int, float) and 0 <= value <= 255 and value == int(value) for value in sent):
        raise BadImage("A drawing is made of whole numbers from 0 to 255.")
    drawn = bytes(int(value) for value in sent)
    return drawn if any(drawn) else b""
