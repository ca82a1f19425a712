"""Augmentation: a chain of random transforms, a sheet of its draws, and what a network says of each."""

import streamlit as st

from explorer.ui.parts.practice import augmentation, augmentation_training
from explorer.ui.parts.practice.augmentation import STATE, Drawing
from explorer.ui.parts.practice.augmenting import chain, colours, mirror, sheet, views
from explorer.ui.shell import layout, lesson
from explorer.ui.widgets import inputs
from explorer.ui.widgets.image import choose_image

layout.page_head("augmentation", "practice")
with layout.waiting(), st.container(key="augment"):
    left, right = st.columns([3, 5], gap="large")
    with left:
        image = choose_image(STATE.image, 3)
        text = chain.edit()
        partner = augmentation.choose_partner(text)
    with right:
        seed = augmentation.choose_seed()
        inputs.toggle(STATE.asks)
        first = st.container()
    beside, below = st.container(), st.container()
    with below:
        source = colours.choose_source()

drawing = Drawing(text, image, partner, source, seed)
with first:
    place = sheet.show(drawing)
layout.let_it_paint("augmented", drawing.key)
with left:
    views.show_law(drawing)
with beside:
    views.show_sweep(drawing)
    views.show_same_draw(drawing)
with below:
    colours.show(drawing)
mirror.show()
augmentation_training.show(text)
views.show_code(drawing)
lesson.show("augmentation")
sheet.ask(place, drawing)
