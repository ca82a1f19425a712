"""Why this class? Methods that say which pixels spoke for an answer, side by side, and how far to trust them."""

import streamlit as st

from explorer.ui.cached import models as cached_models
from explorer.ui.parts.looking import why, why_maps, why_trust
from explorer.ui.parts.looking.why import STATE
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs, onward
from explorer.ui.widgets.image import choose_image
from explorer.ui.widgets.model import choose_model, say_untrained

head = layout.page_head("why", "looking")
with layout.waiting():
    left, right = st.columns([3, 2], gap="large")
    with left:
        model = cached_models.card(choose_model(STATE.model))
        onward.name_network(head, model.id)
    with right:
        explained = why.ModelAndImage(model, choose_image(STATE.image, model.input_shape[0]))

say_untrained(STATE.model, model.id)
if why.has_answer(explained):
    left, right = st.columns([1, 3], gap="large")
    with left:
        target = why.choose_class(explained)
    with right:
        slugs = why.choose_methods()
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            view = inputs.segmented(STATE.view, label=False)
            randomized = inputs.toggle(STATE.randomized)
            methods = why.choose_options(slugs)
        if now := why.goes_on(explained):
            why_maps.show_maps(explained, target, methods, view, randomized=randomized)
    if now:
        why_trust.show_stages(explained, target)
        why.show_operation(explained)
        why_trust.show_trust(explained, target, methods)

lesson.show("why")
