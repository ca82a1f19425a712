"""The parts of the Shape pipeline page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.errors import ExplorerError, ShapeMismatch
from explorer.figures.words import bytes_text, count_text, pair_text, shape_text
from explorer.records import KINDS, NetworkCard, NetworkInstance, NetworkSpec, Segment, ShapeTrace
from explorer.ui.cached import networks as cached
from explorer.ui.cached.networks import Words
from explorer.ui.shell import layout, session, state
from explorer.ui.shell.tables import table
from explorer.ui.shell.words import group, protocol, t
from explorer.ui.widgets import basics as controls


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is drawn: a network as it is built, and the picture that is sent in."""

    spec: NetworkSpec
    instance: NetworkInstance
    picture: str


def choose_input(slug: str) -> Chosen:
    """Picture, input size, classes and the network's options, behind one button."""
    from explorer.pictures import PICTURES

    with layout.waiting():
        spec = cached.spec(slug)
    with st.popover(t("pipeline.input"), icon=":material/tune:", width="stretch"):
        picture = controls.picture_picker(PICTURES)
        with st.container(horizontal=True):
            size = controls.input_size(spec)
            classes = controls.class_count(spec)
        options = controls.options(spec)
        if not options:
            st.caption(t("pipeline.no_options"))
    instance = NetworkInstance.of(spec, size=size, classes=classes, options=dict(options))
    return Chosen(spec, instance, picture.slug)


def traced(chosen: Chosen) -> ShapeTrace | None:
    """The trace, or None after a sentence that says what does not fit and what would."""
    try:
        return cached.trace(chosen.instance)
    except ShapeMismatch as problem:
        cure = t("problem.cure", smallest=problem.smallest) if problem.smallest else t("problem.no_cure")
        text = t(f"problem.{problem.reason}", network=problem.network, layer=problem.layer, **problem.values)
        st.error(f"{text} {cure}", icon=":material/straighten:")
        if problem.smallest:
            st.button(t("problem.use", smallest=problem.smallest), on_click=_use, args=(chosen, problem.smallest))
    except ExplorerError as problem:
        st.error(str(problem), icon=":material/error:")
    return None


def _use(chosen: Chosen, side: int) -> None:
    for name in ("h", "w"):
        state.put(f"{name}.{chosen.spec.slug}", side)


def headline(card: NetworkCard, chosen: Chosen, trace: ShapeTrace) -> None:
    """The strip of totals, each with its convention; the accuracy only of the network as it was published."""
    last = trace.last_map
    rows = [
        (t("figure.parameters"), f"{trace.parameters:,}", t("fact.parameters", buffers=f"{trace.buffers:,}")),
        (t("figure.macs"), count_text(trace.macs), t("fact.macs", exact=f"{trace.macs:,}")),
        (t("figure.depth"), str(trace.depth), t("fact.depth")),
        (t("figure.memory"), bytes_text(trace.activation_bytes), t("fact.memory")),
        (t("figure.receptive_field"), pair_text(last.rf.size), t("fact.rf", layer=last.stage)),
    ]
    if card.top1 is not None and dict(chosen.instance.options) == chosen.spec.options():
        note = t("atlas.recalled") if card.recalled else ""
        rows.append(
            (
                t("fact.top1", dataset=card.dataset),
                f"{card.top1:.2f} %",
                f"{protocol(card.protocol)} · {card.source}{note}",
            )
        )
    layout.facts(rows)


def drawing_words() -> Words:
    """The strings of the drawings; kinds of operation are named by their code."""
    kinds = {kind: t(f"kind.{kind}") for kind in KINDS}
    return tuple({**group("figure"), **kinds, **operation_words()}.items())


def operation_words() -> dict[str, str]:
    """The names of operations, as `figures.words` asks for them."""
    return {f"operation.{notation}": name for notation, name in group("operation").items()}


def volumes(card: NetworkCard, chosen: Chosen, level: str, stretch: str) -> None:
    """The drawing, its caption with the scales, its downloads and its text twin."""
    from explorer.figures.boxes import scales_text

    segments, shape = cached.outline(chosen.instance, level), chosen.instance.input_shape
    fig = cached.drawing(chosen.instance, chosen.picture, level, stretch, session.dark(), drawing_words())
    width = min(1 + len(segments) // 40, 3)  # many volumes: wider than the screen, to be scrolled
    with st.container(key=f"wide-pipeline-w{width}"):
        layout.plot(fig, key=f"pipeline-{chosen.spec.slug}-{level}", alt=_sentence(chosen, segments))
    note, take = st.columns([3, 1], vertical_alignment="top")
    pixels, channels, entries = scales_text(segments, shape)
    words = t(f"pipeline.{stretch}_note", pixels=pixels, channels=channels, entries=entries)
    if not all(s.main for s in segments):
        words = f"{words} {t('pipeline.aux_note')}"
    link = f" · [arXiv:{card.url.rsplit('/', 1)[-1]}]({card.url})" if card.url else ""
    note.caption(f"{words}  \n{card.citation}{link}")
    with take:
        slug = chosen.spec.slug
        layout.figure_downloads(
            {f"{slug}-{level}": fig, f"{slug}-sizes": _curves(chosen, level), f"{slug}-shares": _shares(chosen)}
        )
    with st.expander(t("pipeline.twin"), icon=":material/table_rows:", on_change="rerun", key="twin") as twin:
        if twin.open:
            st.markdown(_sentence(chosen, segments))
            table(_summary(segments), "summary")


def _sentence(chosen: Chosen, segments: tuple[Segment, ...]) -> str:
    """The drawing in words: the sizes that a volume passes through."""
    sizes = [shape_text(chosen.instance.input_shape), *(shape_text(s.out_shape) for s in segments if s.main)]
    route = [size for i, size in enumerate(sizes) if i == 0 or size != sizes[i - 1]]
    return t("pipeline.sentence", title=chosen.spec.title, route=" → ".join(route))


def _summary(segments: tuple[Segment, ...]) -> Any:
    from explorer.figures.ledger import summary

    return summary(segments)


_SHOWN = 24
"""Maps of the first convolution in the strip."""


def from_a_picture(chosen: Chosen) -> None:
    """The picture that goes in, and what the first convolution makes of it."""
    from explorer.pictures import picture

    instance = chosen.instance
    maps = cached.first_maps(instance, chosen.picture)
    count, rows, columns = maps.maps.shape
    shown = min(_SHOWN, count)
    left, right = st.columns([1, 5], vertical_alignment="top", gap="medium")
    with left:
        pixels = cached.photograph(chosen.picture, instance.size, instance.input_shape[0])
        st.image(pixels, width="stretch", output_format="JPEG", alt=t(f"picture.{chosen.picture}"))
        st.caption(picture(chosen.picture).credit)
    with right:
        png = cached.strip(instance, chosen.picture, shown)
        st.image(png, width="stretch", alt=t("pipeline.maps_alt", shown=shown, count=count))
        size = f"{rows}×{columns}×{count}"
        st.caption(t("pipeline.maps", layer=maps.layer, size=size, shown=shown, count=count, seed=maps.seed))


def _curves(chosen: Chosen, level: str) -> Any:
    data = cached.outline(chosen.instance, level), chosen.instance.input_shape
    title, key = t("pipeline.curves"), (chosen.instance, level)
    return cached.figure("curves.size_curves", session.dark(), drawing_words(), key, data, title=title)


def curves(chosen: Chosen, level: str) -> None:
    """n_H, n_W, n_C and the receptive field along the network."""
    layout.section(t("pipeline.curves"), t("pipeline.curves_note"))
    alt = _sentence(chosen, cached.outline(chosen.instance, level))
    layout.plot(_curves(chosen, level), key="curves", alt=alt)


def _shares(chosen: Chosen) -> Any:
    data = (cached.outline(chosen.instance, "stage"),)
    title = t("pipeline.shares")
    return cached.figure("curves.cost_bars", session.dark(), drawing_words(), (chosen.instance,), data, title=title)


def shares(chosen: Chosen) -> None:
    """Where parameters, multiply-adds and memory sit, stage by stage."""
    layout.section(t("pipeline.shares"), t("pipeline.shares_note"))
    segments = cached.outline(chosen.instance, "stage")
    most = max(segments, key=lambda s: s.parameters), max(segments, key=lambda s: s.macs)
    alt = t("pipeline.shares_alt", parameters=most[0].label, macs=most[1].label)
    layout.plot(_shares(chosen), key="shares", alt=alt)
