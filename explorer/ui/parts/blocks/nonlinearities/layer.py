"""A non-linearity on what a trained network's layer gives it: how many values become 0 or lie where it is flat."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from explorer.blocks.activations import ACTIVATIONS, FLAT
from explorer.figures import nonlinear as figures, palette
from explorer.records.nonlinear import LayerValues
from explorer.ui.cached.blocks import nonlinearities as cached
from explorer.ui.parts.blocks.nonlinearities.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Code, Exhibit, Rows
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show(function: str, knobs: Mapping[str, float]) -> None:
    """Pre-activations before and after the function, as histograms, with the shares that matter."""
    layout.section(t("nonlinearities.real"), t("nonlinearities.real_note"))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        named = {code: t(f"nonlinearities.net.{code}") for code in STATE.net.codes}
        net = inputs.select(STATE.net, named=named.__getitem__)
    with layout.waiting():
        names = cached.layers(net)
    with right:
        layer = inputs.select(STATE.layer, names, str, owner=net)
    with layout.waiting():
        found = cached.layer_values(net, layer, function, tuple(sorted(knobs.items())))
    title, limit = ACTIVATIONS[function].title, f"{100 * FLAT:g}"
    facts = [
        (t("nonlinearities.negative"), _percent(found.negative), t("nonlinearities.negative_note")),
        (t("nonlinearities.zeros"), _percent(found.zeros), t("nonlinearities.zeros_note")),
        (t("nonlinearities.flat"), _percent(found.flat), t("nonlinearities.flat_note", limit=limit)),
        (t("nonlinearities.dead"), _percent(found.dead), t("nonlinearities.dead_note")),
    ]
    layout.facts(facts)
    said = t(
        "nonlinearities.real_says",
        count=f"{found.count:,}",
        layer=layer,
        name=title,
        zeros=_percent(found.zeros),
        flat=_percent(found.flat),
        limit=limit,
        dead=_percent(found.dead),
    )
    measured = {t("nonlinearities.mean"): f"{found.mean:.4g}", t("nonlinearities.std"): f"{found.std:.4g}"}
    rows = [{**measured, **{name: value for name, value, _ in facts}}]
    exhibit.side_by_side(_histograms(found, title, said, rows))
    st.markdown(said)


def _histograms(found: LayerValues, title: str, said: str, rows: Rows) -> list[Exhibit]:
    drawn = [
        figures.histogram(
            edges,
            counts,
            theme=layout.theme(),
            colour=colour,
            words={"x": across, "share": t("nonlinearities.share")},
            title=t(f"nonlinearities.{name}"),
        )
        for name, edges, counts, colour, across in (
            ("before", found.edges, found.before, palette.BEFORE, t("nonlinearities.z")),
            ("after", found.after_edges, found.after, palette.AFTER, f"a = g(z), {title}"),
        )
    ]
    before = Exhibit("layer-before", drawn[0], said, rows=rows, height=260)
    return [before, Exhibit("layer-after", drawn[1], said, rows=rows, code=_code, height=260)]


def _code() -> Code:
    from explorer.inspection import pre_activations, through

    return pre_activations, through


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
