"""Notice a change of theme while a page is open: Streamlit restyles its own parts, figures are drawn anew."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.ui.shell import session

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "convnet_atlas_daylight",
    html="<span></span>\n<!-- nothing to see -->",
    js=(_HERE / "theme_watch.js").read_text(encoding="utf-8"),
)


def watch() -> None:
    """Rerun the page when the browser's theme differs from the one its figures were drawn for."""
    _mount(key="_daylight", data={"dark": session.dark()}, on_dark_change=_nothing)


def _nothing() -> None:
    """A component keeps a value only if a callback is registered for it; the rerun reads the theme from Streamlit."""
