"""Atlas: twenty years of convolutional networks on one page, each a click away from its pipeline."""

import streamlit as st

from explorer.ui.cached import networks as cached
from explorer.ui.parts.architectures import atlas, route
from explorer.ui.shell import layout
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

layout.page_head("atlas", "architectures")
route.introduction()
with layout.waiting():
    summaries = cached.summaries()
milestones = sorted((summary for summary in summaries if summary.milestone), key=lambda summary: summary.milestone)

route.show()
layout.section(t("atlas.timeline"), t("atlas.timeline_note"))
atlas.open_on_click(atlas.timeline(milestones))

head, picker = st.columns([3, 2], vertical_alignment="bottom")
with head:
    layout.section(t("atlas.scatter"), t("atlas.scatter_note"))
with picker:
    against = inputs.segmented(atlas.STATE.against)
atlas.open_on_click(atlas.scatter(summaries, against))

layout.section(t("atlas.steps"), t("atlas.steps_note"))
atlas.contributions(milestones)

layout.section(t("atlas.table"), t("atlas.table_note", count=len(summaries)))
atlas.table(summaries)
