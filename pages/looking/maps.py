"""Feature maps: one image on its way from shallow edges to deep meaning, and any layer's maps."""

import streamlit as st

from explorer.ui.cached import models as cached_models
from explorer.ui.parts.looking import connections, depth_strip, maps, photograph
from explorer.ui.parts.looking.maps import STATE
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs, onward
from explorer.ui.widgets.image import choose_image
from explorer.ui.widgets.model import choose_model, say_untrained

head = layout.page_head("maps", "looking")

with layout.waiting(), st.container(key="look"):
    left, right = st.columns([3, 2], gap="large")
    with left:
        model_id = choose_model(STATE.model)
        onward.name_network(head, model_id)
    with right:
        image = choose_image(STATE.image, cached_models.card(model_id).input_shape[0])
        beside = inputs.toggle(STATE.beside)
        photograph.show(model_id, image)
        photograph.show_answer(model_id, image)
    with left:
        second = (choose_model(STATE.second, control_of=model_id),) if beside else ()
        for fields, shown in zip((STATE.model, STATE.second), (model_id, *second), strict=False):
            say_untrained(fields, shown)
        if not beside:
            finite = depth_strip.strips((model_id,), image)
    if beside:
        finite = depth_strip.strips((model_id, *second), image)

if finite:
    maps.operation(model_id, image)
    layout.let_it_paint("maps", (model_id, *second, image.key))
    connections.any_layer(model_id, image)
    connections.pixel(model_id, image)

lesson.show("maps")
