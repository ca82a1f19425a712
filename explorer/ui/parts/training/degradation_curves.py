"""Plain and residual networks as curves: their errors, what reaches their first layers, and all of it as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from explorer.figures import palette, runs as figures
from explorer.figures.runs import Curve
from explorer.records import TrainConfig, TrainingRun, TrainPoint
from explorer.ui.parts.training import curve_rows
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t

if TYPE_CHECKING:
    from explorer.training.history import FirstLayer

_ERRORS = ("train_error", "test_error")


@dataclass(frozen=True, slots=True)
class Shown:
    """A network as this page shows it: a name that no other has, its weight layers; `run` is None if recorded."""

    name: str
    depth: int
    residual: bool
    config: TrainConfig
    points: Sequence[TrainPoint]
    run: TrainingRun | None

    @property
    def colour(self) -> str:
        """Of its curve: what is plain, and what is residual."""
        return palette.RESIDUAL if self.residual else palette.PLAIN


def labelled(runs: Sequence[tuple[TrainConfig, Sequence[TrainPoint], TrainingRun | None]]) -> list[Shown]:
    """Runs by depth, with their names: Plain-56, Residual-20; those of one depth and kind are numbered."""
    from explorer.training.history import depth_and_skips

    kinded = sorted(((depth_and_skips(run[0]), run) for run in runs), key=lambda pair: pair[0])
    kinds = [kind for kind, _ in kinded]
    shown = []
    for index, ((depth, residual), run) in enumerate(kinded):
        name = t("lab.residual" if residual else "lab.plain", depth=depth)
        twins, number = kinds.count((depth, residual)), kinds[: index + 1].count((depth, residual))
        shown.append(Shown(f"{name} #{number}" if twins > 1 else name, depth, residual, *run))
    return shown


def show(shown: Sequence[Shown], key: str) -> None:
    """Error curves, what to look at, gradients, and all of it as a table. (`shown` is ordered by depth.)"""
    curves = [Curve(each.name, each.colour, each.points, dashed=each.depth < shown[-1].depth) for each in shown]
    _errors(shown, curves, key)
    _gradients(shown, curves, key)
    _table(shown)


def _labels() -> dict[str, str]:
    names = (*figures.MEASURES, *figures.FIRST_LAYER, "step", "layer", "gradient_norm")
    return {name: t(f"lab.{name}") for name in names}


# --- errors -----------------------------------------------------------------------------------------------------------


def _errors(shown: Sequence[Shown], curves: Sequence[Curve], key: str) -> None:
    from explorer.training.history import verdict

    theme, labels, sentence = layout.theme(), _labels(), _verdict(shown)
    steps = max(each.config.steps for each in shown)
    st.markdown(sentence)
    rows, drawn = partial(curve_rows.by_step, curves, _ERRORS), []
    for measure in _ERRORS:
        title = t(f"degradation.{measure}")
        option = figures.learning_curves(curves, measure, theme=theme, labels=labels, steps=steps, title=title)
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(verdict,), height=320))
    exhibit.side_by_side(drawn)


def _verdict(shown: Sequence[Shown]) -> str:
    """The verdict on the curves with its numbers; before it, what to expect, then how far the runs are."""
    from explorer.training import history

    found = history.verdict([(each.config, each.points) for each in shown])
    if found is not None:
        numbers = {name: f"{getattr(found, name):.1f}" for name in ("plain", "residual", "shallow")}
        return t(f"degradation.verdict_{found.kind}", deep=found.deep, low=found.low, **numbers)
    steps = [t("degradation.at_step", name=each.name, step=each.points[-1].step) for each in shown if each.points]
    return t("degradation.begun", steps=" · ".join(steps)) if steps else t("degradation.waiting")


# --- gradients --------------------------------------------------------------------------------------------------------


def _gradients(shown: Sequence[Shown], curves: Sequence[Curve], key: str) -> None:
    from explorer.training.probing import gradient_norms

    layout.section(t("degradation.gradients"), t("degradation.gradients_note"))
    theme, labels, sentence = layout.theme(), _labels(), _ratios(shown)
    title, placed = t("degradation.profile"), {**labels, "layer": t("lab.place")}
    profile = figures.gradient_profile(curves, theme=theme, labels=placed, title=title)
    rows, code = partial(curve_rows.by_layer, curves), (gradient_norms,)
    exhibit.show(Exhibit(f"{key}-profile", profile, sentence, rows=rows, code=code, note=sentence))
    deepest = {each.residual: curve for each, curve in zip(shown, curves, strict=True) if not curve.dashed}
    limits = figures.exponents(deepest.values())
    for column, residual in zip(st.columns(2, gap="medium"), sorted(deepest), strict=False):
        curve, name = deepest[residual], f"{key}-map-{'residual' if residual else 'plain'}"
        title = t("degradation.map", name=curve.name)
        option = figures.gradient_map(curve, theme=theme, labels=labels, limits=limits, title=title)
        with column:
            rows = partial(curve_rows.by_probe, curve)
            exhibit.show(Exhibit(name, option, _range(title, curve.points), rows=rows, code=code))
    _first_layer(shown, curves, key)


def _first_layer(shown: Sequence[Shown], curves: Sequence[Curve], key: str) -> None:
    """The first layer's weights and their gradient over the steps; nothing for runs whose weights were not probed."""
    from explorer.training.history import first_layer
    from explorer.training.probing import weight_norms

    found = {each.name: first_layer(each.points) for each in shown if each.depth == shown[-1].depth}
    told = [_moved(name, *both) for name, both in found.items() if both]
    if not told:
        return
    theme, labels, sentence, drawn = layout.theme(), _labels(), " ".join(told), []
    steps = max(each.config.steps for each in shown)
    rows = partial(curve_rows.by_step, curves, tuple(figures.FIRST_LAYER))
    for measure in figures.FIRST_LAYER:
        title = t(f"degradation.{measure}")
        option = figures.learning_curves(
            curves, measure, theme=theme, labels=labels, steps=steps, logarithmic=True, title=title
        )
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(weight_norms,)))
    exhibit.side_by_side(drawn)
    st.caption(sentence)


def _moved(name: str, start: FirstLayer, end: FirstLayer) -> str:
    """How the first layer of a network moved, in words."""
    weights, gradients = ([_plainly(getattr(at, what)) for at in (start, end)] for what in ("weight", "gradient"))
    return t(
        "degradation.first_layer",
        name=name,
        first=start.step,
        last=end.step,
        weight=weights[0],
        weight_after=weights[1],
        gradient=gradients[0],
        gradient_after=gradients[1],
        ratio_after=_plainly(end.ratio),
    )


def _ratios(shown: Sequence[Shown]) -> str:
    """The ratio of the first layer's gradient norm to the last layer's, in words."""
    from explorer.training.history import gradient_ratio

    found = [(each.name, gradient_ratio(each.points)) for each in shown]
    parts = [t("degradation.ratio", name=name, ratio=_plainly(ratio)) for name, ratio in found if ratio is not None]
    return t("degradation.gradient_sentence", ratios=", ".join(parts)) if parts else t("degradation.no_gradients")


def _range(title: str, points: Sequence[TrainPoint]) -> str:
    from explorer.training.history import gradient_range

    if (limits := gradient_range(points)) is None:
        return title
    low, high = map(_plainly, limits)
    return t("degradation.range", title=title, low=low, high=high)


def _plainly(value: float) -> str:
    """Three significant digits, in plain notation where possible."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


# --- in numbers -------------------------------------------------------------------------------------------------------


def _table(shown: Sequence[Shown]) -> None:
    from explorer.training.history import final

    formats = {"train_error": "%.2f", "test_error": "%.2f", "train_loss": "%.4f", "test_loss": "%.4f"}
    rows = [
        {"network": each.name, "step": each.points[-1].step if each.points else 0}
        | {measure: final(each.points, measure) for measure in formats}
        | {"seconds": each.points[-1].seconds if each.points else None}
        for each in shown
    ]
    number = st.column_config.NumberColumn
    columns: dict[str, Any] = {"network": t("column.network"), "step": t("lab.step")}
    columns |= {measure: number(t(f"lab.{measure}"), format=form) for measure, form in formats.items()}
    columns["seconds"] = number(t("lab.seconds"), format="%.1f")
    st.dataframe(rows, column_config=columns, hide_index=True, placeholder="–")
