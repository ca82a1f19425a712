"""Shape pipeline: how an image's volume changes shape through any network, with every number explained."""

import streamlit as st

from explorer.ui.cached import networks as cached
from explorer.ui.parts.architectures import (
    painting,
    pipeline,
    pipeline_block,
    pipeline_curves,
    pipeline_drawing,
    pipeline_places,
    pipeline_views,
)
from explorer.ui.parts.architectures.pipeline import STATE
from explorer.ui.shell import layout, lesson, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs, onward
from explorer.ui.widgets.network import pick_network

layout.page_head("pipeline", "architectures")
linked = state.is_linked(("net", "lang"))

picker, detail, scaling, more = st.columns([9, 9, 7, 7], vertical_alignment="bottom")
with picker:
    summary = pick_network(STATE.network.net, cached.summaries())
with more:
    chosen = pipeline.choose_input(summary.slug)
with detail:
    level = pipeline_drawing.choose_level(chosen.instance)
with scaling:
    scale = inputs.segmented(STATE.scale)

onward.introduction(summary)
trace = pipeline.traced(chosen)
if trace is not None:
    pipeline.headline(summary, chosen, trace)
    pipeline_drawing.volumes(summary, chosen, level, scale)
    layout.let_it_paint("pipeline", (chosen.instance, level, scale))
    pipeline_block.telling_block(chosen)
    painting.operation(summary, *chosen.drawn)
    held_back = pipeline_places.waits(chosen, linked=linked)
    painting.from_an_image(summary, *chosen.drawn, level)

    if held_back:
        pipeline_curves.curves(chosen, level)
    else:
        curves, learned = st.columns([5, 4], gap="large")
        with learned:
            layout.section(t("pipeline.lesson", title=summary.title))
            lesson.of_network(summary.lesson)
        with curves:
            pipeline_curves.curves(chosen, level)
            pipeline_curves.shares(chosen)

    pipeline_views.show_view(inputs.segmented(STATE.view), chosen, held_back)

lesson.show("pipeline")
if trace is not None:
    painting.paint(summary, *chosen.drawn, level)
