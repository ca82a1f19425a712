"""What does a unit want: first filters, favourite pictures, dreams by optimisation, and what is lost without it."""

import streamlit as st

from explorer.ui.parts.looking import ablation as units_lesion
from explorer.ui.parts.looking import maximize as units_dream
from explorer.ui.parts.looking import units
from explorer.ui.shell import layout, lesson
from explorer.ui.shell.words import t
from explorer.ui.widgets import model as model_widget

layout.page_head("units", "looking")
source = model_widget.choose_model()
asked = units.view()
with st.spinner(t("frame.loading")):
    layers = units.layers(source)

if asked == "filters":
    units.show_filters(source)
elif asked == "patches":
    units.show_patches(source, layers)
elif asked == "dream":
    units_dream.show(source, layers)
else:
    units_lesion.show(source, layers)

lesson.show("units")
