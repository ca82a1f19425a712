"""A residual block with its numbers, its shortcut where shapes differ, and what signals do through many of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import dist, hypot
from typing import Literal

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]
Grid = tuple[tuple[float, ...], ...]
Order = Literal["original", "preact"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSettings:
    """What is set of a block of two fully connected layers with three units.

    `seed` draws its numbers. `positive`: the input comes out of a ReLU, so that it has no negative value. `order`: a
    ReLU behind the sum (He et al. 2015), or before every layer and none behind the sum (2016). `weights` and `biases`
    multiply all that was drawn. `norm`: batch normalisation with a factor `gamma` ends the branch (`original` only).
    `alpha` multiplies the branch.
    """

    seed: int = 1
    positive: bool = True
    order: Order = "original"
    weights: float = 1.0
    biases: float = 1.0
    norm: bool = False
    gamma: float = 1.0
    alpha: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFlow:
    """Every value on the way through a block: a^[l] = `x`, then in the order of their computing.

    `first` is what the first layer reads (x itself, or g(x)); `mean` and `deviation` are those of `z2` in the batch,
    empty without normalisation. `branch` is F(x), `total` is x + alpha F(x), `out` is a^[l+2], `plain` what the same
    layers give without the skip.
    """

    settings: FlowSettings
    x: Vector
    first: Vector
    w1: Matrix
    b1: Vector
    z1: Vector
    a1: Vector
    w2: Matrix
    b2: Vector
    z2: Vector
    mean: Vector
    deviation: Vector
    branch: Vector
    scaled: Vector
    total: Vector
    out: Vector
    plain: Vector

    @property
    def changed(self) -> float:
        """How far a^[l+2] is from a^[l], relative to a^[l] (Euclidean norms)."""
        return _distance(self.out, self.x)

    @property
    def plain_changed(self) -> float:
        """The same of the plain block."""
        return _distance(self.plain, self.x)

    @property
    def cut(self) -> tuple[int, ...]:
        """The units whose sum is negative and that the last ReLU sets to 0."""
        return tuple(i for i, (total, out) in enumerate(zip(self.total, self.out, strict=True)) if total < 0 == out)


def _distance(out: Vector, x: Vector) -> float:
    return dist(out, x) / hypot(*x)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut from a volume to one of another shape, with all its numbers.

    `kind`: zeros "behind" the old channels or on "both" sides of them, or a "projection". `inputs` and `outputs`
    are channels of rows; `sources` says of each output channel which input channel it copies,
    -1 for one of zeros, -2 for a mixture by `weights` (a row for each output channel; empty without a projection).
    """

    kind: str
    stride: int
    inputs: tuple[Grid, ...]
    outputs: tuple[Grid, ...]
    sources: tuple[int, ...]
    weights: Matrix = ()

    @property
    def parameters(self) -> int:
        """Of the projection, without bias and batch normalisation; 0 without one."""
        return sum(map(len, self.weights))

    @property
    def is_identity(self) -> bool:
        """Whether nothing has to be done: both volumes have the same shape."""
        return self.stride == 1 and self.sources == tuple(range(len(self.inputs)))

    @property
    def share_read(self) -> float:
        """The share of the input's positions that the shortcut reads."""
        return len(range(0, len(self.inputs[0]), self.stride)) ** 2 / len(self.inputs[0]) ** 2


@dataclass(frozen=True, slots=True)
class CostedLayer:
    """One layer of a block: "conv", "norm" or "relu"; f x f from `n_in` to `n_out` channels, on `side` x `side`."""

    kind: Literal["conv", "norm", "relu"]
    f: int
    n_in: int
    n_out: int
    side: int

    @property
    def parameters(self) -> int:
        """A convolution has no bias (normalisation follows or precedes); normalisation has gamma and beta."""
        return {"conv": self.f**2 * self.n_in * self.n_out, "norm": 2 * self.n_out, "relu": 0}[self.kind]

    @property
    def macs(self) -> int:
        """Multiply-adds of a convolution; 0 for the others, by convention."""
        return self.parameters * self.side**2 if self.kind == "conv" else 0


@dataclass(frozen=True, slots=True)
class BlockKind:
    """A kind of residual block, "basic" say: the layers of its branch and of its shortcut, and what follows the sum."""

    name: str
    branch: tuple[CostedLayer, ...]
    shortcut: tuple[CostedLayer, ...]
    behind: tuple[CostedLayer, ...]

    @property
    def parameters(self) -> int:
        """Of everything."""
        return sum(layer.parameters for layer in (*self.branch, *self.shortcut))

    @property
    def shortcut_parameters(self) -> int:
        """Of the shortcut alone: 0 for the identity and for zero padding."""
        return sum(layer.parameters for layer in self.shortcut)

    @property
    def macs(self) -> int:
        """Of everything."""
        return sum(layer.macs for layer in (*self.branch, *self.shortcut))


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientChain:
    """The gradient on its way back through `blocks` blocks, plain and residual, with the same weights.

    `plain` and `residual` are the norms of the gradient at the input of every block and, last, at the output, where it
    has norm 1. `branch` is the part that comes back through the branch of each residual block, relative to what arrives
    there (the "1" is the other part). The predicted ones are for infinite width.
    """

    gain: float
    plain: Vector
    residual: Vector
    branch: Vector
    predicted_plain: Vector
    predicted_residual: Vector

    @property
    def blocks(self) -> int:
        """How many there are."""
        return len(self.branch)

    @property
    def plain_factors(self) -> Vector:
        """By what each plain block multiplies the norm of the gradient, the first block first."""
        return _factors(self.plain)

    @property
    def residual_factors(self) -> Vector:
        """The same for the residual blocks."""
        return _factors(self.residual)


def _factors(norms: Vector) -> Vector:
    return tuple(here / behind if behind else 0.0 for here, behind in pairwise(norms))


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalSettings:
    """A network at its start: `depth` layers of `width` units (or channels), read by the signal-propagation lab.

    `net`: "fc" or "conv". With `skip`, every two layers are a residual block, pre-activation, branch times `alpha`.
    """

    net: str = "fc"
    depth: int = 56
    width: int = 128
    activation: str = "relu"
    init: str = "he"
    norm: bool = False
    skip: bool = False
    alpha: float = 1.0
    seed: int = 1


Decades = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What goes forward and backward through a network before it has learned anything.

    `layers` are the places on the main path: behind every layer, or behind every block with a skip. For each of them:
    `deviation` of the pre-activations, `mean` and `spread` of the activations that the next layer reads, the share of
    its units that are `silent` for the whole batch (always 0, or saturated), and `gradient`, the root mean square of
    dE/dz there, 1 at the output. `weight_gradient` is the norm of dE/dW of every layer. `forward` and `backward` are
    the shares of activations and gradients by their size: zeros first, then a bin for each of `decades`.

    The predicted ones are those of mean field theory, for infinite width; empty where it has none.
    """

    settings: SignalSettings
    layers: tuple[int, ...]
    deviation: Vector
    mean: Vector
    spread: Vector
    silent: Vector
    gradient: Vector
    weight_gradient: Vector
    decades: tuple[int, ...]
    forward: Decades
    backward: Decades
    predicted_deviation: Vector
    predicted_gradient: Vector

    @property
    def growth(self) -> tuple[float, float]:
        """By what factor the deviation grows per layer on the way forward, and the gradient on the way back.

        Between the second place of the main path and the last: the first layer reads what no activation has seen. 0
        where a signal dies.
        """
        return self._per_layer(self.deviation), self._per_layer(self.gradient[::-1], back=True)

    @property
    def predicted_growth(self) -> tuple[float, float]:
        """The same as predicted; (0, 0) where nothing is."""
        forward = self._per_layer(self.predicted_deviation)
        return forward, self._per_layer(self.predicted_gradient[::-1], back=True)

    def _per_layer(self, values: Vector, *, back: bool = False) -> float:
        kept = values[:-1] if back else values[1:]
        if len(kept) < 2 or not kept[0] or not kept[-1]:
            return 0.0
        layers = (len(kept) - 1) * (2 if self.settings.skip else 1)
        return float((kept[-1] / kept[0]) ** (1 / layers))
