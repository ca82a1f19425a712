"""Where the parameters of a network sit: in its first convolutions, its last ones, or its fully connected layers."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.records import ShapeTrace

PLACES = ("early", "late", "dense")


def parameters_by_place(trace: ShapeTrace) -> Mapping[str, int]:
    """Trainable parameters of the first half of the convolutions ("early"), the second half ("late"), and the fully
    connected layers ("dense").

    Convolutions are counted in the order they run, the one in the middle of an odd number to the second half. What
    else has parameters (a normalisation) goes with the convolutions that run about when it does.
    """
    convolutions = [layer.index for layer in trace.layers if layer.kind in {"conv", "depthwise"}]
    middle = convolutions[len(convolutions) // 2]
    found = dict.fromkeys(PLACES, 0)
    for layer in trace.layers:
        place = "dense" if layer.kind == "linear" else "early" if layer.index < middle else "late"
        found[place] += layer.parameters
    return found
