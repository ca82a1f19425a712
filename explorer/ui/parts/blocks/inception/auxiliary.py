"""Auxiliary heads: where they sit, what they weigh, and which gradient reaches the early layers with and without."""

from __future__ import annotations

import streamlit as st

from explorer.figures import palette
from explorer.figures.inception_curves import Line, lines
from explorer.records.inception import AuxiliaryReach, LayerGradient
from explorer.ui.cached import networks
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import percent, thousands, times
from explorer.ui.shell import exhibit, layout, navigation
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs, onward

_HEADS = ("inception4a", "inception4d")
"""The modules that the two heads read."""


def show() -> None:
    """The view."""
    layout.section(t("inception.heads"), t("inception.heads_note"))
    _where()
    fragment(_gradients)
    st.markdown(t("inception.later"))
    label, there = t("inception.in_pipeline", network="GoogLeNet"), {**onward.address("googlenet"), "o.aux": "1"}
    icon = ":material/view_in_ar:"
    st.page_link(navigation.page("pipeline"), label=label, icon=icon, query_params=there, width="content")


def _gradients() -> None:
    """What reaches the early layers, at a weight of the heads' losses that is chosen here."""
    with layout.row():
        start = inputs.segmented(STATE.start)
        weight = inputs.slider(STATE.weight)
        seed = inputs.number(STATE.seed)
    normalised = inputs.toggle(STATE.norm)
    with st.spinner(t("inception.backward")):
        found = cached.reach(start, seed, normalised=normalised)
    _reached(found, weight, start)


def _where() -> None:
    """The heads in the network: what they read, and how much of it they are while it trains."""
    with layout.waiting():
        trained = networks.trace(cached.googlenet(aux=True))
    whole = trained.parameters
    heads = sum(layer.parameters for layer in trained.layers if layer.block.startswith("aux"))
    macs = sum(layer.macs for layer in trained.layers if layer.block.startswith("aux"))
    layout.facts(
        [
            (t("inception.fact_read"), "4a · 4d", t("inception.fact_read_note")),
            (t("inception.fact_heads"), thousands(heads), t("inception.fact_heads_note", share=percent(heads / whole))),
            (t("inception.fact_macs"), thousands(macs), t("inception.fact_heads_macs", total=thousands(trained.macs))),
            (t("inception.fact_test"), "0", t("inception.fact_test_note")),
        ]
    )
    st.latex(r"L = L_{\mathrm{main}} + 0.3\,L_{4a} + 0.3\,L_{4d}")


def _reached(found: AuxiliaryReach, weight: float, start: str) -> None:
    """Norms of the gradients, convolution by convolution."""
    places = range(1, len(found.layers) + 1)
    alone = [(k, layer.norm(0)) for k, layer in zip(places, found.layers, strict=True)]
    total = [(k, layer.norm(weight)) for k, layer in zip(places, found.layers, strict=True)]
    curves = [
        Line(t("inception.main_only"), palette.ORANGE, alone),
        Line(t("inception.with_heads", weight=f"{weight:g}"), palette.BLUE, total),
    ]
    marks = {head: float(_last(found.layers, head)) for head in _HEADS}
    option = lines(
        curves,
        theme=layout.theme(),
        across=t("inception.conv_number"),
        upright=t("inception.gradient_norm"),
        title=t("inception.reach_title", start=t(f"inception.start.{start}")),
        marks=marks,
        log=True,
    )
    first, last = found.layers[0], found.layers[-1]
    said = t(
        "inception.reach_say",
        layer=first.layer,
        alone=f"{first.norm(0):.2g}",
        total=f"{first.norm(weight):.2g}",
        weight=f"{weight:g}",
        times=times(first.norm(weight) / first.norm(0)),
        last=last.layer,
        ratio=times(last.norm(weight) / last.norm(0)),
    )
    losses = t(
        "inception.losses_say",
        images=found.images,
        main=f"{found.losses[0]:.2f}",
        first=f"{found.losses[1]:.2f}",
        second=f"{found.losses[2]:.2f}",
    )
    rows = [
        {
            t("inception.conv_number"): k,
            t("inception.layer"): layer.layer,
            t("inception.main_only"): f"{layer.norm(0):.4g}",
            t("inception.with_heads", weight=f"{weight:g}"): f"{layer.norm(weight):.4g}",
        }
        for k, layer in zip(places, found.layers, strict=True)
    ]
    st.markdown(said)
    exhibit.show(Exhibit("inception-reach", option, said, rows, formula=_NORM, code=_code, note=losses, height=360))


_NORM = r"\lVert \nabla_W L_{\mathrm{main}} + w\,\nabla_W (L_{4a}+L_{4d})\rVert"


def _last(layers: tuple[LayerGradient, ...], block: str) -> int:
    """The number of a block's last convolution."""
    return max(k for k, layer in enumerate(layers, start=1) if layer.block == block)


def _code() -> exhibit.Code:
    from explorer.blocks.auxiliary import auxiliary_reach

    return (auxiliary_reach,)
