"""The parts of the Shape pipeline page, above its lesson; what lies below it is in `pipeline_views`."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import streamlit as st

from explorer.errors import ExplorerError, ShapeMismatch
from explorer.fields import Field, choice, number, slug
from explorer.figures.notation import bytes_text, count_text, pair_text, shape_text
from explorer.images import PHOTOGRAPHS
from explorer.records import KINDS, LEVELS, NetworkInstance, NetworkSpec, NetworkSummary, Segment, ShapeTrace
from explorer.ui.cached import figures, networks as cached, painted
from explorer.ui.cached.networks import Words
from explorer.ui.parts.architectures.painting import is_painted, painter_of
from explorer.ui.shell import exhibit, layout, session, state
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.tables import table
from explorer.ui.shell.words import group, lesson, protocol, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.network import NetworkFields, build
from explorer.ui.widgets.onward import name_html

VIEWS = ("ledger", "graph", "torchinfo", "sources", "code")

FACT_TERMS = ("parameters", "macs", "depth", "memory", "rf", "top1")
SIZE_TERMS = ("n_h", "n_w", "n_c", "rf", "jump")
"""Words that are explained where they first stand: in the strip of totals, and above the curves of sizes."""

_IMAGES = (*(each.slug for each in PHOTOGRAPHS), cached.DIGIT)
_SHOWN = 24
"""Maps of the first convolution in the filmstrip."""


@dataclass(frozen=True, slots=True)
class PipelineState:
    """What is chosen on the page: a network as it is built, an image, how it is drawn, and what lies below."""

    network: NetworkFields = field(default_factory=NetworkFields)
    image: Field[str] = choice("pic", _IMAGES, label="control.image", named="image")
    level: Field[str] = choice("level", LEVELS, "block")
    scale: Field[str] = choice("scale", ("linear", "sqrt"))
    view: Field[str] = choice("view", VIEWS)
    operation: Field[int] = number("op", 1, 100_000, 1)
    block: Field[str] = slug("block")
    file: Field[str] = slug("file")


STATE = PipelineState()


@dataclass(frozen=True, slots=True)
class PipelineInput:
    """What is drawn: a network as it is built, and the image that is sent in."""

    spec: NetworkSpec
    instance: NetworkInstance
    image: str


def choose_input(slug: str) -> PipelineInput:
    """Image, input size, classes and the network's options, behind one button."""
    with layout.waiting():
        spec = cached.spec(slug)
    with st.popover(t("pipeline.input"), icon=":material/tune:", width="stretch"):
        named = {code: t(f"image.{code}") for code in STATE.image.codes}
        usual = cached.DIGIT if spec.input_shape[0] == 1 else PHOTOGRAPHS[0].slug  # what the network was made to read
        image = inputs.select(STATE.image, list(named), named.__getitem__, default=usual, owner=spec.input_shape[0])
        instance = build(STATE.network, spec, none=t("pipeline.no_options"))
    return PipelineInput(spec, instance, image)


def traced(chosen: PipelineInput) -> ShapeTrace | None:
    """The trace, or None after a sentence that says what does not fit and what would."""
    try:
        return cached.trace(chosen.instance)
    except ShapeMismatch as problem:
        cure = t("problem.cure", smallest=problem.smallest) if problem.smallest else t("problem.no_cure")
        text = t(f"problem.{problem.reason}", network=problem.network, layer=problem.layer, **problem.values)
        st.error(f"{text} {cure}", icon=":material/straighten:")
        if problem.smallest:
            arguments = (chosen.spec.slug, problem.smallest)
            st.button(t("problem.use", smallest=problem.smallest), on_click=_use_size, args=arguments)
    except ExplorerError as problem:
        st.error(str(problem), icon=":material/error:")
    return None


def _use_size(slug: str, side: int) -> None:
    for side_of in (STATE.network.height, STATE.network.width):
        state.assign(side_of, side, owner=slug)


def introduction(summary: NetworkSummary) -> None:
    """What the network is: its name in the colour of its family, what it added, and what it was made for."""
    said, made_for = (lesson("networks", summary.lesson, slot) for slot in ("contribution", "purpose"))
    words = f"{name_html(summary)} · {summary.year} · {escape(said)} <span>{escape(made_for)}</span>"
    st.html(f'<p class="atlas-introduction">{words}</p>')


def headline(summary: NetworkSummary, chosen: PipelineInput, trace: ShapeTrace) -> None:
    """The strip of totals, each with its convention; the accuracy only of the network as it was published."""
    last = trace.last_map
    rows = [
        (t("figure.parameters"), f"{trace.parameters:,}", t("fact.parameters", buffers=f"{trace.buffers:,}")),
        (t("figure.macs"), count_text(trace.macs), t("fact.macs", exact=f"{trace.macs:,}")),
        (t("figure.depth"), str(trace.depth), t("fact.depth")),
        (t("figure.memory"), bytes_text(trace.activation_bytes), t("fact.memory")),
        (t("figure.receptive_field"), pair_text(last.rf.size), t("fact.rf", layer=last.stage)),
    ]
    if summary.top1 is not None and dict(chosen.instance.options) == chosen.spec.options():
        measured = f"{protocol(summary.protocol)} · {summary.source}{t('atlas.recalled') if summary.recalled else ''}"
        rows.append((t("fact.top1", dataset=summary.dataset), f"{summary.top1:.2f} %", measured))
    layout.facts(rows, FACT_TERMS[: len(rows)])


def figure_labels() -> Words:
    """The labels of the drawings; kinds of operation are keyed by their code."""
    kinds = {kind: t(f"kind.{kind}") for kind in KINDS}
    return tuple({**group("figure"), **kinds, **operation_labels()}.items())


def operation_labels() -> dict[str, str]:
    """The names of operations, as `figures.notation` asks for them."""
    return {f"operation.{notation}": name for notation, name in group("operation").items()}


def volumes(summary: NetworkSummary, chosen: PipelineInput, level: str, scale: str) -> None:
    """The drawing with its scales, and where the network comes from."""
    from explorer.figures.boxes import scales_text
    from explorer.figures.ledger import segment_table
    from explorer.tracing import outline

    segments, painter = cached.outline(chosen.instance, level), painter_of(summary, chosen.instance)
    ready = painter if is_painted(painter, chosen.image, level) else ""
    pixels, channels, entries = scales_text(segments, chosen.instance.input_shape)
    note = t(f"pipeline.{scale}_note", pixels=pixels, channels=channels, entries=entries)
    if not all(segment.main for segment in segments):
        note = f"{note} {t('pipeline.aux_note')}"
    if level == "layer" and [s.layers for s in segments] == [
        s.layers for s in cached.outline(chosen.instance, "block")
    ]:
        note = f"**{t('pipeline.same_note')}** {note}"
    wide = min(1 + len(segments) // 40, 3)  # many volumes: wider than the screen, to be scrolled
    if wide > 1:
        note = f"{note} {t('pipeline.wide_note')}"
    if painter:
        note = f"{note} {t('pipeline.painted') if ready else t('pipeline.painting')}"
    link = f" · [arXiv:{summary.url.rsplit('/', 1)[-1]}]({summary.url})" if summary.url else ""
    exhibit.show(
        Exhibit(
            f"pipeline-{chosen.spec.slug}-{level}",
            figures.drawing(chosen.instance, chosen.image, level, scale, session.dark(), figure_labels(), ready),
            route_sentence(chosen, segments),
            rows=lambda: segment_table(segments).to_dict("records"),
            table=lambda: table(segment_table(segments), "summary"),
            code=(outline,),
            note=f"{note}  \n{summary.citation}{link}",
            wide=wide,
        )
    )


def route_sentence(chosen: PipelineInput, segments: tuple[Segment, ...]) -> str:
    """The text twin of the drawing: the sizes along the main route."""
    sizes = [shape_text(chosen.instance.input_shape), *(shape_text(s.out_shape) for s in segments if s.main)]
    route = [size for i, size in enumerate(sizes) if i == 0 or size != sizes[i - 1]]
    return t("pipeline.sentence", title=chosen.spec.title, route=" → ".join(route))


def from_an_image(summary: NetworkSummary, chosen: PipelineInput, level: str) -> None:
    """The input image, and the first convolution's maps of it: with the weights that the volumes are painted with."""
    instance, painter = chosen.instance, painter_of(summary, chosen.instance)
    left, right = st.columns([1, 5], vertical_alignment="top", gap="medium")
    with left:
        jpeg = cached.photograph_jpeg(chosen.image, instance.size, instance.input_shape[0])
        named, credit = t(f"image.{chosen.image}"), cached.credit(chosen.image)
        exhibit.show(Exhibit("input", jpeg, named, note=credit), details=False)
    with right:
        _filmstrip(chosen, painter if is_painted(painter, chosen.image, level) else "")


def _filmstrip(chosen: PipelineInput, painter: str) -> None:
    """The maps with the weights of a model, or with untrained ones for ""."""
    image = cached.input_image(chosen.image)
    untrained = None if painter else cached.first_maps(chosen.instance, chosen.image)
    layer, maps = (untrained.layer, untrained.maps) if untrained else painted.first_maps(painter, image)
    count, rows, columns = maps.shape
    shown = min(_SHOWN, count)
    said = t("pipeline.maps", layer=layer, size=f"{rows}×{columns}×{count}", shown=shown, count=count)
    if untrained:
        png = cached.filmstrip(chosen.instance, chosen.image, shown)
        said = f"{said} {t('pipeline.maps_untrained', seed=untrained.seed)}"
    else:
        png, said = painted.filmstrip(painter, image, shown), f"{said} {t('pipeline.maps_trained')}"
    alt = t("pipeline.maps_alt", shown=shown, count=count)
    exhibit.show(Exhibit("first-maps", png, alt, note=said), details=False)
