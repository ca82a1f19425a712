"""A finger on a figure: drawn over it, it scrolls the page; a tap is a click."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "convnet_atlas_touch",
    html="<span></span>\n<!-- nothing to see -->",
    js=(_HERE / "touch.js").read_text(encoding="utf-8"),
)


def watch() -> None:
    """Keep the beginning of every touch from figures, for as long as the page is open."""
    _mount(key="_touch")
