"""Ten crops and ensembles: several views of one image, several networks; what averaging gains, and what it costs."""

import streamlit as st

from explorer.ui.cached import models as cached_models
from explorer.ui.parts.practice import crops, crops_measured
from explorer.ui.parts.practice.crops import STATE
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import onward
from explorer.ui.widgets.image import choose_image
from explorer.ui.widgets.model import choose_model, say_untrained

head = layout.page_head("crops", "practice")
with layout.waiting():
    left, right = st.columns([3, 2], gap="large")
    with left:
        model_id = choose_model(STATE.model)
        onward.name_network(head, model_id)
    with right:
        image = choose_image(STATE.image, cached_models.card(model_id).input_shape[0])
    say_untrained(STATE.model, model_id)
    if crops.show(model_id, image):
        layout.let_it_paint("crops", (model_id, image.key))
    crops.show_lites(image)

if crops_measured.show():
    lesson.show("crops")  # which would give the answer away
