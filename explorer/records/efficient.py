"""Cheaper convolutions, scaling and dense blocks: what they cost, and what was measured of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.declared import Shape
from explorer.records.traced import Formula

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class CostStep:
    """One convolution of a block: `kind` names it ("full", "depthwise", "pointwise", "expand", "project").

    `before` and `after` are (C, H, W). `weights` are without biases and batch normalisation, `macs` at batch 1.
    """

    kind: str
    before: Shape
    after: Shape
    weights: Formula
    macs: Formula


@dataclass(frozen=True, slots=True)
class InvertedBlock:
    """An inverted residual block as it was traced: its steps, whether a skip passes it by, its name in the network."""

    name: str
    steps: tuple[CostStep, ...]
    skip: bool


@dataclass(frozen=True, slots=True, eq=False)
class SeparableFit:
    """A full kernel beside the depthwise and pointwise pairs that come closest to it.

    `kernel` is (C', C, f, f); `closest` its best approximation by one depthwise filter a channel; `kept` the share of
    the kernel's squared weights that is reproduced with 1, 2, ... f*f depthwise filters a channel.
    """

    kernel: np.ndarray
    closest: np.ndarray
    kept: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bottlenecked:
    """A curve in the plane, sent through a random layer to n dimensions, an activation, and back.

    `points` and `back` are (N, 2). `error` is the root of the mean squared distance, relative to the curve's own size,
    after the best scale; `lost` the share of points at which fewer than two of the n units are on.
    """

    points: np.ndarray
    back: np.ndarray
    error: float
    lost: float


@dataclass(frozen=True, slots=True, eq=False)
class GateLayer:
    """The gates of one squeeze-and-excitation module: (C,) for this image, mean and deviation over all images (C,)."""

    name: str
    here: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray


@dataclass(frozen=True, slots=True)
class GatedAccuracy:
    """Accuracy (0 to 1) on a test set with the gates as they are, fixed to their mean, of other images, and open."""

    images: int
    free: float
    mean: float
    shuffled: float
    opened: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A network that was counted layer by layer: its multipliers, input side, and totals."""

    depth: float
    width: float
    side: int
    layers: int
    parameters: int
    macs: int


@dataclass(frozen=True, slots=True)
class DenseCost:
    """One layer of a dense block: channels that it reads, weights and multiply-adds of its convolutions."""

    reads: int
    weights: int
    macs: int


@dataclass(frozen=True, slots=True, eq=False)
class ReadWeights:
    """Who reads whom in a trained dense block: mean absolute weight, (source, reader), NaN where there is none.

    Source 0 is the input of the block; the last reader is the transition, or the classifier after the last block.
    `relative` are the same over the mean of their reader: what a layer's weights are on the whole says nothing where
    batch normalisation follows, and readers differ in it.
    """

    block: int
    weights: np.ndarray
    relative: np.ndarray

    @property
    def largest(self) -> float:
        """The largest of `relative`."""
        return max(float(value) for row in self.relative.tolist() for value in row if value == value)


@dataclass(frozen=True, slots=True)
class Reuse:
    """How much of what each layer made can be read off the output of a block linearly: R^2, one for each layer.

    `channels` of the output and `weights` of the block, for concatenation and for addition.
    """

    concat: tuple[float, ...]
    added: tuple[float, ...]
    channels: tuple[int, int]
    weights: tuple[int, int]
