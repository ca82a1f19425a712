"""One operation of a trace with each of its numbers worked out: the rule, and the same with the numbers put in."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from explorer.arithmetic import working
from explorer.figures.notation import katex, operation_text, shape_text
from explorer.records import LayerRecord, ShapeTrace
from explorer.ui.parts.architectures.pipeline import STATE
from explorer.ui.shell import state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def pick(slug: str, row: int) -> None:
    """Choose an operation from a callback; `row` counts from 0."""
    state.assign(STATE.operation, row + 1, owner=slug)


def worked_out(trace: ShapeTrace, names: dict[str, str]) -> None:
    """The number of an operation to type or step through, and its formulas beside it."""
    with st.container(border=True, key="operation"):
        left, right = st.columns([1, 5], gap="medium")
        with left:
            layer = trace.layers[_number(trace) - 1]
            st.caption(t("pipeline.operation_symbols"))
        with right:
            st.markdown(_head(layer, names))
            st.markdown(_formulas(trace, layer))


def _number(trace: ShapeTrace) -> int:
    """The number of the operation, counted from 1."""
    last = len(trace.layers)
    note = t("pipeline.operation_help", last=last)
    return inputs.number(STATE.operation, high=last, owner=trace.slug, help=note)


def _head(layer: LayerRecord, names: dict[str, str]) -> str:
    read = ", ".join(str(source + 1) for source in layer.inputs)
    alike = [(shape_text(shape), len(list(equal))) for shape, equal in groupby(layer.in_shapes)]
    shapes = ", ".join(f"{shape} ({times}×)" if times > 1 else shape for shape, times in alike)
    what = f"**{operation_text(layer, names)}** · {layer.stage} · `{layer.name}`"
    return f"{what} · {shapes} → {shape_text(layer.out_shape)} · {t('column.reads')} {read}"


def _formulas(trace: ShapeTrace, layer: LayerRecord) -> str:
    """A Markdown table with one formula per line."""
    heads = [t(f"working_head.{name}") for name in ("quantity", "rule", "numbers", "value")]
    lines = [
        f"| {t(f'working.{name}')} | ${katex(formula.symbols)}$ | ${katex(formula.substituted)}$ | {formula.value:,} |"
        for name, formula in working(trace.layers, layer.index).items()
    ]
    return "\n".join((f"| {' | '.join(heads)} |", "|:--|:--|:--|--:|", *lines))
