"""Shape pipeline: how a picture's volume changes shape through any network, with every number explained."""

import streamlit as st

from explorer.ui.cached import networks as cached
from explorer.ui.parts.architectures import pipeline
from explorer.ui.parts.architectures import pipeline_views as closer
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.words import t
from explorer.ui.widgets import basics as controls

layout.page_head("pipeline", "architectures")

picker, detail, scale, more = st.columns([9, 9, 7, 7], vertical_alignment="bottom")
with picker:
    card = controls.network_picker(cached.cards())
with detail:
    level = controls.level_picker()
with scale:
    stretch = controls.choice("scale", ("linear", "sqrt"), "linear")
with more:
    chosen = pipeline.choose_input(card.slug)

trace = pipeline.traced(chosen)
if trace is not None:
    pipeline.headline(card, chosen, trace)
    pipeline.volumes(card, chosen, level, stretch)
    pipeline.from_a_picture(chosen)

    curves, learned = st.columns([5, 4], gap="large")
    with learned:
        layout.section(t("pipeline.lesson", title=card.title))
        layout.show_lesson(card.lesson, "networks")
    layout.let_it_paint(
        "pipeline", (chosen.instance, level, stretch)
    )  # the drawing and its lesson are on screen before the rest comes
    with curves:
        pipeline.curves(chosen, level)
        pipeline.shares(chosen)

    view = controls.choice("view", closer.VIEWS, closer.VIEWS[0])
    closer.show_view(view, chosen)

lesson.show("pipeline")
