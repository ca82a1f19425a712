"""Inception v3, v4 and Inception-ResNet: their blocks; and why a wide sum is scaled down."""

from __future__ import annotations

import streamlit as st

from explorer.figures import palette
from explorer.figures.inception_curves import Line, lines
from explorer.figures.notation import operation_text, shape_text
from explorer.records import KINDS, BlockGraph
from explorer.records.inception import SumGrowth, SumTraining
from explorer.ui.cached import figures, networks
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import significant
from explorer.ui.shell import exhibit, layout, navigation, session
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import group, listed, t
from explorer.ui.widgets import inputs, onward
from explorer.ui.widgets.operation_words import operation_labels

SCALES = (1.0, 0.3, 0.1)
"""No scaling, and the ends of the range that Szegedy et al. 2016 give."""

_COLOURS = (palette.ORANGE, palette.GREEN, palette.BLUE, palette.PINK)


def show() -> None:
    """The view."""
    layout.section(t("inception.blocks"), t("inception.blocks_note"))
    _block()
    layout.section(t("inception.wide_sum"), t("inception.wide_sum_note"))
    _sum()


# --- the blocks -------------------------------------------------------------------------------------------------------


def _block() -> None:
    code = inputs.select(STATE.block, STATE.block.codes, group("inception.block").__getitem__, default="resnet-a")
    with layout.waiting():
        graph = cached.block(code)
    slug, path = cached.BLOCKS[code]
    title = f"{networks.spec(slug).title} · {path}"
    layers = [layer for node in graph.nodes for layer in node.layers]
    said = t(
        f"inception.said.{code}",
        n_in=graph.entries[0][0],
        n_out=graph.nodes[-1].out_shape[0],
        macs=f"{sum(layer.macs for layer in layers):,}",
        parameters=f"{sum(layer.parameters for layer in layers):,}",
    )
    st.markdown(said)
    _drawing(graph, title, code, said)
    page = navigation.page("pipeline")
    label = t("inception.in_pipeline", network=networks.spec(slug).title)
    st.page_link(page, label=label, icon=":material/view_in_ar:", query_params=onward.address(slug), width="content")


def _drawing(graph: BlockGraph, title: str, code: str, said: str) -> None:
    from explorer.figures.graph import block_graph, columns
    from explorer.folding import block_graph as folded

    kinds = {kind: t(f"kind.{kind}") for kind in KINDS}
    labels = tuple({**group("figure"), **kinds, **operation_labels()}.items())
    drawn = figures.figure(block_graph, session.dark(), labels, (code,), (graph,), title=title)
    rows = [
        {
            t("inception.number"): number,
            t("inception.operation"): " · ".join(operation_text(layer, dict(labels)) for layer in node.layers),
            t("inception.reads"): listed(
                str(source + 1) if source >= 0 else t("figure.input") for source in node.inputs
            ),
            t("inception.fact_out"): shape_text(node.out_shape),
        }
        for number, node in enumerate(graph.nodes, start=1)
    ]
    many = columns(graph)
    exhibit.show(
        Exhibit("inception-block", drawn, f"{title}. {said}", rows, code=(folded,), wide=1 + (many >= 8) + (many >= 12))
    )


# --- the sum ----------------------------------------------------------------------------------------------------------


def _sum() -> None:
    left, middle, right = st.columns([2, 1, 2], gap="medium", vertical_alignment="bottom")
    with left:
        scale = inputs.slider(STATE.scale)
    with middle:
        wide = inputs.select(STATE.wide)
    with right:
        depth = inputs.slider(STATE.depth)
    scales = tuple(dict.fromkeys((*SCALES, scale)))
    grown = cached.growth(wide, scales)
    with layout.waiting():
        trained = [cached.training(wide, each) for each in scales]
    st.markdown(_said(grown, trained, depth, wide))
    exhibit.side_by_side([_growth(grown, depth), _losses(trained)])


def _said(grown: tuple[SumGrowth, ...], trained: list[SumTraining], depth: int, wide: int) -> str:
    lost = [each.losses.index(None) for each in trained if None in each.losses][:1]
    ends = listed(f"α = {each.scale:g}: {significant(each.measured[depth - 1])}" for each in grown)
    died = t("inception.died", step=lost[0] + 1) if lost and trained[0].losses[-1] is None else t("inception.alive")
    return t(
        "inception.sum_of_blocks",
        depth=depth,
        wide=wide,
        ends=ends,
        predicted=significant(grown[0].predicted[depth - 1]),
        died=died,
    )


def _growth(grown: tuple[SumGrowth, ...], depth: int) -> Exhibit:
    curves = []
    for each, colour in zip(grown, _COLOURS, strict=False):
        name = t("inception.scale_is", scale=f"{each.scale:g}")
        curves.append(Line(name, colour, [(0, 1.0), *enumerate(each.measured[:depth], start=1)]))
    for each, colour in zip(grown, _COLOURS, strict=False):
        name = t("inception.theory")  # one entry of the legend for all
        curves.append(Line(name, colour, [(0, 1.0), *enumerate(each.predicted[:depth], start=1)], dashed=True))
    option = lines(
        curves,
        theme=layout.theme(),
        across=t("inception.after_blocks"),
        upright=t("inception.deviation"),
        title=t("inception.growth_title"),
        log=True,
    )
    rows = [
        {t("inception.after_blocks"): k + 1}
        | {t("inception.scale_is", scale=f"{each.scale:g}"): f"{each.measured[k]:.4g}" for each in grown}
        for k in range(depth)
    ]
    said = t("inception.growth_say")
    return Exhibit("inception-growth", option, said, rows, formula=_GROWTH, code=_growth_code, note=said, height=360)


_GROWTH = r"\operatorname{Var}[x + \alpha F(x)] = (1+\alpha^2)\operatorname{Var}[x]"


def _growth_code() -> exhibit.Code:
    from explorer.blocks.residual_sum import growth

    return (growth,)


def _losses(trained: list[SumTraining]) -> Exhibit:
    curves = []
    for each, colour in zip(trained, _COLOURS, strict=False):
        points = [(step, None if loss is None else max(loss, 1e-3)) for step, loss in enumerate(each.losses, start=1)]
        curves.append(Line(t("inception.scale_is", scale=f"{each.scale:g}"), colour, points, dots=True))
    option = lines(
        curves,
        theme=layout.theme(),
        across=t("inception.step"),
        upright=t("inception.loss"),
        title=t("inception.training_title"),
        log=True,
    )
    rows = [
        {t("inception.step"): step + 1}
        | {t("inception.scale_is", scale=f"{each.scale:g}"): each.losses[step] for each in trained}
        for step in range(len(trained[0].losses))
    ]
    said = t("inception.training_say")
    return Exhibit("inception-losses", option, said, rows, code=_training_code, note=said, height=360)


def _training_code() -> exhibit.Code:
    from explorer.blocks.residual_sum import short_training

    return (short_training,)
