"""What is chosen on the page *MobileNet to DenseNet*."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from explorer.fields import Field, choice, decimal, flag, number, one_of, slug
from explorer.ui.widgets.image import ImageFields

LAYERS = (
    *(f"layer1.{block}.conv{conv}" for block in (0, 1, 2) for conv in (1, 2)),
    *(f"layer2.{block}.conv{conv}" for block in (0, 1, 2) for conv in (1, 2)),
    *(f"layer3.{block}.conv{conv}" for block in (0, 1, 2) for conv in (1, 2)),
)
"""The 3x3 convolutions of the trained network whose kernels are approximated."""


VIEWS = ("separable", "inverted", "gates", "scaling", "dense")


@dataclass(frozen=True, slots=True)
class EfficientState:
    """Which part of the page is open, and what is chosen in each.

    Two steps: which numbers are drawn and which cell is chosen; the sizes of a layer; a trained kernel and a channel of
    it. Inverted: a block; dimensions, activation and draw of the spiral; a network with gates, an image, a module.
    Scaling: which figure; the three bases, whether they stay on the surface, and the exponent. Dense: the block's
    numbers, and which trained block is read.
    """

    view: Field[str] = choice("view", VIEWS, named="efficientview", label="efficient.view")
    drawn: Field[int] = number("drawn", 1, 99, 1, label="efficient.drawn")
    cell: Field[str] = slug("cell", label="efficient.cell")
    side: Field[int] = number("side", 1, 512, 6, label="efficient.side")
    n_in: Field[int] = number("cin", 1, 2048, 3, label="efficient.n_in")
    n_out: Field[int] = number("cout", 1, 2048, 5, label="efficient.n_out")
    f: Field[Any] = one_of("f", (1, 3, 5, 7), 3, label="efficient.f")
    same: Field[bool] = flag("same", label="efficient.same")
    kernel: Field[Any] = one_of("kernel", LAYERS, "layer3.1.conv1", label="efficient.kernel")
    channel: Field[int] = number("channel", 1, 64, 1, label="efficient.channel")

    block: Field[Any] = one_of("block", tuple(range(18)), 0, label="efficient.block")
    n: Field[int] = number("n", 2, 30, 2, label="efficient.n")
    after: Field[Any] = one_of("after", ("relu", "relu6", "linear"), "relu", label="efficient.g")
    seed: Field[int] = number("seed", 0, 99, 0, label="efficient.seed")
    gated: Field[str] = slug("gated", label="efficient.gated")
    image: ImageFields = field(default_factory=ImageFields)
    module: Field[int] = number("module", 1, 60, 1, label="efficient.module")

    figure: Field[str] = choice(
        "compare", ("surface", "family", "axes"), named="efficient.compare", label="efficient.figure"
    )
    on_surface: Field[bool] = flag("surface", True, label="efficient.on_surface")
    alpha: Field[float] = decimal("alpha", 1.0, 2.0, 1.2, step=0.05, label="efficient.alpha")
    beta: Field[float] = decimal("beta", 1.0, 1.4, 1.1, step=0.05, label="efficient.beta")
    gamma: Field[float] = decimal("gamma", 1.0, 1.4, 1.15, step=0.05, label="efficient.gamma")
    phi: Field[float] = decimal("phi", 0.0, 7.0, 3.0, step=0.5, label="efficient.phi")

    growth: Field[int] = number("k", 1, 64, 12, label="efficient.growth")
    layers: Field[int] = number("layers", 1, 24, 6, label="efficient.layers")
    theta: Field[Any] = one_of("theta", (0.5, 1.0), 0.5, label="efficient.theta")
    bottleneck: Field[bool] = flag("bottleneck", True, label="efficient.bottleneck")
    read: Field[Any] = one_of("read", (1, 2, 3), 1, label="efficient.read")


STATE = EfficientState()


@dataclass(frozen=True, slots=True)
class Bases:
    """The three bases of compound scaling and the exponent."""

    alpha: float
    beta: float
    gamma: float
    phi: float

    @property
    def multipliers(self) -> tuple[float, float, float]:
        """Of depth, width and resolution."""
        return self.alpha**self.phi, self.beta**self.phi, self.gamma**self.phi
