"""What reaches the layers of plain and residual networks: gradients by layer and step, and the first layer's way."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from explorer.figures import runs as figures
from explorer.figures.runs import Curve
from explorer.records import TrainPoint
from explorer.ui.parts.training import run_words
from explorer.ui.parts.training.compared import Shown, labels as words
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, sentences, t

if TYPE_CHECKING:
    from explorer.training.history import FirstLayer


def gradients(shown: Sequence[Shown], curves: Sequence[Curve], key: str) -> None:
    """Gradients at the first step and over all; then where the first layer went."""
    from explorer.training.probing import gradient_norms

    layout.section(t("degradation.gradients"), t("degradation.gradients_note"))
    theme, labels, sentence = layout.theme(), words(), _ratios(shown)
    title, placed = t("degradation.profile"), {**labels, "layer": t("lab.place")}
    profile = figures.gradient_profile(curves, theme=theme, labels=placed, title=title)
    rows, code = partial(run_words.by_layer, curves), (gradient_norms,)
    exhibit.show(Exhibit(f"{key}-profile", profile, sentence, rows=rows, code=code, note=sentence))
    deepest = {each.residual: curve for each, curve in zip(shown, curves, strict=True) if not curve.dashed}
    limits = figures.exponents(deepest.values())
    for column, residual in zip(st.columns(2, gap="medium"), sorted(deepest), strict=False):
        curve, name = deepest[residual], f"{key}-map-{'residual' if residual else 'plain'}"
        title = t("degradation.map", name=curve.name)
        option = figures.gradient_map(curve, theme=theme, labels=labels, limits=limits, title=title)
        with column:
            rows = partial(run_words.by_probe, curve)
            exhibit.show(Exhibit(name, option, _range(title, curve.points), rows=rows, code=code))
    _first_layer(shown, curves, key)


def _first_layer(shown: Sequence[Shown], curves: Sequence[Curve], key: str) -> None:
    """The first layer's weights and their gradient over the steps; nothing for runs whose weights were not probed."""
    from explorer.training.history import first_layer
    from explorer.training.probing import gradient_norms, weight_norms

    found = {each.name: first_layer(each.points) for each in shown if each.depth == shown[-1].depth}
    told = [_moved(name, *both) for name, both in found.items() if both]
    if not told:
        return
    theme, labels, sentence, drawn = layout.theme(), words(), sentences(*told), []
    steps = max(each.config.steps for each in shown)
    rows = partial(run_words.by_step, curves, tuple(figures.FIRST_LAYER))
    for measure in figures.FIRST_LAYER:
        title = t(f"degradation.{measure}")
        option = figures.learning_curves(
            curves, measure, theme=theme, labels=labels, steps=steps, logarithmic=True, title=title
        )
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(weight_norms, gradient_norms)))
    exhibit.side_by_side(drawn)
    st.caption(sentence)


def _moved(name: str, start: FirstLayer, end: FirstLayer) -> str:
    """How the first layer of a network moved, in words."""
    first, last, weight, moved = start.step, end.step, _plainly(start.weight), _plainly(end.weight)
    if start.gradient == end.gradient == 0:
        return t("degradation.first_layer_still", name=name, first=first, last=last, weight=weight, weight_after=moved)
    return t(
        "degradation.first_layer",
        name=name,
        first=first,
        last=last,
        weight=weight,
        weight_after=moved,
        gradient=_plainly(start.gradient),
        gradient_after=_plainly(end.gradient),
        ratio_after=_plainly(end.ratio),
    )


def _ratios(shown: Sequence[Shown]) -> str:
    """The ratio of the first layer's gradient norm to the last layer's, in words."""
    from explorer.training.history import gradient_ratio

    found = [(each.name, gradient_ratio(each.points)) for each in shown]
    parts = [t("degradation.ratio", name=name, ratio=_plainly(ratio)) for name, ratio in found if ratio is not None]
    return t("degradation.gradient_sentence", ratios=listed(parts)) if parts else t("degradation.no_gradients")


def _range(title: str, points: Sequence[TrainPoint]) -> str:
    from explorer.training.history import gradient_range

    if (limits := gradient_range(points)) is None:
        return title
    low, high = map(_plainly, limits)
    return t("degradation.range", title=title, low=low, high=high)


def _plainly(value: float) -> str:
    """Three significant digits, in plain notation where possible."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
