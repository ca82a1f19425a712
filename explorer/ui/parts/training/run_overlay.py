"""Chosen runs laid over each other: how they stand, one measure of all, and what their gradients looked like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.figures import palette, runs as figures
from explorer.figures.runs import Curve
from explorer.records import TrainConfig
from explorer.ui.parts.training import run_words as words
from explorer.ui.parts.training.run_table import table
from explorer.ui.parts.training.runs import STATE, RunRow, listing, pick_changed
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.polling import bars
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs, run_controls

MOST = 16
"""Curves in one figure: beyond, nobody tells them apart."""

_LINE = 20  # pixels that a name takes in a legend


def show(entries: Sequence[RunRow], shown: Sequence[str], chosen: Sequence[str]) -> None:
    """The table and the curves of what is chosen there, drawn anew every second while any run is open."""
    drawn = [entry.signature for entry in entries]

    def draw() -> bool:
        present = listing()
        if pick_changed(chosen) or [entry.signature for entry in present] != drawn:
            st.rerun()  # the filters above and the buttons below depend on it
        by_id = {entry.id: entry for entry in present}
        left, right = st.columns([5, 6], gap="medium")
        with left:
            table([by_id[run_id] for run_id in shown], chosen)
        with right:
            _figures([by_id[run_id] for run_id in chosen])
        return any(entry.is_open for entry in present)

    run_controls.live(draw)


def _figures(chosen: Sequence[RunRow]) -> None:
    if not chosen:
        st.info(t("runs.choose"), icon=":material/checklist:")
        return
    names = words.names([entry.published_config for entry in chosen])
    _standing(chosen, names)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        measure = inputs.select(STATE.measure, figures.MEASURES, lambda code: t(f"lab.{code}"))
    with right:
        logarithmic = inputs.toggle(STATE.logarithmic)
    if len(chosen) > MOST:
        st.caption(t("runs.too_many", most=MOST))
    styles = _styles([entry.config for entry in chosen[:MOST]])
    curves = [
        Curve(name, colour, entry.points, dashed=dashed)
        for entry, name, (colour, dashed) in zip(chosen, names, styles, strict=False)
    ]
    probed = [curve for curve in curves if any(point.gradient_norms for point in curve.points)]
    _curves(curves, measure, logarithmic, max(entry.config.steps for entry in chosen[:MOST]))
    if probed:
        _profile(probed)


def _styles(configs: Sequence[TrainConfig]) -> list[tuple[str, bool]]:
    """A colour for each run, and whether its line is dashed; no two alike.

    Plain and residual networks look as on their own page: by kind, and dashed where a deeper one stands beside them.
    """
    from explorer.training.history import depth_and_skips, is_compared

    kinds = [depth_and_skips(config) if is_compared(config) else None for config in configs]
    deepest = max((kind[0] for kind in kinds if kind), default=0)
    free = [(colour, dashed) for dashed in (False, True) for colour in palette.CYCLE]
    found: list[tuple[str, bool]] = []
    for kind in kinds:
        if kind:
            wanted = (palette.RESIDUAL if kind[1] else palette.PLAIN, kind[0] < deepest)
        taken = not kind or wanted not in free
        own = [style for style in free if style[0] not in (palette.PLAIN, palette.RESIDUAL)] if any(kinds) else free
        style = (own or free)[0] if taken else wanted
        free.remove(style)
        found.append(style)
    return found


def _curves(curves: Sequence[Curve], measure: str, logarithmic: bool, steps: int) -> None:
    from explorer.training import train
    from explorer.training.history import final

    labels, theme, title = _labels(), layout.theme(), t(f"lab.{measure}")
    option = figures.learning_curves(
        curves, measure, theme=theme, labels=labels, steps=steps, logarithmic=logarithmic, title=title
    )
    ends = {curve.name: final(curve.points, measure) for curve in curves}
    names = listed(name if end is None else f"{name} ({end:.4g})" for name, end in ends.items())
    sentence = t("runs.curves_alt", measure=title, names=names)
    rows = partial(words.by_step, curves, (measure,))
    _show(Exhibit("runs-curves", option, sentence, rows=rows, code=(train,)), len(curves))


def _profile(curves: Sequence[Curve]) -> None:
    from explorer.training.probing import gradient_norms

    title = t("runs.profile")
    option = figures.gradient_profile(curves, theme=layout.theme(), labels=_labels(), last=True, title=title)
    sentence = t("runs.curves_alt", measure=title, names=listed(curve.name for curve in curves))
    rows = partial(words.by_layer, curves, last=True)
    _show(Exhibit("runs-profile", option, sentence, rows=rows, code=(gradient_norms,)), len(curves))


def _labels() -> dict[str, str]:
    return {name: t(f"lab.{name}") for name in (*figures.MEASURES, "step", "gradient_norm")} | {"layer": t("lab.place")}


def _show(figure: Exhibit, names: int) -> None:
    """A figure with one line of its legend for each name: long names side by side would lie on the curves."""
    figure.drawing["legend"] |= {"orient": "vertical", "itemGap": 6}
    figure.drawing["grid"]["top"] = 34 + _LINE * names
    exhibit.show(replace(figure, height=figure.height + _LINE * names))


def _standing(chosen: Sequence[RunRow], names: Sequence[str]) -> None:
    """Progress of open runs, and why others did not finish."""
    named = list(zip(names, (entry.run for entry in chosen), strict=True))
    bars([(name, *run_controls.progress(run)) for name, run in named if run and run.is_open], across=2)
    for name, run in named:
        if run and run.reason and not run.is_open:
            detail = run.detail.replace("`", "'") or "–"
            st.warning(f"**{name}** · " + t(f"runs.reason_{run.reason}", detail=detail), icon=":material/error:")
