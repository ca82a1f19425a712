"""Why this class? Methods that say which pixels spoke for an answer, side by side, and how far to trust them."""

import streamlit as st

from explorer.ui.cached import models as cached_models
from explorer.ui.parts.looking import why, why_trust
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import image as image_widget
from explorer.ui.widgets import model as model_widget

layout.page_head("why", "looking")
with layout.waiting():
    first, second = st.columns([3, 2], gap="large")
    with first:
        source = model_widget.choose_model()
    with second:
        picture = image_widget.choose_image(cached_models.model(source).input_shape[0])
    look = why.look(source, picture)

if look:
    left, right = st.columns([1, 3], gap="large")
    with left:
        target = why.choose_class(look)
    with right:
        chosen = why.choose_methods()
        why.show_maps(look, target, chosen)
    why_trust.show_stages(look, target)
    why_trust.show_trust(look, target, chosen)

lesson.show("why")
