"""The ledger of a trace: a table with a row an operation, formulas with their numbers put in."""

from __future__ import annotations

from math import prod

import pandas as pd

from explorer.arithmetic import macs_of, parameters_of, size_of
from explorer.figures.words import operation_text, pair_text, shape_text
from explorer.records import LayerRecord, Segment, ShapeTrace

COLUMNS = (
    "index",
    "stage",
    "operation",
    "name",
    "kind",
    "f",
    "s",
    "p",
    "d",
    "groups",
    "input",
    "output",
    "size_formula",
    "parameters",
    "parameter_formula",
    "parameter_share",
    "macs",
    "mac_formula",
    "mac_share",
    "receptive_field",
    "jump",
    "start",
    "memory",
    "memory_share",
    "reads",
)


def ledger(trace: ShapeTrace) -> pd.DataFrame:
    """All operations of a trace in execution order; shares in percent, memory in KB (float32, batch 1)."""
    totals = (trace.parameters or 1, trace.macs or 1, trace.activation_bytes or 1)
    return pd.DataFrame([_row(layer, totals) for layer in trace.layers], columns=list(COLUMNS))


def _row(layer: LayerRecord, totals: tuple[int, int, int]) -> tuple[object, ...]:
    parameters, macs, size = parameters_of(layer), macs_of(layer), _size(layer)
    return (
        layer.index + 1,
        layer.stage,
        operation_text(layer),
        layer.name,
        layer.kind,
        pair_text(layer.kernel),
        pair_text(layer.stride),
        pair_text(layer.padding),
        pair_text(layer.dilation),
        str(layer.groups or ""),
        shape_text(layer.in_shape),
        shape_text(layer.out_shape),
        size,
        layer.parameters,
        str(parameters) if parameters and layer.parameters else "",
        100 * layer.parameters / totals[0],
        layer.macs,
        str(macs) if macs else "",
        100 * layer.macs / totals[1],
        pair_text(layer.rf.size),
        pair_text(layer.rf.jump),
        pair_text(layer.rf.start),
        layer.activation_bytes / 1024,
        100 * layer.activation_bytes / totals[2],
        ", ".join(str(source + 1) for source in layer.inputs),
    )


def _size(layer: LayerRecord) -> str:
    rows, columns = size_of(layer, 0), size_of(layer, 1)
    if rows is None or columns is None:
        return ""
    return str(rows) if rows == columns else f"{rows}; {columns}"


def summary(segments: tuple[Segment, ...]) -> pd.DataFrame:
    """An outline as a table: the text twin of the drawing."""
    total = sum(s.parameters for s in segments) or 1, sum(s.macs for s in segments) or 1
    rows = [
        (
            s.stage,
            s.label,
            s.type,
            s.repeat,
            shape_text(s.in_shape),
            shape_text(s.out_shape),
            prod(s.out_shape),
            s.parameters,
            100 * s.parameters / total[0],
            s.macs,
            100 * s.macs / total[1],
            pair_text(s.rf.size),
            s.activation_bytes / 1024,
        )
        for s in segments
    ]
    columns = (
        "stage", "name", "type", "repeat", "input", "output", "values", "parameters", "parameter_share", "macs",
        "mac_share", "receptive_field", "memory",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))
