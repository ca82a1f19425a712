"""What does a unit want: first filters, favourite images, dreams by optimisation, and what is lost without it."""

import streamlit as st

from explorer.ui.cached import units as cached_units
from explorer.ui.parts.looking import ablation, maximize, patches, units
from explorer.ui.parts.looking.units import STATE
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs, onward
from explorer.ui.widgets.model import choose_model, say_untrained

head = layout.page_head("units", "looking")
model_id = choose_model(STATE.model)
onward.name_network(head, model_id)
say_untrained(STATE.model, model_id)
view = inputs.segmented(STATE.view, label=False)
if view == "filters":
    units.show_filters(model_id)
else:
    with st.spinner(t("frame.loading")):
        layers = cached_units.layers(model_id)
    {"patches": patches.show, "dream": maximize.show, "lesion": ablation.show}[view](model_id, layers)

lesson.show("units")
