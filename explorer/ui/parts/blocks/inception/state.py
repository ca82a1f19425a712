"""What is chosen on the page *1x1 and Inception*."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from explorer.blocks.pointwise import WEIGHTS
from explorer.fields import Field, choice, decimal, flag, number, one_of, slug
from explorer.ui.widgets.image import ImageFields

VIEWS = ("pointwise", "bottleneck", "module", "auxiliary", "factorised", "residual")
MOST = 4_096
"""Channels that can be asked for."""


def _read_weights(raw: str) -> tuple[float, ...]:
    found = tuple(map(float, raw[:400].split(","))) if raw else ()
    if len(found) > len(WEIGHTS) or not all(isfinite(weight) and abs(weight) < LARGEST for weight in found):
        raise ValueError(raw[:40])
    return found


LARGEST = 1e6
_WEIGHTS: Field[tuple[float, ...]] = Field(
    "weights",
    WEIGHTS,
    _read_weights,
    lambda weights: ",".join(f"{weight:g}" for weight in weights),
    label="inception.weights",
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Sizes of a convolution: its volume, the channels it gives, its kernel, the width of a bottleneck before it."""

    height: Field[int] = number("h", 1, 512, 28, label="inception.n_h")
    width: Field[int] = number("w", 1, 512, 28, label="inception.n_w")
    n_in: Field[int] = number("c", 1, MOST, 192, label="inception.n_c")
    n_out: Field[int] = number("k", 1, MOST, 32, label="inception.n_c_out")
    kernel: Field[int] = number("f", 1, 15, 5, label="inception.f")
    reduced: Field[int] = number("r", 1, MOST, 16, label="inception.reduced")


@dataclass(frozen=True, slots=True)
class Module:
    """The widths of a module, a row of GoogLeNet's table: the chosen module's unless they are changed."""

    name: Field[str] = slug("module", "inception3a", label="inception.module")
    side: Field[int] = number("side", 1, 512, 28, label="inception.side")
    n_in: Field[int] = number("in", 1, MOST, 192, label="inception.n_c")
    n1: Field[int] = number("n1", 1, MOST, 64, label="inception.n1")
    r3: Field[int] = number("r3", 1, MOST, 96, label="inception.r3")
    n3: Field[int] = number("n3", 1, MOST, 128, label="inception.n3")
    r5: Field[int] = number("r5", 1, MOST, 16, label="inception.r5")
    n5: Field[int] = number("n5", 1, MOST, 32, label="inception.n5")
    pool: Field[int] = number("pp", 1, MOST, 32, label="inception.pp")
    painter: Field[str] = choice(
        "painter", ("small", "googlenet"), named="inception.painter", label="inception.maps_of"
    )
    which: Field[str] = choice("which", ("first", "second"), named="inception.which", label="inception.module")
    example: Field[int] = number("example", 0, 999, 3, label="control.number")


@dataclass(frozen=True, slots=True)
class InceptionState:
    """Which view is open, and what is chosen in each.

    Pointwise: which small volume, its weights, the pinned cell; an image, a position of its maps, a filter; and the
    desk, which the bottleneck shares. Bottleneck: the trained layer that is squeezed. Module: its widths, and whose
    maps are shown. Auxiliary: first weights, batch normalisation, the weight of the heads, a seed. Factorised: how,
    which kernel, the grid that is halved, the kernels that are looked at. Residual: the block, scale, width and depth
    of the sum.
    """

    view: Field[str] = choice("view", VIEWS, named="inceptionview", label="control.inceptionview")
    volume: Field[str] = choice(
        "volume", ("several", "course", "one"), named="inception.volume", label="inception.volume_label"
    )
    weights: Field[tuple[float, ...]] = _WEIGHTS
    at: Field[str] = slug("at", label="inception.at")
    image: ImageFields = field(default_factory=ImageFields)
    row: Field[int] = number("row", 0, 111, 40, label="inception.row")
    column: Field[int] = number("column", 0, 111, 60, label="inception.column")
    filter: Field[int] = number("filter", 1, 16, 1, label="inception.filter")
    desk: Desk = field(default_factory=Desk)
    layer: Field[str] = slug("layer", "layer2.1.conv2", label="inception.layer")
    module: Module = field(default_factory=Module)
    start: Field[str] = choice("start", ("default", "xavier", "he"), named="inception.start", label="control.init")
    norm: Field[bool] = flag("bn", label="inception.norm")
    weight: Field[float] = decimal("weight", 0.0, 1.0, 0.3, step=0.05, label="inception.weight")
    seed: Field[int] = number("seed", 0, 9)
    how: Field[str] = choice("how", ("stack", "pair"), named="inception.how", label="inception.how_label")
    kernel: Field[int] = one_of("kernel", (3, 5, 7, 9, 11), 5, label="inception.f")
    channels: Field[int] = number("channels", 1, MOST, 64, label="inception.n_c")
    grid: Field[int] = number("grid", 2, 256, 35, label="inception.side")
    deep: Field[int] = number("deep", 1, MOST, 320, label="inception.n_c")
    trained: Field[int] = one_of("trained", (5, 3), 5, label="inception.trained")
    block: Field[str] = choice(
        "block",
        ("v3-b", "v3-c", "v4-a", "v4-b", "v4-c", "v4-reduction", "resnet-a", "resnet-b", "resnet-c"),
        "resnet-a",
        named="inception.block",
        label="inception.block_label",
    )
    scale: Field[float] = decimal("scale", 0.0, 1.0, 0.2, step=0.05, label="inception.scale")
    wide: Field[int] = one_of("wide", (32, 128, 512), 128, label="inception.wide")
    depth: Field[int] = number("depth", 5, 40, 40, label="inception.depth")


STATE = InceptionState()
