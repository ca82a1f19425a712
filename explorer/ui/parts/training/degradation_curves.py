"""Plain and residual networks as curves: their errors, what reaches their first layers, and all of it as a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from explorer.figures import runs as figures
from explorer.figures.runs import Curve
from explorer.ui.cached import training as cached_training
from explorer.ui.parts.training import run_words
from explorer.ui.parts.training.compared import Shown, ghosts, labels as words, untrained
from explorer.ui.parts.training.degradation_gradients import gradients
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import sentences, t

_ERRORS = ("train_error", "test_error")
_PAGE = "degradation"


def show(shown: Sequence[Shown], key: str, about: str) -> None:
    """Error curves, what to look at, gradients, and all of it as a table. (`shown` is ordered by depth.)

    `about` says which runs these are: those of before stay as ghosts behind them.
    """
    curves = [Curve(each.name, each.colour, each.points, dashed=each.depth < shown[-1].depth) for each in shown]
    _errors(shown, curves, key, ghosts(_PAGE, about, curves))
    gradients(shown, curves, key)
    _table(shown)


# --- errors -----------------------------------------------------------------------------------------------------------


def _errors(shown: Sequence[Shown], curves: Sequence[Curve], key: str, before: Sequence[Curve]) -> None:
    from explorer.training.history import verdict

    theme, labels, sentence = layout.theme(), words(), _verdict(shown)
    steps = max(each.config.steps for each in shown)
    st.markdown(sentence)
    rows, drawn = partial(run_words.by_step, curves, _ERRORS), []
    for measure in _ERRORS:
        title = t(f"degradation.{measure}")
        option = figures.learning_curves(
            [*before, *curves], measure, theme=theme, labels=labels, steps=steps, title=title
        )
        drawn.append(Exhibit(f"{key}-{measure}", option, sentence, rows=rows, code=(verdict,), height=320))
    exhibit.side_by_side(drawn)


def show_untrained(seconds: float | None) -> None:
    """Where nothing was recorded: what was shown before, pale, and what training would take."""
    st.info(untrained(seconds), icon=":material/hourglass_empty:")
    before = ghosts(_PAGE, "", ())
    if before:
        theme, labels, title = layout.theme(), words(), t("degradation.train_error")
        option = figures.learning_curves(before, _ERRORS[0], theme=theme, labels=labels, title=title)
        exhibit.show(Exhibit("untrained", option, t("lab.before"), note=t("lab.before"), height=320), details=False)


def _verdict(shown: Sequence[Shown]) -> str:
    """The verdict on the curves with its numbers; before it, what to expect, then how far the runs are."""
    from explorer.training import history

    if lost := [(each.name, each.points[-1].step) for each in shown if each.diverged and each.points]:
        return sentences(*(t("degradation.diverged", name=name, step=step) for name, step in lost))
    classes = cached_training.classes_of(shown[0].config.dataset) if shown else None
    found = history.verdict([(each.config, each.points) for each in shown], classes)
    if found is not None:
        numbers = {name: f"{getattr(found, name):.1f}" for name in ("plain", "residual", "shallow")}
        if any(each.points[-1].step < each.config.steps for each in shown if each.points):
            plain, residual, shallow = (f"{error:.1f}" for error in (found.plain, found.residual, found.shallow))
            return t(
                "degradation.so_far",
                deep=found.deep,
                low=found.low,
                plain=plain,
                residual=residual,
                shallow=shallow,
            )
        return t(f"degradation.verdict_{found.kind}", deep=found.deep, low=found.low, **numbers)
    steps = [t("degradation.at_step", name=each.name, step=each.points[-1].step) for each in shown if each.points]
    return t("degradation.begun", steps=" · ".join(steps)) if steps else t("degradation.waiting")


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
