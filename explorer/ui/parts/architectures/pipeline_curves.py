"""Sizes along the network, and where its cost sits."""

from __future__ import annotations

from typing import Any

from explorer.ui.cached import figures, networks as cached
from explorer.ui.parts.architectures import pipeline_places
from explorer.ui.parts.architectures.pipeline import SIZE_TERMS, PipelineInput, figure_labels
from explorer.ui.parts.architectures.pipeline_drawing import route_sentence
from explorer.ui.shell import exhibit, layout, session
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t


def curves(chosen: PipelineInput, level: str) -> None:
    """n_H, n_W, n_C and the receptive field along the network: of parallel branches, along the longest."""
    from explorer.arithmetic import output_size
    from explorer.figures.curves import size_curves
    from explorer.folding import longest_route

    segments, title = cached.outline(chosen.instance, level), t("pipeline.curves")
    route = longest_route(segments)
    layout.section(title, t("pipeline.curves_note"))
    layout.terms({t(f"size.{key}"): key for key in SIZE_TERMS})
    data, key = (route, chosen.instance.input_shape), (chosen.instance, level)
    figure = figures.figure(size_curves, session.dark(), figure_labels(), key, data, title=title)
    rows: list[dict[str, Any]] = [
        {
            t("column.stage"): segment.label,
            "n_H": segment.out_shape[1] if len(segment.out_shape) == 3 else 1,
            "n_W": segment.out_shape[2] if len(segment.out_shape) == 3 else 1,
            "n_C": segment.out_shape[0],
        }
        for segment in route
    ]
    name = f"sizes-{chosen.spec.slug}-{level}"
    exhibit.show(Exhibit(name, figure, route_sentence(chosen, segments), rows=rows, code=(output_size,), wide=0))


def shares(chosen: PipelineInput) -> None:
    """Where parameters, multiply-adds and memory sit, stage by stage."""
    from explorer.figures.curves import cost_bars

    segments, title = cached.outline(chosen.instance, "stage"), t("pipeline.shares")
    layout.section(title, t("pipeline.shares_note"))
    pipeline_places.verdict(chosen)
    most = max(segments, key=lambda s: s.parameters), max(segments, key=lambda s: s.macs)
    figure = figures.figure(cost_bars, session.dark(), figure_labels(), (chosen.instance,), (segments,), title=title)
    sentence = t("pipeline.shares_alt", parameters=most[0].label, macs=most[1].label)
    rows = [
        {
            t("column.stage"): segment.label,
            t("column.parameters"): segment.parameters,
            t("column.macs"): segment.macs,
            t("column.memory"): segment.activation_bytes,
        }
        for segment in segments
    ]
    note = pipeline_places.sentence(chosen)
    exhibit.show(
        Exhibit(f"shares-{chosen.spec.slug}", figure, sentence, rows=rows, code=(cost_bars,), note=note, wide=0)
    )
