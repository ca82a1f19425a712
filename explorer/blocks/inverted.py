"""The inverted residual blocks of a traced MobileNet v2, as steps with their costs."""

from __future__ import annotations

from explorer.arithmetic import macs_of, parameters_of
from explorer.records import LayerRecord, ShapeTrace
from explorer.records.efficient import CostStep, InvertedBlock


def traced_blocks(trace: ShapeTrace) -> tuple[InvertedBlock, ...]:
    """The blocks with a depthwise convolution, in order; costs as the trace counted them."""
    names = dict.fromkeys(layer.block for layer in trace.layers if layer.block and layer.kind == "depthwise")
    return tuple(_block(name, [layer for layer in trace.layers if layer.block == name]) for name in names)


def _block(name: str, layers: list[LayerRecord]) -> InvertedBlock:
    convs = [layer for layer in layers if layer.macs]
    kinds = ("depthwise", "project") if len(convs) == 2 else ("expand", "depthwise", "project")
    return InvertedBlock(
        name,
        tuple(_step(kind, layer) for kind, layer in zip(kinds, convs, strict=True)),
        any(layer.kind == "add" for layer in layers),
    )


def _step(kind: str, layer: LayerRecord) -> CostStep:
    weights, macs = parameters_of(layer), macs_of(layer)
    assert weights is not None
    assert macs is not None
    return CostStep(kind, layer.in_shape, layer.out_shape, weights, macs)
