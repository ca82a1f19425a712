"""A part of a page that looks again by itself for as long as something goes on elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.ui.shell import state


def ticking(
    name: str,
    draw: Callable[[], bool],
    *,
    seconds: float,
    at_first: bool,
    settled: Callable[[], None] = lambda: None,
) -> None:
    """Call `draw` now, and again every so many `seconds` for as long as it returns true.

    What starts things need not say so: a drawing that finds the timer unfit runs the page once more. `at_first` is
    whether to start with a timer. `settled` is called after a drawing that the page is not run again for.
    """
    timed = state.get(f"_ticks.{name}", at_first)

    @st.fragment(run_every=seconds if timed else None)
    def tick() -> None:
        goes_on = draw()
        if goes_on != timed:
            state.put(f"_ticks.{name}", goes_on)
            st.rerun()  # registers the fragment anew, with or without its timer
        settled()

    tick()
