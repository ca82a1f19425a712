"""What does a unit want: first filters, favourite pictures, dreams by optimisation, and what is lost without it."""

import streamlit as st

from explorer.ui import layout, lesson, looking, units, units_dream, units_lesion
from explorer.ui.words import t

layout.page_head("units", "looking")
source = looking.choose_subject()
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
