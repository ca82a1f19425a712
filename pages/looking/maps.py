"""Feature maps: one picture on its way from shallow edges to deep meaning, and any layer's maps."""

import streamlit as st

from explorer.ui.cached import models as cached_models
from explorer.ui.parts.looking import maps as feature_maps
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import basics as controls
from explorer.ui.widgets import image as image_widget
from explorer.ui.widgets import model as model_widget

layout.page_head("maps", "looking")

with layout.waiting():
    weights, picture = st.columns([3, 2], gap="large")
    with weights:
        source = model_widget.choose_model()
    with picture:
        seen = image_widget.choose_image(cached_models.model(source).input_shape[0])
        beside = controls.switch("beside", False)
    with weights:
        sources = (source, model_widget.choose_model("b.")) if beside else (source,)

    finite = feature_maps.strips(sources, seen)

if finite:
    layout.let_it_paint("maps", (*sources, seen.key))
    feature_maps.any_layer(source, seen)
    feature_maps.pixel(source, seen)

lesson.show("maps")
