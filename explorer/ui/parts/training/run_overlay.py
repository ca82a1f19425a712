"""Chosen runs laid over each other: how they stand, one measure of all, and what their gradients looked like."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.figures import palette
from explorer.figures import runs as figures
from explorer.figures.runs import Curve
from explorer.ui.parts.training import run_words as words
from explorer.ui.parts.training.runs import Entry, listing, pick_changed, table
from explorer.ui.shell import layout
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import run_controls

MOST = 16
"""Curves in one figure: beyond, nobody tells them apart."""

_LINE = 20  # pixels that a name takes in a legend


def show(entries: Sequence[Entry], shown: Sequence[str], chosen: Sequence[str]) -> None:
    """The table and the curves of what is chosen there, drawn anew every second while any run is open."""
    drawn = [entry.signature for entry in entries]

    def draw() -> bool:
        present = listing()
        if pick_changed(chosen) or [entry.signature for entry in present] != drawn:
            st.rerun()  # the filters above and the buttons below depend on it
        by_id = {entry.id: entry for entry in present}
        table([by_id[run_id] for run_id in shown], chosen)
        _figures([by_id[run_id] for run_id in chosen])
        return any(entry.is_open for entry in present)

    run_controls.live(draw)


def _figures(chosen: Sequence[Entry]) -> None:
    if not chosen:
        st.info(t("runs.choose"), icon=":material/checklist:")
        return
    names = words.names([entry.config for entry in chosen])
    _standing(chosen, names)
    left, right = st.columns([5, 2], vertical_alignment="bottom")
    with left:
        measure = controls.named_choice("measure", figures.MEASURES, lambda code: t(f"lab.{code}"))
    with right:
        logarithmic = controls.switch("log", False)
    if len(chosen) > MOST:
        st.caption(t("runs.too_many", most=MOST))
    curves = [
        Curve(name, palette.CYCLE[index % len(palette.CYCLE)], entry.points, dashed=index >= len(palette.CYCLE))
        for index, (entry, name) in enumerate(zip(chosen[:MOST], names, strict=False))
    ]
    _curves(curves, measure, logarithmic, max(entry.config.steps for entry in chosen[:MOST]))


def _curves(curves: Sequence[Curve], measure: str, logarithmic: bool, steps: int) -> None:
    theme = layout.theme()
    texts = {name: t(f"lab.{name}") for name in (*figures.MEASURES, "step", "gradient_norm")}
    probed = [curve for curve in curves if any(point.gradient_norms for point in curve.points)]
    names = ", ".join(curve.name for curve in curves)
    left, right = st.columns([3, 2], gap="medium") if probed else (st.container(), None)
    with left:
        option = figures.learning_curves(
            curves, measure, theme=theme, words=texts, steps=steps, logarithmic=logarithmic, title=texts[measure]
        )
        _draw(option, "runs-curves", t("runs.curves_alt", measure=texts[measure], names=names), len(curves))
    if right is not None:
        with right:
            told = {**texts, "layer": t("lab.place")}
            option = figures.gradient_profile(probed, theme=theme, words=told, last=True, title=t("runs.profile"))
            _draw(option, "runs-profile", t("runs.curves_alt", measure=t("runs.profile"), names=names), len(curves))


def _draw(option: dict, key: str, alt: str, names: int) -> None:
    """A figure with one line of its legend for each name: long names side by side would lie on the curves."""
    option["legend"] |= {"orient": "vertical", "itemGap": 6}
    option["grid"]["top"] = 34 + _LINE * names
    layout.echart(option, key, alt, 300 + _LINE * names)


def _standing(chosen: Sequence[Entry], names: Sequence[str]) -> None:
    """How far the open ones are, and why others did not reach their end."""
    bars = [(entry, name) for entry, name in zip(chosen, names, strict=True) if entry.is_open]
    for start in range(0, len(bars), 2):
        for column, (entry, name) in zip(st.columns(2, gap="medium"), bars[start : start + 2], strict=False):
            share, said = run_controls.progress(entry.run)
            column.progress(min(share, 1.0), f"**{name}** · {said}")
    for entry, name in zip(chosen, names, strict=True):
        if entry.run and entry.run.reason and not entry.is_open:
            detail = entry.run.detail.replace("`", "'") or "–"
            st.warning(f"**{name}** · " + t(f"runs.reason_{entry.run.reason}", detail=detail), icon=":material/error:")
