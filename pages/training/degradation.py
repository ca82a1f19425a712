"""Plain against residual: the degradation experiment, live beside the page, or as it was recorded."""

import streamlit as st

from explorer.ui.parts.training import degradation
from explorer.ui.shell import layout
from explorer.ui.shell.words import t

layout.page_head("degradation", "training")
with layout.waiting():
    configs = degradation.recipe()
group, place = degradation.source_and_start(configs)

if group:
    degradation.show_live(group)
else:
    degradation.show_recorded(place)

layout.section(t("degradation.lesson"))
st.markdown(t("degradation.look"))
layout.show_lesson("degradation")
