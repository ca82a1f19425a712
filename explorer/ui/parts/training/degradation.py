"""The controls of the page that trains plain and residual networks side by side; its figures are in its curves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from explorer.fields import Field, choice, decimal, flag, number, one_of, slug
from explorer.records import TrainConfig, TrainingRun
from explorer.ui.cached import runs as cached_runs, training as cached_training
from explorer.ui.parts.training.compared import labelled
from explorer.ui.parts.training.degradation_curves import show
from explorer.ui.shell.polling import bars
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import fetching, inputs, run_controls
from explorer.ui.widgets.own_sets import note_read
from explorer.ui.widgets.run_controls import FollowedFields

REPLAYS = {
    "digits": ("digits", (20, 56)),
    "bare": ("bare-digits", (8, 20)),
    "zero": ("zero-digits", (20, 56)),
    "cifar-56": ("cifar-fast", (20, 56)),
    "cifar-110": ("cifar-fast", (20, 110)),
}
"""The recorded experiments that the page shows again: their runs' experiment, and the two depths. The first stands for
what the controls ask for, which at first is that experiment."""

_DEPTHS, _CIFAR_DEPTHS = (8, 14, 20, 26, 32, 38, 44, 50, 56), (20, 32, 44, 56, 110)


@dataclass(frozen=True, slots=True)
class DegradationState:
    """The recipe of the four networks, which runs are followed, and up to which step the recorded ones are shown."""

    preset: Field[str] = choice("preset", ("digits", "cifar-fast", "cifar-he"))
    shallow: Field[int] = one_of("shallow", _DEPTHS, 20)
    deep: Field[int] = one_of("deep", _DEPTHS, 56)
    shallow_cifar: Field[int] = one_of("shallow-cifar", _CIFAR_DEPTHS, 20)
    deep_cifar: Field[int] = one_of("deep-cifar", _CIFAR_DEPTHS, 56)
    data_cifar: Field[str] = slug("cifar-data", "cifar10", label="control.data")
    steps: Field[int] = one_of("steps", (60, 100, 200, 400, 800), 200)
    data: Field[str] = one_of("data", ("digits", "shapes"), "digits")
    base: Field[int] = one_of("base", (4, 8, 16), 8)
    lr: Field[float] = one_of("lr", (0.003, 0.01, 0.03, 0.05, 0.1), 0.05)
    init: Field[str] = choice("init", ("he", "dirac", "zero", "torch"))
    norm: Field[bool] = flag("norm", True)
    strength: Field[float] = decimal("strength", 0.0, 2.0, 1.0, step=0.25)
    seed: Field[int] = number("seed", 0, 9_999)
    followed: FollowedFields = field(default_factory=FollowedFields)
    replay: Field[str] = choice("replay", tuple(REPLAYS), label="degradation.experiment")
    step: Field[int] = number("step", 0, 100_000, step=5, label="degradation.replay")


STATE = DegradationState()


# --- what to train ----------------------------------------------------------------------------------------------------


def recipe() -> tuple[TrainConfig, ...]:
    """The four configurations that the controls ask for: small ones, or on a GPU the paper's, if there are data."""
    if cached_runs.has_cuda() and (preset := inputs.segmented(STATE.preset)) != STATE.preset.default:
        return _on_cifar(preset)
    return _on_a_laptop()


def _on_cifar(preset: str) -> tuple[TrainConfig, ...]:
    """He et al.'s networks on CIFAR-10, with their recipe or a fast one; none while it is not there."""
    from explorer.training.presets import EXPERIMENTS, cifar

    offers = {offer.slug: offer for offer in cached_training.colour_choices()}
    ready = next((offer.slug for offer in offers.values() if offer.ready), "cifar10")
    data, shallow, deep = st.columns([4, 3, 3])
    with data:
        chosen = inputs.select(STATE.data_cifar, tuple(offers), dataset_name, default=ready)
    note_read(chosen)
    with shallow:
        low = inputs.select(STATE.shallow_cifar)
    with deep:
        high = inputs.select(STATE.deep_cifar)
    config = replace(EXPERIMENTS[preset].configs[0], dataset=chosen)
    return cifar(config, (min(low, high), max(low, high))) if fetching.data_set(chosen) else ()


def _on_a_laptop() -> tuple[TrainConfig, ...]:
    from explorer.training.presets import DIGITS, degradation

    shallow, deep, steps, more = st.columns([3, 3, 3, 4], vertical_alignment="bottom")
    with shallow:
        low = inputs.select(STATE.shallow)
    with deep:
        high = inputs.select(STATE.deep)
    with steps:
        count = inputs.select(STATE.steps)
    with more, st.popover(t("degradation.recipe"), icon=":material/tune:", width="stretch"):
        details = _recipe_details()
    config = replace(DIGITS, steps=count, eval_every=max(count // 8, 5), **details)
    return degradation(config, (min(low, high), max(low, high)))


def _recipe_details() -> dict[str, Any]:
    dataset = inputs.segmented(STATE.data, named=dataset_name)
    base = inputs.select(STATE.base)
    lr = inputs.select(STATE.lr)
    init = inputs.segmented(STATE.init)
    norm = inputs.toggle(STATE.norm)
    strength = inputs.slider(STATE.strength)
    seed = inputs.number(STATE.seed)
    st.caption(t("degradation.recipe_note"))
    options = (("base", base), ("norm", norm), ("strength", strength))
    return {"dataset": dataset, "lr": lr, "init": init, "seed": seed, "options": options}


def source_and_start(configs: tuple[TrainConfig, ...]) -> tuple[str, Any]:
    """Recorded or live, and the button; returns the group of runs to follow, "" for the recorded ones, and a place."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        group = run_controls.followed(STATE.followed, _compared)
    run_controls.train_button(right, STATE.followed, configs, t("degradation.train"), bool(configs))
    return group, left


def _compared(group: str) -> tuple[TrainingRun, ...]:
    """The runs of a group that this page can show."""
    from explorer.training.history import is_compared

    return tuple(run for run in cached_runs.service().group(group) if is_compared(run.config))


# --- what is shown ----------------------------------------------------------------------------------------------------


def show_live(group: str) -> None:
    """The runs of a group, drawn anew every second until the last is done."""

    def draw() -> bool:
        runs = _compared(group)
        if not runs:
            return False  # deleted by another visitor
        shown = labelled([(run.config, cached_runs.points(run), run) for run in runs])
        bars([(each.name, *run_controls.progress(each.run)) for each in shown if each.run], across=4)
        run_controls.stop_and_resume(st.container(horizontal=True), runs, "degradation")
        show(shown, "live", group)
        return any(run.is_open for run in runs)

    run_controls.live(draw)
