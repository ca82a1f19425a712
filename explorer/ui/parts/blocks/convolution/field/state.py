"""What is chosen where a stack of layers shows its receptive field."""

from __future__ import annotations

from dataclasses import dataclass, field

from explorer.arithmetic.stacks import MOST_LAYERS, PRESETS
from explorer.fields import Field, number, one_of
from explorer.records.stacks import WindowLayer
from explorer.ui.widgets.image import ImageFields

Stack = tuple[WindowLayer, ...]

BOUNDS = {"f": (1, 11), "s": (1, 4), "p": (0, 16), "d": (1, 16)}
"""The smallest and the largest window, stride, padding and dilation of a layer."""

LONGEST = 256
INPUTS = {"three-3": 20, "one-7": 20, "dilated-124": 31, "dilated-222": 31, "lenet": 32, "alexnet": 227, "vgg": 48}
"""Pixels of the input that each of the named stacks is drawn on."""


def bounded(f: int, s: int, p: int, d: int) -> WindowLayer:
    """A layer with each of its numbers moved into what it may be."""
    low_high = zip((f, s, p, d), BOUNDS.values(), strict=True)
    return WindowLayer(*(max(low, min(high, value)) for value, (low, high) in low_high))


def _read(raw: str) -> Stack:
    layers = []
    for part in raw[:400].split("_"):
        layer = WindowLayer(*map(int, part.split(".", 3)))  # too few or no numbers: TypeError or ValueError
        if layer != bounded(*layer):
            raise ValueError(raw[:40])
        layers.append(layer)
    if len(layers) > MOST_LAYERS:
        raise ValueError(raw[:40])
    return tuple(layers)


def _parse(raw: str) -> Stack:
    try:
        return _read(raw)
    except TypeError as error:
        raise ValueError(raw[:40]) from error


def _write(stack: Stack) -> str:
    return "_".join(".".join(map(str, layer)) for layer in stack)


_STACK: Field[Stack] = Field("stack", PRESETS["three-3"], _parse, _write, label="convolution.stack.layers")


@dataclass(frozen=True, slots=True)
class FieldFields:
    """A stack of layers (f, s, p, d), the pixels of its input, the output that is followed, and an image.

    `f`, `layers` and `channels` are those of equal layers that are compared with the one layer that sees as much.
    """

    stack: Field[Stack] = _STACK
    n: Field[int] = number("stack-n", 1, LONGEST, INPUTS["three-3"], label="convolution.stack.n")
    cell: Field[int] = number("stack-cell", 0, LONGEST - 1, label="convolution.stack.cell")
    image: ImageFields = field(default_factory=ImageFields)
    f: Field[int] = one_of("pair-f", (3, 5, 7), 3, label="convolution.pair.f")
    layers: Field[int] = number("pair-k", 2, 6, 3, label="convolution.pair.layers")
    channels: Field[int] = number("pair-c", 1, 2048, 64, label="convolution.pair.channels")


FIELDS = FieldFields()
