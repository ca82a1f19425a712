"""What a page says of its network, and the foot of every page: the others about it, and the one that comes next."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from explorer.records import NetworkSpec, NetworkSummary
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.shell import session, state
from explorer.ui.shell.navigation import NAME, about, page_of, spec_of
from explorer.ui.shell.words import lesson, t
from explorer.ui.widgets.network import NetworkFields

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_CHOSEN = NetworkFields().net


def show(slug: str) -> None:
    """Links to the other pages about the network of this one, with the network, and to the page after it."""
    with st.container(key="onward", gap="small"):
        if network := network_of(slug):
            with st.container(key="same-network", horizontal=True, vertical_alignment="center"):
                st.html(name_html(network), width="content")
                for spec in about(network.family):
                    if spec.slug != slug:
                        st.page_link(page_of(spec), query_params=address(network.slug), width="content")
        after = spec_of(spec_of(slug).next)
        label = t("onward.next", title=t(f"nav.{after.slug}"), question=t(f"{after.slug}.question"))
        st.page_link(page_of(after), label=label, icon=":material/arrow_forward:", query_params=address())


def name_tab(slug: str) -> None:
    """The page and the network that was chosen, as the title of the browser's tab: a history of pages can be read."""
    network = None if spec_of(slug).network else network_of(slug)
    parts = (t(f"nav.{slug}"), network.title if network else "", NAME)
    st.set_page_config(page_title=" · ".join(part for part in parts if part))


def network_of(slug: str) -> NetworkSummary | None:
    """The network that a page is about at the moment; None for a page about many."""
    page = spec_of(slug)
    chosen = (page.network or state.peek(_CHOSEN)) if page.about else ""
    return next((summary for summary in cached.summaries() if summary.slug == chosen), None)


def name_network(head: DeltaGenerator, model_id: str) -> None:
    """Beside the title of a page that looks into a model: the network's name, as every other page has it."""
    head.html(name_html(cached.spec(cached_models.card(model_id).instance.slug)))


def introduction(network: NetworkSummary | NetworkSpec) -> None:
    """What a network is: its name in the colour of its family, its year, and what it added."""
    said = escape(lesson("networks", network.lesson, "contribution"))
    st.html(f'<p class="atlas-introduction">{name_html(network)} · {network.year} · {said}</p>')


def name_html(network: NetworkSummary | NetworkSpec) -> str:
    """The name of a network behind a disc in the colour of its family: the same wherever it is named."""
    from explorer.figures.theme import colour_of_family

    disc = f'<i style="background:{colour_of_family(network.family)}"></i>'
    return f'<span class="atlas-network">{disc}<b>{escape(network.title)}</b></span>'


def address(network: str = "") -> dict[str, str]:
    """The parameters of a link to another page: the language, and the network to be shown there."""
    return {"lang": session.language()} | ({"net": network} if network else {})
