"""The parts of the Atlas page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import streamlit as st

from explorer.fields import Field, choice
from explorer.figures.notation import count_text
from explorer.records import NetworkSummary
from explorer.ui.cached import figures
from explorer.ui.shell import exhibit, session, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.navigation import page
from explorer.ui.shell.tables import count_column
from explorer.ui.shell.words import explained, group, lesson, protocol, t

_NAMES = "table-atlas-names"


@dataclass(frozen=True, slots=True)
class AtlasState:
    """What is chosen on the Atlas: the cost that accuracy is laid against."""

    against: Field[str] = choice("against", ("macs", "parameters"))


STATE = AtlasState()


def _labels() -> tuple[tuple[str, str], ...]:
    families = {f"family.{key}": value for key, value in group("family").items()}
    return tuple({**group("figure"), **families}.items())


def _worded(summaries: Sequence[NetworkSummary]) -> tuple[NetworkSummary, ...]:
    """The summaries with their strings in the session's language."""
    return tuple(replace(summary, protocol=protocol(summary.protocol)) for summary in summaries)


def timeline(milestones: Sequence[NetworkSummary]) -> Any:
    """The timeline; returns what was clicked. On a narrow screen it stands upright, as a list of links."""
    from explorer.figures import atlas

    st.html(_upright(milestones))
    first, last = milestones[0], milestones[-1]
    data, title = (_worded(milestones),), t("atlas.timeline")
    return exhibit.show(
        Exhibit(
            "timeline",
            figures.figure(atlas.timeline, session.dark(), _labels(), (), data, title=title),
            t("atlas.timeline_alt", count=len(milestones), first=first.title, last=last.title),
            rows=lambda: [
                {
                    t("column.year"): summary.year,
                    t("column.title"): summary.title,
                    t("column.parameters"): summary.parameters,
                }
                for summary in milestones
            ],
            code=(atlas.timeline,),
            select=True,
        )
    )


def _upright(milestones: Sequence[NetworkSummary]) -> str:
    from explorer.figures.atlas import dot
    from explorer.figures.theme import colour_of_family

    largest = max(summary.parameters for summary in milestones)
    rows = []
    for summary in milestones:
        size, colour = dot(summary, largest), colour_of_family(summary.family)
        address = escape(f"pipeline?net={summary.slug}&lang={session.language()}")
        disc = f'<i style="width:{size:.0f}px;height:{size:.0f}px;background:{colour}"></i>'
        name = f'<a href="{address}" target="_self">{escape(summary.title)}</a>'
        rows.append(f"<li><span>{summary.year}</span><span>{disc}</span>{name}</li>")
    return f'<ol class="atlas-years">{"".join(rows)}</ol>'


def scatter(summaries: Sequence[NetworkSummary], against: str) -> Any:
    """Accuracy against cost; returns what was clicked."""
    from explorer.figures import atlas

    shown = [summary for summary in summaries if summary.dataset == "ImageNet" and summary.top1 is not None]
    best = max(shown, key=lambda summary: summary.top1 or 0)
    data, title = (_worded(summaries),), t("atlas.scatter")
    draw = atlas.accuracy_scatter
    return exhibit.show(
        Exhibit(
            "accuracy",
            figures.figure(draw, session.dark(), _labels(), (), data, against=against, title=title),
            t("atlas.scatter_alt", count=len(shown), best=best.title, top1=best.top1),
            rows=lambda: [
                {
                    t("column.title"): summary.title,
                    t("column.top1"): summary.top1,
                    t("column.parameters"): summary.parameters,
                    t("column.macs"): summary.macs,
                }
                for summary in sorted(shown, key=lambda summary: -(summary.top1 or 0))
            ],
            code=(draw,),
            select=True,
        )
    )


def open_on_click(event: Any) -> None:
    """Go to the pipeline of the network that was clicked in a figure."""
    points = event.selection.points if event else []
    if points:
        code = points[0]["customdata"]
        slug = code["0"] if isinstance(code, dict) else code[0]
        _open_pipeline(slug)


def _open_pipeline(slug: str) -> None:
    st.switch_page(page("pipeline"), query_params={"net": slug, "lang": session.language()})


def contributions(milestones: Sequence[NetworkSummary]) -> None:
    """What each network added, one sentence each, with a link to its pipeline."""
    for summary in milestones:
        year, link, words = st.columns([2, 7, 17], vertical_alignment="center")
        year.markdown(f"**{summary.year}**")
        with link:
            st.page_link(
                page("pipeline"),
                label=summary.title,
                query_params={"net": summary.slug, "lang": session.language()},
                icon=":material/view_in_ar:",
            )
        figures = t("atlas.figures", parameters=count_text(summary.parameters), macs=count_text(summary.macs))
        words.markdown(f"{lesson('networks', summary.lesson, 'contribution')}  \n:small[:gray[{figures}]]")


def table(summaries: Sequence[NetworkSummary]) -> None:
    """All networks as a sortable table: the text twin of both figures. The names open their pipelines."""
    rows = [
        {
            "year": summary.year,
            "title": summary.title,
            "input": "×".join(map(str, (*summary.input_shape[1:], summary.input_shape[0]))),
            "depth": summary.depth,
            "parameters": summary.parameters,
            "macs": summary.macs,
            "memory": summary.activation_bytes / 2**20,
            "rf": summary.rf_size,
            "top1": summary.top1,
            "dataset": summary.dataset,
            "protocol": protocol(summary.protocol),
            "source": summary.source,
        }
        for summary in summaries
    ]
    columns: dict[str, Any] = {key: st.column_config.Column(t(f"column.{key}")) for key in rows[0]}
    columns["year"] = st.column_config.NumberColumn(t("column.year"), format="%d")
    names: dict[str, Any] = {"type": "tertiary", "alignment": "left", "pinned": True, "key": _NAMES}
    columns["title"] = st.column_config.ButtonColumn(t("column.title"), **names)
    for key in ("depth", "rf"):
        columns[key] = st.column_config.Column(t(f"column.{key}"), help=explained(key))
    for key in ("parameters", "macs"):
        counts = (getattr(summary, key) for summary in summaries)
        columns[key] = count_column(t(f"column.{key}"), counts, explained(key))
    memory, top1 = t("column.memory_mb"), t("column.top1")
    columns["memory"] = st.column_config.NumberColumn(memory, format="%.1f", help=explained("memory"))
    columns["top1"] = st.column_config.NumberColumn(top1, format="%.2f", help=explained("top1"))
    st.dataframe(rows, column_config=columns, hide_index=True, height=420, placeholder="–")
    if clicked := state.get(_NAMES, None):
        _open_pipeline(summaries[clicked["row"]].slug)
