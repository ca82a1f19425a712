"""The beginning: what this is and for whom, and a route of seven networks, each with one question."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explorer.ui.cached import networks as cached
from explorer.ui.shell import layout, session
from explorer.ui.shell.navigation import NAME, page
from explorer.ui.shell.words import t
from explorer.ui.widgets.onward import name_html


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop: the network it is about, and the page that answers its question after it was predicted."""

    slug: str
    page: str = "pipeline"


ROUTE = (
    Stop("lenet5", "lenet"),
    Stop("alexnet"),
    Stop("vgg16"),
    Stop("googlenet"),
    Stop("plain34", "degradation"),
    Stop("resnet50"),
    Stop("mobilenet-v1"),
)


def introduction() -> None:
    """The name of the app, what it is and whom it is for."""
    st.markdown(f"**{NAME}** · {t('atlas.what')}  \n{t('atlas.whom')}")


def show() -> None:
    """The seven stops in a row: number and name, the question, and the link to where it is answered."""
    layout.section(t("atlas.route"), t("atlas.route_note"))
    by_slug = {summary.slug: summary for summary in cached.summaries()}
    with st.container(key="route"):
        columns = st.columns(len(ROUTE), gap="small")
    for number, (stop, column) in enumerate(zip(ROUTE, columns, strict=True), 1):
        with column, st.container(gap=None):
            st.html(f"<p>{number}</p>{name_html(by_slug[stop.slug])}")
            # A page that is about one network only has no such parameter.
            network = {"net": stop.slug} if stop.page == "pipeline" else {}
            address = {"lang": session.language(), **network}
            st.page_link(page(stop.page), label=t(f"stop.{stop.slug}"), query_params=address)
