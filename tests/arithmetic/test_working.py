"""Formulas of every operation: the value is the trace's, and the substitution evaluates to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import ceil, floor

import pytest

from explorer.arithmetic import field_of_input, working
from explorer.networks import networks
from explorer.records import LayerRecord, ShapeTrace

Traced = Callable[[str], ShapeTrace]


@cache
def worked_out(text: str) -> int:
    """The value of a substitution."""
    for written, python in {"·": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}.items():
        text = text.replace(written, python)
    value = eval(text, {"__builtins__": {}, "floor": floor, "ceil": ceil, "max": max})
    assert value == int(value)
    return int(value)


def recorded(layer: LayerRecord) -> dict[str, int]:
    """The value of a quantity in the trace."""
    shape = layer.out_shape
    rows, columns = shape[1:] if len(shape) == 3 else (1, 1)
    return {
        "side": rows,
        "height": rows,
        "width": columns,
        "channels": shape[0],
        "parameters": layer.parameters,
        "macs": layer.macs,
        "field": layer.rf.size[0],
        "field_height": layer.rf.size[0],
        "field_width": layer.rf.size[1],
        "jump": layer.rf.jump[0],
        "jump_height": layer.rf.jump[0],
        "jump_width": layer.rf.jump[1],
        "memory": layer.activation_bytes,
    }


@pytest.mark.parametrize("slug", networks())
def test_what_is_worked_out_is_what_was_traced(slug: str, traced: Traced) -> None:
    layers = traced(slug).layers
    for layer in layers:
        found, expected = working(layers, layer.index), recorded(layer)
        if layer.pads_for:
            before = [layers[source].rf for source in layer.inputs if source >= 0] or [field_of_input()]
            expected["before"] = (before[0].start[0] - layer.rf.start[0]) // before[0].jump[0]
        for name, formula in found.items():
            assert formula.value == expected[name] == worked_out(formula.substituted), (layer.name, name, formula)
        assert ("parameters" in found) == (layer.parameters > 0)
        assert ("macs" in found) == (layer.macs > 0)
        assert "memory" in found
        before = [layers[source].rf.size for source in layer.inputs if source >= 0] or [(1, 1)]
        if layer.rf.size not in before:  # of a gated map the field is the map's: gates are left out
            assert {"field", "field_height", "field_width"} & set(found), (layer.name, "grows without a word")


def test_a_convolution_of_lenet(traced: Traced) -> None:
    layers = traced("lenet5").layers
    c3 = next(layer for layer in layers if layer.name == "c3")
    assert {name: str(formula) for name, formula in working(layers, c3.index).items()} == {
        "side": "⌊(14 − 5)/1⌋ + 1 = 10",
        "parameters": "5·5·6·16 + 16 = 2,416",
        "macs": "10·10·5·5·6·16 = 240,000",
        "field": "6 + (5 − 1)·2 = 14",
        "memory": "4·10·10·16 = 6,400",
    }


def test_axes_that_differ_stand_apart(traced: Traced) -> None:
    layers = traced("inception-v3").layers
    flat = next(layer for layer in layers if layer.kernel == (1, 7))
    found = working(layers, flat.index)
    assert {"height", "width", "field_height", "field_width"} <= set(found)
    assert not {"side", "field"} & set(found)


def test_a_concatenation_adds_channels_and_a_flattened_map_is_all_its_values(traced: Traced) -> None:
    module = next(layer for layer in traced("googlenet").layers if layer.kind == "concat")
    assert str(working(traced("googlenet").layers, module.index)["channels"]) == "64 + 128 + 32 + 32 = 256"
    dense = traced("densenet121").layers
    last = [layer for layer in dense if layer.kind == "concat"][-1]
    assert str(working(dense, last.index)["channels"]) == "512 + 16·32 = 1,024", "growth, not sixteen numbers"
    flat = next(layer for layer in traced("lenet5").layers if layer.function == "flatten")
    assert str(working(traced("lenet5").layers, flat.index)["channels"]) == "5·5·16 = 400"
