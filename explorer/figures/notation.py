"""Format sizes, counts, formulas and operations, the same in every figure and table."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from math import prod
from types import MappingProxyType

from explorer.records import LayerRecord, Pair, Shape


def shape_text(shape: Shape) -> str:
    """H×W×C of a volume (records hold C, H, W); 1×1×C of a vector."""
    if len(shape) == 3:
        return f"{shape[1]}×{shape[2]}×{shape[0]}"
    if len(shape) == 1:
        return f"1×1×{shape[0]}"
    return "×".join(map(str, shape))


def pair_text(pair: Pair | None) -> str:
    """3 for (3, 3), 1×7 for (1, 7), nothing for None."""
    if pair is None:
        return ""
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}×{pair[1]}"


def count_text(number: float) -> str:
    """61,706 below a million; 7.00 M, 138.4 M, 4.09 G above."""
    if number < 1e6:
        return f"{number:,.0f}"
    value, unit = (number / 1e9, "G") if round(number / 1e6, 1) >= 1000 else (number / 1e6, "M")
    return f"{value:.{2 if round(value, 2) < 10 else 1}f} {unit}"


def bytes_text(number: float) -> str:
    """Bytes in KB or MB (1 KB = 1024 bytes)."""
    return f"{number / 2**20:.1f} MB" if number >= 2**20 else f"{number / 2**10:.1f} KB"


_KATEX = {
    "−": "-",
    "·": r" \cdot ",
    "⌊": r"\lfloor ",
    "⌋": r" \rfloor",
    "⌈": r"\lceil ",
    "⌉": r" \rceil",
    "′": "'",
    "∑": r"\sum",
    "max": r"\max",
    "min": r"\min",
    "start": r"\text{start}",
}


def katex(formula: str) -> str:
    """Convert the notation of `Formula` (n_C′·f) to TeX."""
    return reduce(lambda text, pair: text.replace(*pair), _KATEX.items(), formula)


def operation_text(layer: LayerRecord, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """An operation as papers write it: "3×3 conv, 64, /2".

    `labels` gives names in another language under "operation.<name>"; a name it does not have stays as it is.
    """

    def name(notation: str) -> str:
        return labels.get(f"operation.{notation}", notation)

    if layer.kind in {"conv", "depthwise"} and layer.kernel:
        what = name("dw conv" if layer.kind == "depthwise" else "conv")
        grouped = layer.kind == "conv" and (layer.groups or 1) > 1
        group = f", g={layer.groups}" if grouped else ""
        return f"{layer.kernel[0]}×{layer.kernel[1]} {what}, {layer.out_shape[0]}{group}{_stride(layer)}"
    if layer.kind == "linear":
        return f"{name('fc')} {prod(layer.out_shape)}"
    if layer.kind == "pool" and layer.kernel:
        what = "max pool" if "max" in layer.function else "avg pool"
        if layer.in_shape[1:] == layer.kernel and layer.out_shape[1:] == (1, 1):
            return name(f"global {what}")
        return f"{layer.kernel[0]}×{layer.kernel[1]} {name(what)}{_stride(layer)}"
    return name(_SHORT.get(layer.function, layer.function.replace("_", " ")))


_SHORT = {
    "batch_norm": "BN",
    "local_response_norm": "LRN",
    "relu": "ReLU",
    "relu6": "ReLU6",
    "pad_same": "SAME padding",
    "silu": "SiLU",
    "hardswish": "h-swish",
    "hardsigmoid": "h-sigmoid",
    "cat": "concat",
    "mul": "×",
    "add": "+",
}


def _stride(layer: LayerRecord) -> str:
    return f", /{pair_text(layer.stride)}" if layer.stride not in {None, (1, 1)} else ""
