"""Why this class? Methods that say which pixels spoke for an answer, side by side, and how far to trust them."""

import streamlit as st

from explorer.ui import layout, lesson, looking, why, why_trust

layout.page_head("why", "looking")
with layout.waiting():
    first, second = st.columns([3, 2], gap="large")
    with first:
        source = looking.choose_subject()
    with second:
        picture = looking.choose_picture()
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
