"""Words and small things that several parts of the page share."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.arithmetic.powers import scientific
from explorer.ui.shell.words import t


def number(value: float) -> str:
    """Three significant digits; a power of ten where it is far from 1."""
    if value == 0:
        return "0"
    if 1e-3 <= value < 1e5:
        return f"{value:.3g}" if value < 1e3 else f"{value:,.0f}"
    return scientific(f"{value:.1e}")


def code(written: Callable[[], str]) -> None:
    """PyTorch code that computes what is shown, behind a button; it is written when that is opened."""
    with st.expander(t("residual.code"), icon=":material/code:", on_change="rerun") as opened:
        if opened.open:
            st.code(written(), language="python")
