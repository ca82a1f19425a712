"""The closer looks at the foot of the Shape pipeline page: ledger, block graph, cross-check, accuracies, code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from explorer.figures.notation import shape_text
from explorer.records import Segment, ShapeTrace
from explorer.ui.cached import networks as cached
from explorer.ui.parts.architectures.pipeline import STATE, PipelineInput
from explorer.ui.parts.architectures.pipeline_block import show_graph
from explorer.ui.shell import state
from explorer.ui.shell.tables import table
from explorer.ui.shell.words import group, protocol, t
from explorer.ui.widgets import inputs
from explorer.ui.widgets.operation import open_beside
from explorer.ui.widgets.operation_words import operation_labels


def show_view(view: str, chosen: PipelineInput, held_back: bool) -> None:
    """Draw the chosen view below the lesson: ledger, graph, torchinfo, published results or code.

    `held_back` is whether it waits for a prediction which part holds most of the parameters.
    """
    views: dict[str, Callable[[PipelineInput], None]] = {
        "ledger": partial(_ledger, held_back=held_back),
        "graph": _graph,
        "torchinfo": _torchinfo,
        "sources": _published,
        "code": _code,
    }
    views[view](chosen)


@st.fragment
def _ledger(chosen: PipelineInput, *, held_back: bool) -> None:
    kinds = {f"kind.{kind}": name for kind, name in group("kind").items()}
    names = {**kinds, **operation_labels()}
    frame = cached.ledger(chosen.instance, tuple(names.items()))
    st.caption(t("pipeline.ledger_note", rows=len(frame)))
    shown = frame.drop(columns="parameter_share") if held_back else frame  # a bar there answers at a glance
    table(shown, "ledger", partial(open_beside, chosen.instance))
    st.download_button(
        t("pipeline.ledger_csv"),
        data=lambda: frame.to_csv(index=False).encode("utf-8-sig"),
        file_name=f"{chosen.spec.slug}-ledger.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _graph(chosen: PipelineInput) -> None:
    from explorer.folding import block_graph

    trace, blocks = cached.trace(chosen.instance), cached.outline(chosen.instance, "block")
    named = {segment.label: _block_name(segment) for segment in blocks}
    default = _telling(trace, blocks)
    path = inputs.select(STATE.block, list(named), named.__getitem__, default=default, owner=chosen.spec.slug)
    st.caption(t("pipeline.graph_note"))
    show_graph(chosen, block_graph(trace, path), f"graph-{chosen.spec.slug}-{path}".replace(".", "-"))


def _telling(trace: ShapeTrace, blocks: Sequence[Segment]) -> str:
    """The block that shows the idea, else one that joins, else the first."""
    from explorer.folding import telling_block

    if found := telling_block(trace):
        return found.fold
    joining = (s for s in blocks if {r.kind for r in s.layers} & {"add", "concat"})
    return next(joining, blocks[0]).label


def _block_name(segment: Segment) -> str:
    repeat = f" ×{segment.repeat}" if segment.repeat > 1 else ""
    kind = f" · {segment.type}" if segment.type else ""
    return f"{segment.label}{repeat}{kind} · {shape_text(segment.in_shape)} → {shape_text(segment.out_shape)}"


def _torchinfo(chosen: PipelineInput) -> None:
    check = cached.crosscheck(chosen.instance)
    rows = [
        {"what": t("check.parameters"), "torchinfo": check.parameters, "here": check.traced_parameters},
        {"what": t("check.macs"), "torchinfo": check.mult_adds, "here": check.traced_macs},
        {"what": t("check.biases"), "torchinfo": check.biases, "here": 0},
        {"what": t("check.norms"), "torchinfo": check.norms, "here": 0},
        {"what": t("check.rest"), "torchinfo": check.unexplained, "here": 0},
    ]
    st.markdown(t("check.note"))
    st.dataframe(
        rows,
        hide_index=True,
        column_config={
            "what": st.column_config.TextColumn(t("check.what"), width="large"),
            "torchinfo": st.column_config.NumberColumn("torchinfo", format="localized"),
            "here": st.column_config.NumberColumn(t("check.here"), format="localized"),
        },
    )
    st.code(check.text, language=None, height=460)


def _published(chosen: PipelineInput) -> None:
    st.caption(t("pipeline.sources_note"))
    rows = [
        {
            "dataset": result.dataset,
            "top1": result.top1,
            "top5": result.top5,
            "protocol": protocol(result.protocol),
            "source": result.source,
        }
        for result in chosen.spec.published
    ]
    if not rows:
        st.info(t("pipeline.no_sources"), icon=":material/info:")
        return
    columns: dict[str, Any] = {key: t(f"column.{key}") for key in rows[0]}
    for key in ("top1", "top5"):
        columns[key] = st.column_config.NumberColumn(t(f"column.{key}"), format="%.2f")
    st.dataframe(rows, hide_index=True, column_config=columns, placeholder="–")


def _code(chosen: PipelineInput) -> None:
    files = cached.sources(chosen.instance)
    bound = state.bind(STATE.file, allowed=files, default=next(iter(files)), owner=chosen.spec.slug)
    st.segmented_control(t(STATE.file.words), list(files), key=bound.key, required=True)
    name = bound.commit()
    st.caption(t("pipeline.code_note"))
    st.code(files[name], language="python", line_numbers=True, height=560)
