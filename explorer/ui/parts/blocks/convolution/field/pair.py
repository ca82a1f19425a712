"""Equal layers one after the other against the one layer that sees as much."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic.stacks import stacked_pair
from explorer.figures import stacks as figures
from explorer.ui.parts.blocks.convolution.field.state import FIELDS
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_MOST_LAYERS = 8  # of the curve


def show() -> None:
    """Fields, parameters and non-linearities of both, and how their parameters grow with the window."""
    layout.section(t("convolution.pair.title"), t("convolution.pair.note"))
    left, middle, right = st.columns(3, gap="small")
    with left:
        f = inputs.select(FIELDS.f, FIELDS.f.codes, lambda side: f"{side} × {side}", default=FIELDS.f.default)
    with middle:
        layers = inputs.number(FIELDS.layers)
    with right:
        channels = inputs.number(FIELDS.channels)
    pair = stacked_pair(f, layers, channels)
    r = pair.size.value
    layout.facts(
        (
            (t("convolution.pair.size"), f"{r} × {r}", str(pair.size)),
            (
                t("convolution.pair.stacked", count=layers, f=f),
                f"{layers * f * f} C² = {pair.stacked.value:,}",
                f"{pair.stacked.symbols} = {pair.stacked.substituted}",
            ),
            (
                t("convolution.pair.single", r=r),
                f"{r * r} C² = {pair.single.value:,}",
                f"{pair.single.symbols} = {pair.single.substituted}",
            ),
            (
                t("convolution.pair.ratio"),
                f"{100 * pair.stacked.value / pair.single.value:.0f}%",
                t("convolution.pair.nonlinear", count=layers),
            ),
        )
    )
    found = [(count, stacked_pair(f, count, channels)) for count in range(1, _MOST_LAYERS + 1)]
    words = {
        "size": t("convolution.pair.axis"),
        "parameters": t("convolution.pair.parameters"),
        "stacked": t("convolution.pair.many", f=f),
        "single": t("convolution.pair.one"),
    }
    option = figures.pairs(found, layers, theme=layout.theme(), words=words, title=t("convolution.pair.title"))
    sentence = t(
        "convolution.pair.says", count=layers, f=f, r=r, less=f"{pair.stacked.value:,}", more=f"{pair.single.value:,}"
    )
    rows = [
        {words["size"]: each.size.value, words["stacked"]: each.stacked.value, words["single"]: each.single.value}
        for _, each in found
    ]
    exhibit.show(Exhibit("stack-pair", option, sentence, rows, code=(stacked_pair,), note=sentence, height=300))
