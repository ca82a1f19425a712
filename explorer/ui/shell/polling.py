"""The one way to wait for what goes on elsewhere: a run, a task, a download."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.ui.shell import state
from explorer.ui.shell.boundary import fragment


def watch(
    name: str,
    draw: Callable[[], bool],
    *,
    seconds: float,
    at_first: bool,
    settled: Callable[[], None] = lambda: None,
) -> None:
    """Call `draw` now, and again every `seconds` for as long as it returns true.

    The page is run once more when that changes; what starts things need not say so. `at_first` is whether to begin
    with a timer. `settled` is called after a drawing that the page is not run again for.
    """
    timed = state.get(f"_ticks.{name}", at_first)

    def tick() -> None:
        goes_on = draw()
        if goes_on != timed:
            state.put(f"_ticks.{name}", goes_on)
            st.rerun()  # registers the fragment anew, with or without its timer
        settled()

    fragment(tick, run_every=seconds if timed else None)


def bars(progress: Sequence[tuple[str, float, str]], across: int = 1) -> None:
    """Progress bars, `across` in a row, of (name or "", share from 0 to 1, text)."""
    for start in range(0, len(progress), across):
        row = progress[start : start + across]
        for column, (name, share, words) in zip(st.columns(across, gap="medium"), row, strict=False):
            column.progress(min(max(share, 0.0), 1.0), f"**{name}** · {words}" if name else words)
