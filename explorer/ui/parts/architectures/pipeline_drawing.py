"""The drawing of the volumes: its level of detail, its scales, and the same in words."""

from __future__ import annotations

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures.notation import shape_text
from explorer.records import NetworkInstance, NetworkSummary, Segment
from explorer.ui.cached import figures, networks as cached
from explorer.ui.parts.architectures.painting import painted_already
from explorer.ui.parts.architectures.pipeline import STATE, PipelineInput, figure_labels
from explorer.ui.shell import exhibit, session, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.tables import table
from explorer.ui.shell.words import sentences, t


def choose_level(instance: NetworkInstance) -> str:
    """The level of detail. Where blocks and layers would be the same drawing, only one of them is offered: layers if
    those were asked for, by a link or on another network, which so keeps its level.
    """
    bound, same = state.bind(STATE.level), _layers_are_blocks(instance)
    left_out = ("block" if bound.value == "layer" else "layer") if same else ""
    offered = {code: t(f"level.{code}") for code in STATE.level.codes if code != left_out}
    named, note = offered.__getitem__, t("pipeline.same_note") if same else None
    st.segmented_control(
        t(STATE.level.words), list(offered), format_func=named, key=bound.key, required=True, help=note
    )
    return bound.commit()


def _layers_are_blocks(instance: NetworkInstance) -> bool:
    """Layers are blocks cut further, so that as many of them are the same ones."""
    try:
        return len(cached.outline(instance, "layer")) == len(cached.outline(instance, "block"))
    except ExplorerError:  # what does not fit is said in place of the drawing
        return False


def volumes(summary: NetworkSummary, chosen: PipelineInput, level: str, scale: str) -> None:
    """The drawing with its scales, and where the network comes from."""
    from explorer.figures.boxes import screens
    from explorer.figures.ledger import segment_table
    from explorer.folding import outline

    segments, painted = cached.outline(chosen.instance, level), painted_already(summary, *chosen.drawn, level)
    note = _note(chosen.instance, segments, scale)
    wide = screens(segments)  # many volumes: wider than the window, to be scrolled
    if wide > 1:
        note = sentences(note, t("pipeline.wide_note"))
    if painted is None or painted.model_id:
        note = sentences(note, t("pipeline.painted") if painted else t("pipeline.painting"))
    link = f" · [arXiv:{summary.url.rsplit('/', 1)[-1]}]({summary.url})" if summary.url else ""
    exhibit.show(
        Exhibit(
            f"pipeline-{chosen.spec.slug}-{level}",
            figures.drawing(
                *chosen.drawn,
                level,
                scale,
                session.dark(),
                figure_labels(),
                painted.model_id if painted else None,
                painted.faces if painted else {},
            ),
            route_sentence(chosen, segments),
            rows=lambda: segment_table(segments).to_dict("records"),
            table=lambda: table(segment_table(segments), "summary"),
            code=(outline,),
            note=f"{note}  \n{summary.citation}{link}",
            wide=wide,
        )
    )


def _note(instance: NetworkInstance, segments: tuple[Segment, ...], scale: str) -> str:
    """The scales, and how to read what this drawing has besides volumes in a row."""
    from explorer.figures.boxes import lanes_inside, scales_text
    from explorer.figures.lanes import Stack, arranged

    pixels, channels, entries = scales_text(segments, instance.input_shape)
    said = [t(f"pipeline.{scale}_note", pixels=pixels, channels=channels, entries=entries)]
    stacks = [item for item in arranged(segments).items if isinstance(item, Stack)]
    said += [t("pipeline.lanes_note")] * any(not stack.gated for stack in stacks)
    said += [t("pipeline.gates_note")] * any(stack.gated for stack in stacks)
    said += [t("pipeline.branches_note")] * any(len(lanes_inside(segment)) > 1 for segment in segments)
    said += [t("pipeline.aux_note")] * (not all(segment.main for segment in segments))
    said += [t("pipeline.same_note")] * _layers_are_blocks(instance)
    return sentences(*said)


def route_sentence(chosen: PipelineInput, segments: tuple[Segment, ...]) -> str:
    """The text twin of the drawing: the sizes along the longest route."""
    from explorer.folding import longest_route

    sizes = [shape_text(chosen.instance.input_shape), *(shape_text(s.out_shape) for s in longest_route(segments))]
    route = [size for i, size in enumerate(sizes) if i == 0 or size != sizes[i - 1]]
    return t("pipeline.sentence", title=chosen.spec.title, route=" → ".join(route))
