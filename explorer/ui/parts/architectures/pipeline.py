"""The parts of the Shape pipeline page, above its lesson; what lies below it is in `pipeline_views`."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from explorer.errors import ExplorerError, ShapeMismatch
from explorer.fields import Field, choice, slug
from explorer.figures.notation import bytes_text, count_text, pair_text
from explorer.images import DIGIT, PHOTOGRAPHS
from explorer.records import KINDS, LEVELS, NetworkInstance, NetworkSpec, NetworkSummary, ShapeTrace
from explorer.ui.cached import networks as cached
from explorer.ui.cached.networks import Words
from explorer.ui.shell import layout, state
from explorer.ui.shell.words import group, protocol, refusal, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.network import NetworkFields, build
from explorer.ui.widgets.operation import OPERATION
from explorer.ui.widgets.operation_words import operation_labels

VIEWS = ("ledger", "graph", "torchinfo", "sources", "code")

FACT_TERMS = ("parameters", "macs", "depth", "memory", "rf", "top1")
SIZE_TERMS = ("n_h", "n_w", "n_c", "rf", "jump")
"""Words that are explained where they first stand: in the strip of totals, and above the curves of sizes."""

_IMAGES = (*(each.slug for each in PHOTOGRAPHS), DIGIT.slug)


@dataclass(frozen=True, slots=True)
class PipelineState:
    """What is chosen on the page: a network as it is built, an image, how it is drawn, and what lies below."""

    network: NetworkFields = field(default_factory=NetworkFields)
    image: Field[str] = choice("pic", _IMAGES, label="control.image", named="image")
    level: Field[str] = choice("level", LEVELS, "block")
    scale: Field[str] = choice("scale", ("linear", "sqrt"))
    view: Field[str] = choice("view", VIEWS)
    operation: Field[int] = OPERATION
    block: Field[str] = slug("block")
    file: Field[str] = slug("file")


STATE = PipelineState()


@dataclass(frozen=True, slots=True)
class PipelineInput:
    """What is drawn: a network as it is built, and the image that is sent in."""

    spec: NetworkSpec
    instance: NetworkInstance
    image: str

    @property
    def drawn(self) -> tuple[NetworkInstance, str]:
        """What a drawing is made of."""
        return self.instance, self.image


def choose_input(slug: str) -> PipelineInput:
    """Image, input size, classes and the network's options, behind one button."""
    with layout.waiting():
        spec = cached.spec(slug)
    with st.popover(t("pipeline.input"), icon=":material/tune:", width="stretch"):
        named = {code: t(f"image.{code}") for code in STATE.image.codes}
        usual = DIGIT.slug if spec.input_shape[0] == 1 else PHOTOGRAPHS[0].slug  # what the network was made to read
        image = inputs.select(STATE.image, list(named), named.__getitem__, default=usual, owner=spec.input_shape[0])
        instance = build(STATE.network, spec, none=t("pipeline.no_options"))
    return PipelineInput(spec, instance, image)


def traced(chosen: PipelineInput) -> ShapeTrace | None:
    """The trace, or None after a sentence that says what does not fit and what would."""
    try:
        return cached.trace(chosen.instance)
    except ShapeMismatch as problem:
        st.error(refusal(problem), icon=":material/straighten:")
        if problem.smallest:
            arguments = (chosen.spec.slug, problem.smallest)
            st.button(t("problem.use", smallest=problem.smallest), on_click=_use_size, args=arguments)
    except ExplorerError as problem:
        st.error(refusal(problem), icon=":material/error:")
    return None


def _use_size(slug: str, side: int) -> None:
    for side_of in (STATE.network.height, STATE.network.width):
        state.assign(side_of, side, owner=slug)


def headline(summary: NetworkSummary, chosen: PipelineInput, trace: ShapeTrace) -> None:
    """The strip of totals, each with its convention; the accuracy only of the network as it was published."""
    last = trace.last_map
    learned = t("fact.parameters", buffers=f"{trace.buffers:,}") if trace.buffers else t("fact.all_parameters")
    rows = [
        (t("figure.parameters"), f"{trace.parameters:,}", learned),
        (t("figure.macs"), count_text(trace.macs), t("fact.macs", exact=f"{trace.macs:,}")),
        (t("figure.depth"), str(trace.depth), t("fact.depth")),
        (t("figure.memory"), bytes_text(trace.activation_bytes), t("fact.memory")),
        (t("figure.receptive_field"), pair_text(last.rf.size), t("fact.rf", layer=last.stage)),
    ]
    if summary.top1 is not None and dict(chosen.instance.options) == chosen.spec.options():
        measured = f"{protocol(summary.protocol)} · {summary.source}"
        rows.append((t("fact.top1", dataset=summary.dataset), f"{summary.top1:.2f}%", measured))
    layout.facts(rows, FACT_TERMS[: len(rows)])


def figure_labels() -> Words:
    """The labels of the drawings; kinds of operation are keyed by their code."""
    kinds = {kind: t(f"kind.{kind}") for kind in KINDS}
    return tuple({**group("figure"), **kinds, **operation_labels()}.items())
