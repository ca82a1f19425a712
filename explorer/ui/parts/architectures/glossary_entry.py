"""One entry of the glossary, open: both names, what it says, formula, example, where it can be touched."""

from __future__ import annotations

from html import escape

import streamlit as st

from explorer import glossary
from explorer.ui.parts.architectures import glossary_views
from explorer.ui.parts.architectures.glossary import choose, names_html
from explorer.ui.shell import session
from explorer.ui.shell.navigation import page
from explorer.ui.shell.words import group, t


def show(slug: str) -> None:
    """The entry of a term."""
    term = glossary.term(slug)
    with st.container(border=True, key="glossary-entry", gap="small"):
        _names(slug)
        st.markdown(t(f"term.{slug}.says"))
        if term.formula:
            st.latex(term.formula)
        if term.example:
            st.markdown(t("glossary.example", words=t(f"term.{slug}.example", **term.example())))
        glossary_views.show(slug)
        with st.container(horizontal=True, vertical_alignment="center"):
            label = t("glossary.touch", page=t(f"nav.{term.page}"))
            address = {"lang": session.language(), **term.state}
            st.page_link(
                page(term.page), label=label, icon=":material/touch_app:", query_params=address, width="content"
            )
            st.button(t("glossary.close"), icon=":material/close:", type="tertiary", on_click=choose, args=("",))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{t('glossary.related')} ", width="content")
            for other in term.related:
                name, key = t(f"term.{other}.name"), f"glossary-to-{other}"
                st.button(name, key=key, type="tertiary", on_click=choose, args=(other,))
        if term.source:
            st.caption(term.source)


def _names(slug: str) -> None:
    also = group("term").get(f"{slug}.also", "")
    more = f"<p><small>{escape(t('glossary.also', names=also))}</small></p>" if also else ""
    st.html(f'<div class="atlas-entry"><h2>{names_html(slug, "", "")}</h2>{more}</div>')
