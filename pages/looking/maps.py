"""Feature maps: one picture on its way from shallow edges to deep meaning, and any layer's maps."""

import streamlit as st

from explorer.ui import controls, feature_maps, layout, looking
from explorer.ui.words import t

layout.page_head("maps", "looking")

with layout.waiting():
    weights, picture = st.columns([3, 2], gap="large")
    with weights:
        source = looking.choose_subject()
    with picture:
        seen = looking.choose_picture()
        beside = controls.switch("beside", False)
    with weights:
        sources = (source, looking.choose_subject("b.")) if beside else (source,)

    finite = feature_maps.strips(sources, seen)

if finite:
    layout.let_it_paint("maps", (*sources, seen.key))
    feature_maps.any_layer(source, seen)
    feature_maps.pixel(source, seen)

layout.section(t("maps.lesson"))
layout.show_lesson("maps")
