"""What is seen of an image that is cropped once, or ten times: a sketch in the glossary."""

from __future__ import annotations

import streamlit as st

from explorer.averaging import views_of
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t

SCHEMES = {"single-crop": "one", "ten-crop": "ten"}
"""The terms with a sketch, and the views that each of them stands for."""

_SIDE = 224


def show(term: str) -> None:
    """The views that a term stands for, as an exhibit; nothing for a term without any."""
    if term not in SCHEMES:
        return
    from explorer.figures.views import views as draw

    views = views_of(SCHEMES[term], _SIDE)
    mirrored = sum(view.mirrored for view in views)
    said = t("glossary.views_say", count=len(views), mirrored=mirrored, side=_SIDE, canvas=max(v.canvas for v in views))
    rows = [
        {
            t("glossary.view_canvas"): view.canvas,
            t("glossary.view_top"): view.top,
            t("glossary.view_left"): view.left,
            t("glossary.mirrored"): "✓" if view.mirrored else "–",
        }
        for view in views
    ]
    with st.container(width=120 * max(2, min(5, len(views)))):
        drawing = draw(views, t("glossary.mirrored"), theme=layout.theme(), label=said)
        exhibit.show(Exhibit(f"glossary-{term}", drawing, said, rows, note=said, code=(views_of,)))
