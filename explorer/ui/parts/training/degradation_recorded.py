"""Recorded networks side by side: those that the controls ask for, or an experiment from elsewhere, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from explorer.records import RecordedRun, TrainConfig
from explorer.ui.parts.training.compared import Shown, labelled
from explorer.ui.parts.training.degradation import REPLAYS, STATE
from explorer.ui.parts.training.degradation_curves import show, show_untrained
from explorer.ui.shell import predict, state
from explorer.ui.shell.words import dataset_name, t
from explorer.ui.widgets import inputs
from explorer.weights import recorded

_AS_SET = next(iter(REPLAYS))


def show_recorded(configs: Sequence[TrainConfig], place: Any) -> bool:
    """What the controls ask for as it was recorded, up to a step that is chosen at `place`, like the experiment.

    Before its end is shown, the visitor is asked for it; false while that is not answered.
    """
    linked = state.parameter(STATE.step.name) is not None
    experiment, until = place.columns([3, 2], vertical_alignment="bottom")
    with experiment:
        which = _experiment(configs)
    entries = _entries(which, configs)
    if not entries:
        show_untrained(_expected(configs))
        return True
    last = max(entry.config.steps for entry in entries)
    with until:
        step = inputs.slider(STATE.step, high=last, default=last, owner=which)
    names, truth = _claims(entries)
    about = " ".join(entry.name for entry in entries)
    if predict.waits("degradation", names, about, linked=linked):
        return False
    st.caption(_card(entries))
    ended = [entry.config for entry in entries if entry.diverged]
    shown = labelled([(e.config, [p for p in e.points if p.step <= step], None) for e in entries], ended)
    if step == last:
        predict.verdict("degradation", names, about, truth)
    show(shown, "recorded", about)
    return True


def _experiment(configs: Sequence[TrainConfig]) -> str:
    """The experiment to show again; a control that has moved asks for what it stands for."""
    before = state.get("_lab", configs)
    state.put("_lab", configs)
    if before != configs:
        state.assign(STATE.replay, _AS_SET)
    return str(inputs.select(STATE.replay, named={code: t(f"replay.{code}") for code in REPLAYS}.__getitem__))


def _entries(which: str, configs: Sequence[TrainConfig]) -> tuple[RecordedRun, ...]:
    """The recorded runs to show; none where one of what the controls ask for was never recorded."""
    from explorer.training.history import depth_and_skips
    from explorer.training.lab import recorded_for

    if which == _AS_SET:
        found = [recorded_for(config) for config in configs]
        return tuple(run for run in found if run) if all(found) else ()
    experiment, depths = REPLAYS[which]
    return tuple(run for run in recorded(experiment) if depth_and_skips(run.config)[0] in depths)


def _expected(configs: Sequence[TrainConfig]) -> float | None:
    from explorer.training.lab import expected_seconds

    return expected_seconds(configs)


def _claims(entries: Sequence[RecordedRun]) -> tuple[Mapping[str, str], str]:
    """The networks by name, and which of them ends with the largest training error."""
    shown = labelled([(entry.config, entry.points, None) for entry in entries])
    worst = max(shown, key=_ending)
    return {each.name: each.name for each in shown}, worst.name


def _ending(shown: Shown) -> float:
    return shown.points[-1].train_error


def _card(entries: Sequence[RecordedRun]) -> str:
    first = entries[0]
    commands = " · ".join(f"`{command}`" for command in dict.fromkeys(entry.command for entry in entries))
    data, seconds = dataset_name(first.trained_on), f"{sum(entry.seconds for entry in entries):.0f}"
    date, device = first.date, first.device
    return t("degradation.recorded", data=data, date=date, device=device, seconds=seconds, commands=commands)
