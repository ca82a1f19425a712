"""What is said of an operation: its name, what such an operation does, its place, and its numbers worked out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from explorer.arithmetic import working
from explorer.figures.notation import katex, operation_text, pair_text, shape_text
from explorer.records import LayerRecord
from explorer.ui.shell.words import group, listed, t


def operation_labels() -> dict[str, str]:
    """The names of operations, as `figures.notation` asks for them."""
    return {f"operation.{notation}": name for notation, name in group("operation").items()}


def what_it_is(layer: LayerRecord) -> str:
    """Name, sort and place of an operation, as Markdown."""
    name = operation_text(layer, operation_labels())
    return f"**{name}** · {layer.stage} · `{layer.name}`  \n{t(f'does.{sort_of(layer)}')}"


def sort_of(layer: LayerRecord) -> str:
    """Which of the sentences `does.*` is said of an operation."""
    if layer.kind == "conv":
        grouped = (layer.groups or 1) > 1
        return "grouped" if grouped else "pointwise" if layer.kernel == (1, 1) else "conv"
    if layer.kind == "pool":
        covers = layer.kernel == layer.in_shape[1:] and layer.out_shape[1:] == (1, 1)
        return "global_pool" if covers else "max_pool" if "max" in layer.function else "avg_pool"
    return layer.function if layer.function in _BY_FUNCTION else layer.kind


_BY_FUNCTION = frozenset(
    {
        *("batch_norm", "local_response_norm", "flatten", "pad_same"),
        *("relu", "relu6", "sigmoid", "tanh", "silu", "hardswish", "hardsigmoid"),
    }
)


def sizes(layer: LayerRecord) -> str:
    """What goes in and out, and what a cell of it sees, as Markdown."""
    alike = [(shape_text(shape), len(list(equal))) for shape, equal in groupby(layer.in_shapes)]
    return t(
        "opened.sizes",
        shapes=listed(f"{shape} ({times}×)" if times > 1 else shape for shape, times in alike),
        out=shape_text(layer.out_shape),
        field=pair_text(layer.rf.size),
        jump=pair_text(layer.rf.jump),
        read=listed(str(source + 1) for source in layer.inputs),
    )


def formulas(layers: Sequence[LayerRecord], index: int) -> str:
    """A Markdown table: a quantity and its value, and below it the rule, and the same with its numbers put in."""
    lines = []
    for name, formula in working(layers, index).items():
        lines += [
            f"| {t(f'working.{name}')} | **{formula.value:,}** |",
            f"| ${katex(formula.symbols)}$ $= {katex(formula.substituted)}$ | |",
        ]
    return "\n".join((lines[0], "|:--|--:|", *lines[1:]))


def shares(layers: Sequence[LayerRecord], layer: LayerRecord) -> str:
    """How much of the whole network an operation is."""
    wholes = {
        "parameters": sum(each.parameters for each in layers),
        "macs": sum(each.macs for each in layers),
        "memory": sum(each.activation_bytes for each in layers),
    }
    parts = {"parameters": layer.parameters, "macs": layer.macs, "memory": layer.activation_bytes}
    said = {name: f"{100 * part / (wholes[name] or 1):.1f}" for name, part in parts.items()}
    return t("opened.shares", parameters=said["parameters"], macs=said["macs"], memory=said["memory"])
