"""What a unit wants: an image sought by optimisation, watched as it emerges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import streamlit as st

from explorer.figures import units as figures
from explorer.figures.tiles import Tile
from explorer.records import FeatureVisConfig, TaskStatus, UnitLayer
from explorer.ui.cached import models as cached_models, units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from explorer.ui.parts.looking.units import STATE, pick_channel, pick_layer
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.model_words import class_name, class_names

_SHOWN, _SMALL = 336, 112  # pixels
_CANVAS = 64  # the smallest canvas of a channel's texture


def show(model_id: str, layers: Sequence[UnitLayer]) -> None:
    """Controls on the left, the image as it emerges on the right."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        settings = _settings(model_id, layers)
    task = units_tasks.maximize_task(model_id, settings)
    key = task.key
    what = _what(model_id, settings)

    def draw(progress: TaskStatus) -> None:
        units_tasks.bar(progress)
        if progress.state in {"none", "stopped", "failed", "lost"}:
            label = t("units.dream_start") if progress.state == "none" else t("units.again")
            units_tasks.start_button(model_id, task, label, "dream")
        if progress.state == "none":
            st.info(t("units.dream_why", what=what), icon=":material/auto_awesome:")
        else:
            _emerging(key, progress, settings, what)

    with right:
        units_tasks.attend(key, "dream", draw)
    if units_tasks.is_done(key):
        _show_frames(key, what)


def _what(model_id: str, settings: FeatureVisConfig) -> str:
    if settings.objective == "class":
        return t("units.what_class", name=class_name(cached_models.model(model_id), settings.index))
    return t(f"units.what_{settings.objective}", index=settings.index, layer=settings.layer)


def _settings(model_id: str, layers: Sequence[UnitLayer]) -> FeatureVisConfig:
    model = cached_models.model(model_id)
    objective = inputs.segmented(STATE.objective)
    layer, index, enlarge = "", 0, 1
    if objective == "class":
        named = class_names(model)
        index = inputs.select(STATE.target, range(len(named)), named.__getitem__, owner=len(named))
    else:
        chosen = pick_layer(model_id, layers)
        layer, index = chosen.module, pick_channel(chosen)
        # A convolution takes a canvas of any size: a small network's texture is then seen in more of its repeats.
        enlarge = max(1, -(-_CANVAS // model.input_shape[1])) if objective == "channel" else 1
    st.caption(t("units.regularisers"))
    names = [each.name for each in fields(STATE.regularisers)]
    on = {name: inputs.toggle(getattr(STATE.regularisers, name), help=t(f"units.why_{name}")) for name in names}
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        steps = inputs.select(STATE.steps)
    with right:
        seed = inputs.number(STATE.seed)
    return FeatureVisConfig(objective, layer, index, steps=steps, seed=seed, enlarge=enlarge, **on)


def _emerging(key: str, progress: TaskStatus, settings: FeatureVisConfig, what: str) -> None:
    from explorer.units import maximize_activation

    png = cached_units.newest_frame(key, _SHOWN)
    if not png or not progress.values:
        return
    low, high, done = progress.values[0], progress.values[-1], progress.state == "done"
    stage = "done" if done else "at"
    sentence = t(f"units.dream_{stage}", what=what, step=progress.done, first=f"{low:.2f}", last=f"{high:.2f}")
    rows = [{t("units.step"): step, t("units.objective"): value} for step, value in enumerate(progress.values)]
    name = f"{settings.objective}-{settings.layer or 'class'}-{settings.index}".replace(".", "-")
    exhibit.show(
        Exhibit(name, png, sentence, rows, code=(maximize_activation,), note=sentence, width=_SHOWN), details=done
    )
    curve = figures.ascent(
        progress.values,
        steps=settings.steps,
        theme=layout.theme(),
        step=t("units.step"),
        objective=t("units.objective"),
    )
    exhibit.show(Exhibit("dream-ascent", curve, sentence, height=190), details=False)


def _show_frames(key: str, what: str) -> None:
    """A few of the frames, from noise to the end."""
    layout.section(t("units.emerged"))
    frames = [(png, t("units.at_step", step=step)) for step, png in cached_units.frames(key, _SMALL)]
    tiles = tuple(Tile(png, words, f"{what}, {words}") for png, words in frames)
    exhibit.show(Exhibit("dream-frames", tiles, what, width=_SMALL), details=False)
