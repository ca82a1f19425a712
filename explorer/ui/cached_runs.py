"""Cached calls for what the page "Runs" says of configurations."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.records import TrainConfig


@st.cache_data(max_entries=512, show_spinner=False)
def command(config: str) -> str:
    """The command line that trains a configuration, given as its JSON; a comment that says why where none does."""
    from explorer.jobs.exporting import command as written

    try:
        return written(TrainConfig.from_json(config))
    except ExplorerError as problem:
        return f"# {problem}"


@st.cache_resource(max_entries=1, show_spinner=False)
def titles() -> dict[str, str]:
    """The titles of all networks by slug, without what stands in brackets behind them. Not to be changed."""
    from explorer.cards import load

    return {card.slug: card.title.partition(" (")[0] for card in load()}
