"""The ledger of a trace: a table with one row per operation, its numbers and their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from types import MappingProxyType

import pandas as pd

from explorer.arithmetic import macs_of, parameters_of, size_of
from explorer.figures.notation import operation_text, pair_text, shape_text
from explorer.records import LayerRecord, Segment, ShapeTrace

COLUMNS = (
    "index",
    "operation",
    "parameter_share",
    "mac_share",
    "memory_share",
    "stage",
    "output",
    "parameter_formula",
    "parameters",
    "mac_formula",
    "macs",
    "receptive_field",
    "memory",
    "f",
    "s",
    "p",
    "d",
    "groups",
    "input",
    "size_formula",
    "jump",
    "start",
    "reads",
    "kind",
    "name",
)


def ledger(trace: ShapeTrace, labels: Mapping[str, str] = MappingProxyType({})) -> pd.DataFrame:
    """All operations of a trace in execution order; shares in percent, memory in KB (float32, batch 1).

    `labels` names kinds ("kind.conv") and operations ("operation.conv") in another language.
    """
    totals = (trace.parameters or 1, trace.macs or 1, trace.activation_bytes or 1)
    return pd.DataFrame([_row(layer, totals, labels) for layer in trace.layers], columns=list(COLUMNS))


def _row(layer: LayerRecord, totals: tuple[int, int, int], labels: Mapping[str, str]) -> dict[str, object]:
    parameters, macs = parameters_of(layer), macs_of(layer)
    return {
        "index": layer.index + 1,
        "operation": operation_text(layer, labels),
        "stage": layer.stage,
        "output": shape_text(layer.out_shape),
        "parameter_formula": parameters.substituted if parameters and layer.parameters else "",
        "parameters": layer.parameters,
        "mac_formula": macs.substituted if macs else "",
        "macs": layer.macs,
        "receptive_field": pair_text(layer.rf.size),
        "memory": layer.activation_bytes / 1024,
        "parameter_share": 100 * layer.parameters / totals[0],
        "mac_share": 100 * layer.macs / totals[1],
        "memory_share": 100 * layer.activation_bytes / totals[2],
        "f": pair_text(layer.kernel),
        "s": pair_text(layer.stride),
        "p": pair_text(layer.padding),
        "d": pair_text(layer.dilation),
        "groups": str(layer.groups or ""),
        "input": shape_text(layer.in_shape),
        "size_formula": _size(layer),
        "jump": pair_text(layer.rf.jump),
        "start": pair_text(layer.rf.start),
        "reads": ", ".join(str(source + 1) for source in layer.inputs),
        "kind": labels.get(f"kind.{layer.kind}", layer.kind),
        "name": layer.name,
    }


def _size(layer: LayerRecord) -> str:
    rows, columns = size_of(layer, 0), size_of(layer, 1)
    if rows is None or columns is None:
        return ""
    return str(rows) if rows == columns else f"{rows}; {columns}"


def segment_table(segments: tuple[Segment, ...]) -> pd.DataFrame:
    """An outline as a table: the text alternative of the drawing."""
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
