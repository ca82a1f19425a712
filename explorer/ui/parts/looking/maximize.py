"""What a unit wants: a picture sought by optimisation, watched as it emerges."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.figures import units as figures
from explorer.records import DreamSettings, TaskStatus, UnitLayer
from explorer.ui.cached import models as cached_models
from explorer.ui.cached import units as cached_units
from explorer.ui.parts.looking import tasks as units_tasks
from explorer.ui.parts.looking import units
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import model as model_widget

REGULARISERS = ("fourier", "decorrelate", "jitter", "rotate", "scale")
_SHOWN, _SMALL = 336, 112  # pixels
_CANVAS = 64  # the smallest canvas of a channel's texture


def show(source: str, offered: Sequence[UnitLayer]) -> None:
    """Controls on the left, the picture as it emerges on the right."""
    left, right = st.columns([2, 3], gap="large")
    with left:
        settings = _settings(source, offered)
    task = units_tasks.dream_task(source, settings)
    key = task.key
    what = _what(source, settings)

    def draw(progress: TaskStatus) -> None:
        units_tasks.bar(progress)
        if progress.state in {"none", "stopped", "failed", "lost"}:
            label = t("units.dream_start") if progress.state == "none" else t("units.again")
            units_tasks.start_button(source, task, label, "dream")
        if progress.state == "none":
            st.info(t("units.dream_why", what=what), icon=":material/auto_awesome:")
        else:
            _emerging(key, progress, settings, what)

    with right:
        units_tasks.attend(key, "dream", draw)
    if units_tasks.is_done(key):
        _kept(key, what)


def _what(source: str, settings: DreamSettings) -> str:
    if settings.objective == "class":
        return t("units.what_class", name=model_widget.class_name(cached_models.model(source), settings.index))
    return t(f"units.what_{settings.objective}", index=settings.index, layer=settings.layer)


def _settings(source: str, offered: Sequence[UnitLayer]) -> DreamSettings:
    its = cached_models.model(source)
    objective = controls.choice("dreamfor", ("channel", "unit", "class"), "channel")
    layer, index, enlarge = "", 0, 1
    if objective == "class":
        named = {str(number): model_widget.class_name(its, number) for number in range(len(its.categories))}
        key = f"dreamclass.{len(its.categories)}"
        index = int(units.pick(key, "dreamclass", t("units.class"), list(named), named, "0"))
    else:
        chosen = units.layer_picker(source, offered)
        layer, index = chosen.module, units.channel_picker(chosen)
        # A convolution takes a canvas of any size: a small network's texture is then seen in more of its repeats.
        enlarge = max(1, -(-_CANVAS // its.input_shape[1])) if objective == "channel" else 1
    st.caption(t("units.regularisers"))
    on = {name: _switch(name) for name in REGULARISERS}
    steps, seed = st.columns(2, vertical_alignment="bottom")
    with steps:
        count = int(controls.one_number("dreamsteps", (64, 128, 256, 512), 128))
    with seed:
        number = controls.whole("dreamseed", 0, 9_999, 0)
    return DreamSettings(objective, layer, index, steps=count, seed=number, enlarge=enlarge, **on)


def _switch(name: str) -> bool:
    """A regulariser, with its reason behind a question mark."""
    key = f"dream-{name}"
    state.seed(key, True, state.one_of((True, False)))
    st.toggle(t(f"units.reg_{name}"), key=key, help=t(f"units.why_{name}"))
    return bool(state.publish(key, True))


def _emerging(key: str, progress: TaskStatus, settings: DreamSettings, what: str) -> None:
    picture = cached_units.newest_frame(key, _SHOWN)
    if not picture or not progress.values:
        return
    low, high = progress.values[0], progress.values[-1]
    stage = "done" if progress.state == "done" else "at"
    sentence = t(f"units.dream_{stage}", what=what, step=progress.done, first=f"{low:.2f}", last=f"{high:.2f}")
    st.image(picture, width=_SHOWN, output_format="PNG", alt=sentence)
    st.caption(sentence)
    option = figures.ascent(
        progress.values,
        steps=settings.steps,
        theme=layout.theme(),
        step=t("units.step"),
        objective=t("units.objective"),
    )
    layout.echart(option, "dream-ascent", sentence, 190)
    if progress.state == "done":
        st.download_button(
            t("units.download"),
            picture,
            file_name=f"{settings.objective}-{settings.layer or 'class'}-{settings.index}.png",
            mime="image/png",
            icon=":material/download:",
            on_click="ignore",
        )


def _kept(key: str, what: str) -> None:
    """A few of the frames, from noise to the end."""
    kept = cached_units.frames(key, _SMALL)
    layout.section(t("units.emerged"))
    with st.container(horizontal=True, gap="small"):
        for step, picture in kept:
            caption = t("units.at_step", step=step)
            st.image(picture, caption=caption, width=_SMALL, output_format="PNG", alt=f"{what}, {caption}")
