"""The parts of the page that trains plain and residual networks side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from explorer.figures import palette
from explorer.figures import runs as figures
from explorer.figures.runs import Curve
from explorer.figures.theme import Theme
from explorer.records import TrainConfig, TrainingRun, TrainPoint
from explorer.ui.cached import runs as cached_runs
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import run_controls
from explorer.weights import recorded

DEPTHS = (8, 14, 20, 26, 32, 38, 44, 50, 56)
RATES = (0.003, 0.01, 0.03, 0.05, 0.1)
STEPS = (60, 100, 200, 400, 800)
PRESETS, CIFAR_DEPTHS = ("digits", "cifar-fast", "cifar-he"), (20, 32, 44, 56, 110)


@dataclass(frozen=True, slots=True)
class Shown:
    """A run as this page shows it; `run` is None for a recorded one."""

    config: TrainConfig
    points: Sequence[TrainPoint]
    run: TrainingRun | None = None

    @property
    def _depth_and_skips(self) -> tuple[int, bool]:
        from explorer.training import history

        return history.depth_and_skips(self.config)

    @property
    def depth(self) -> int:
        """Weight layers."""
        return self._depth_and_skips[0]

    @property
    def residual(self) -> bool:
        """Whether the skips are there."""
        return self._depth_and_skips[1]

    @property
    def name(self) -> str:
        """Plain-56, Residual-20."""
        return t("lab.residual" if self.residual else "lab.plain", depth=self.depth)


def recipe() -> tuple[TrainConfig, ...]:
    """The four configurations that the controls ask for: small ones, or on a GPU the paper's."""
    if cached_runs.has_cuda() and (preset := controls.choice("preset", PRESETS, PRESETS[0])) != "digits":
        return _on_cifar(preset)
    return _on_a_laptop()


def _on_cifar(preset: str) -> tuple[TrainConfig, ...]:
    """He et al.'s networks on CIFAR-10, with their recipe or a fast one."""
    from explorer.training.presets import FAST, HE, cifar

    shallow, deep = st.columns(2)
    with shallow:
        low = controls.one_number("shallow-cifar", CIFAR_DEPTHS, 20)
    with deep:
        high = controls.one_number("deep-cifar", CIFAR_DEPTHS, 56)
    config = HE if preset == "cifar-he" else FAST
    return cifar(config, (min(low, high), max(low, high)))


def _on_a_laptop() -> tuple[TrainConfig, ...]:
    from explorer.training.presets import DIGITS, degradation

    shallow, deep, steps, more = st.columns([3, 3, 3, 4], vertical_alignment="bottom")
    with shallow:
        low = controls.one_number("shallow", DEPTHS, 20)
    with deep:
        high = controls.one_number("deep", DEPTHS, 56)
    with steps:
        count = controls.one_number("steps", STEPS, 200)
    with more, st.popover(t("degradation.recipe"), icon=":material/tune:", width="stretch"):
        changes = _recipe_details()
    options = (("base", changes.pop("base")), ("norm", changes.pop("norm")), ("strength", changes.pop("strength")))
    config = replace(DIGITS, steps=count, options=options, eval_every=max(count // 8, 5), **changes)
    return degradation(config, (min(low, high), max(low, high)))


def _recipe_details() -> dict[str, Any]:
    data = controls.choice("data", ("digits", "shapes"), "digits")
    base = controls.one_number("base", (4, 8, 16), 8)
    lr = controls.one_number("lr", RATES, 0.05)
    init = controls.choice("init", ("he", "dirac", "torch"), "he")
    norm = controls.switch("norm", True)
    strength = controls.slide("strength", 0.0, 2.0, 0.25, 1.0)
    seed = controls.whole("seed", 0, 9_999, 0)
    st.caption(t("degradation.recipe_note"))
    return {"dataset": data, "base": base, "lr": lr, "init": init, "norm": norm, "strength": strength, "seed": seed}


def start(configs: tuple[TrainConfig, ...]) -> None:
    """Submit the four runs and show them."""
    laboratory = cached_runs.service()
    state.put("runs", laboratory.name_of(laboratory.start(configs)))
    state.put("source", "live")


def source_and_start(configs: tuple[TrainConfig, ...]) -> tuple[str, Any]:
    """Recorded or live, and the button; returns the group of runs to follow, "" for the recorded ones, and a place."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    group = run_controls.group("runs", _compared)
    if group:
        with left:
            shown = controls.choice("source", ("recorded", "live"), "live")
    else:
        shown = "recorded"
    with right:
        st.button(
            t("degradation.train"),
            type="primary",
            icon=":material/play_arrow:",
            width="stretch",
            on_click=start,
            args=(configs,),
        )
    return (group if shown == "live" else ""), left


def _compared(group: str) -> tuple[TrainingRun, ...]:
    """The runs of a group that this page can show."""
    from explorer.training.history import is_compared

    return tuple(run for run in cached_runs.service().group(group) if is_compared(run.config))


def show_recorded(place: Any) -> None:
    """The recorded experiment, up to a step of the reader's choice, who chooses at `place`."""
    entries = recorded("digits")
    runs = [Shown(entry.config, entry.points) for entry in entries]
    last = max(run.config.steps for run in runs)
    step = place.slider(t("degradation.replay"), 0, last, last, step=5, key="replay")
    first = entries[0]
    st.caption(t("degradation.recorded", command=first.command, device=first.device, date=first.date))
    show([replace(run, points=[p for p in run.points if p.step <= step]) for run in runs], "recorded")


def show_live(group: str) -> None:
    """The runs of a group, drawn anew every second until the last is done."""

    def draw() -> bool:
        runs = _compared(group)
        if not runs:
            return False  # deleted by another visitor
        shown = [Shown(run.config, cached_runs.points(run), run) for run in runs]
        _standing(shown)
        run_controls.stop_and_resume(st.container(horizontal=True), runs, "degradation")
        show(shown, "live")
        return any(run.is_open for run in runs)

    run_controls.live(draw)


def _standing(shown: Sequence[Shown]) -> None:
    for column, one in zip(st.columns(len(shown)), shown, strict=True):
        if one.run is not None:
            share, words = run_controls.progress(one.run)
            column.progress(min(share, 1.0), f"**{one.name}** · {words}")


def show(shown: Sequence[Shown], key: str) -> None:
    """Error curves, what to look at, gradients, and all of it as a table."""
    deepest = max(one.depth for one in shown)
    curves = [_curve(one, deepest) for one in sorted(shown, key=lambda one: (one.depth, one.residual))]
    steps = max(one.config.steps for one in shown)
    theme = layout.theme()
    words = {name: t(f"lab.{name}") for name in (*figures.MEASURES, "step", "layer", "gradient_norm")}
    sentence = verdict(shown)
    st.markdown(sentence)
    for column, measure in zip(st.columns(2, gap="medium"), ("train_error", "test_error"), strict=True):
        with column:
            title = t(f"degradation.{measure}")
            option = figures.learning_curves(curves, measure, theme=theme, words=words, steps=steps, title=title)
            layout.echart(option, f"{key}-{measure}", sentence.replace("*", ""), 320)
    _gradients(curves, shown, key, theme, words)
    _table(shown)


def _curve(one: Shown, deepest: int) -> Curve:
    colour = palette.RESIDUAL if one.residual else palette.PLAIN
    return Curve(one.name, colour, one.points, dashed=one.depth < deepest)


def _gradients(curves: Sequence[Curve], shown: Sequence[Shown], key: str, theme: Theme, words: dict[str, str]) -> None:
    layout.section(t("degradation.gradients"), t("degradation.gradients_note"))
    title = t("degradation.profile")
    option = figures.gradient_profile(curves, theme=theme, words={**words, "layer": t("lab.place")}, title=title)
    sentence = _gradient_sentence(shown)
    layout.echart(option, f"{key}-profile", sentence, 300)
    st.caption(sentence)
    deep = max(one.depth for one in shown)
    pair = [_curve(one, deep) for one in sorted(shown, key=lambda one: one.residual) if one.depth == deep]
    limits = figures.exponents(pair)
    for column, curve in zip(st.columns(2, gap="medium"), pair, strict=False):
        with column:
            title = t("degradation.map", name=curve.name)
            option = figures.gradient_map(curve, theme=theme, words=words, limits=limits, title=title)
            layout.echart(option, f"{key}-map-{curve.colour}", title, 300)


def verdict(shown: Sequence[Shown]) -> str:
    """What the curves say, with their numbers."""
    from explorer.training import history

    found = history.verdict([(one.config, one.points) for one in shown])
    if found is None:
        return t("degradation.waiting")
    numbers = {name: f"{getattr(found, name):.1f}" for name in ("plain", "residual", "shallow")}
    return t(f"degradation.verdict_{found.kind}", deep=found.deep, low=found.low, **numbers)


def _gradient_sentence(shown: Sequence[Shown]) -> str:
    from explorer.training.history import gradient_ratio

    found = [(one.name, gradient_ratio(one.points)) for one in shown]
    parts = [t("degradation.ratio", name=name, ratio=_plainly(ratio)) for name, ratio in found if ratio is not None]
    return t("degradation.gradient_sentence", ratios=", ".join(parts)) if parts else t("degradation.waiting")


def _plainly(ratio: float) -> str:
    """Three digits, never in powers of ten where that can be avoided."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def _table(shown: Sequence[Shown]) -> None:
    from explorer.training.history import final

    rows = [
        {
            "network": one.name,
            "step": one.points[-1].step if one.points else 0,
            "train_error": final(one.points, "train_error"),
            "test_error": final(one.points, "test_error"),
            "train_loss": final(one.points, "train_loss"),
            "test_loss": final(one.points, "test_loss"),
            "seconds": one.points[-1].seconds if one.points else None,
        }
        for one in shown
    ]
    columns: dict[str, Any] = {"network": t("column.network"), "step": t("lab.step")}
    for name in ("train_error", "test_error"):
        columns[name] = st.column_config.NumberColumn(t(f"lab.{name}"), format="%.2f")
    for name in ("train_loss", "test_loss"):
        columns[name] = st.column_config.NumberColumn(t(f"lab.{name}"), format="%.4f")
    columns["seconds"] = st.column_config.NumberColumn(t("lab.seconds"), format="%.1f")
    st.dataframe(rows, column_config=columns, hide_index=True, placeholder="–")
