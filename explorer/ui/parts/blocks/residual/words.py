"""Words and small things that several parts of the page share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


def drawn_table(key: str, drawing: str, rows: Sequence[Mapping[str, object]]) -> Callable[[], None]:
    """What stands behind the button of a drawing: its numbers, and the drawing as a file."""

    def draw() -> None:
        from explorer.figures.svg import file_of

        st.dataframe(rows, hide_index=True)
        label, name = t("residual.download"), f"{key}.svg"
        st.download_button(label, lambda: file_of(drawing), name, "image/svg+xml", key=f"{key}-svg", on_click="ignore")

    return draw


def code(written: Callable[[], str]) -> None:
    """PyTorch code that computes what is shown, behind a button; it is written when that is opened."""
    with st.expander(t("residual.code"), icon=":material/code:", on_change="rerun") as opened:
        if opened.open:
            st.code(written(), language="python")
