"""Records of 1x1 convolutions, Inception modules and what was measured of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explorer.records.declared import Pair
from explorer.records.traced import Formula

if TYPE_CHECKING:
    import numpy as np


class InceptionWidths(NamedTuple):
    """A row of Szegedy et al. 2014, Table 1: channels that come in, and what each convolution of a module gives."""

    n_in: int
    n1: int
    r3: int
    n3: int
    r5: int
    n5: int
    pool: int

    @property
    def n_out(self) -> int:
        """Channels after the concat."""
        return self.n1 + self.n3 + self.n5 + self.pool


class ConvCost(NamedTuple):
    """A convolution with bias at stride 1 that keeps height and width: what it costs.

    `size` is (n_H, n_W) of its output. `macs` are its multiply-adds (as many multiplications), `parameters` count
    the biases.
    """

    kernel: Pair
    n_in: int
    n_out: int
    size: Pair
    macs: Formula
    parameters: Formula


class BranchCost(NamedTuple):
    """A branch of a module: its name ("1x1", "3x3", "5x5", "pool"), its convolutions in order, its output channels."""

    name: str
    convs: tuple[ConvCost, ...]
    n_out: int

    @property
    def macs(self) -> int:
        """Multiply-adds of its convolutions."""
        return sum(conv.macs.value for conv in self.convs)

    @property
    def parameters(self) -> int:
        """Weights and biases of its convolutions."""
        return sum(conv.parameters.value for conv in self.convs)


class GridReduction(NamedTuple):
    """One way to halve a grid and double its channels: what it gives (H, W, C), what it costs, its narrowest volume."""

    name: str
    shape: tuple[int, int, int]
    macs: Formula
    narrowest: int


@dataclass(frozen=True, slots=True, eq=False)
class PointwiseLayer:
    """A trained 1x1 convolution at work: what it reads (C, H, W), its weights (C', C) and bias (C',), what it gives.

    `difference` is the largest difference to `torch.nn.Linear` with the same weights at every position.
    """

    layer: str
    inputs: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    outputs: np.ndarray
    difference: float


@dataclass(frozen=True, slots=True, eq=False)
class BranchMaps:
    """What a module's branches give for one image: (name of the branch, maps (C, H, W)) in the order of the concat."""

    branches: tuple[tuple[str, np.ndarray], ...]
    answer: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class SmallInceptionFacts:
    """What was recorded with the weights of the small network: accuracy (0 to 1), PyTorch's version, the command.

    `without` are the accuracies with the channels of one branch set to 0, by module and branch.
    """

    accuracy: float
    torch: str
    command: str
    without: Mapping[str, Mapping[str, float]]


class RankPoint(NamedTuple):
    """A trained layer behind a linear 1x1 of `width` channels: relative error of its kernels, and the accuracy then."""

    width: int
    error: float
    random_error: float
    accuracy: float


class RankCurve(NamedTuple):
    """A trained layer (path, kernel, channels in and out) by the width of a bottleneck in front of it."""

    layer: str
    kernel: Pair
    n_in: int
    n_out: int
    images: int
    points: tuple[RankPoint, ...]


class SeparableShare(NamedTuple):
    """How much of trained n x n kernels k pairs (n x 1, 1 x n) can express: shares of the squared weights, 0 to 1.

    `means` and `random_means` have a number for each k from 1 to n; `shares` has one for every kernel, for one pair;
    `kernels` is how many there are; `examples` are the best, the median and the worst: (share, the kernel, what its
    best pair gives).
    """

    kernels: int
    means: tuple[float, ...]
    random_means: tuple[float, ...]
    shares: tuple[float, ...]
    examples: tuple[tuple[float, tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...]], ...]


class LayerGradient(NamedTuple):
    """The gradient of a convolution's weights, by where it comes from.

    `main`, `auxiliary` and `inner` are |g|^2 of the main loss, of the sum of both auxiliary losses, and their inner
    product: for any weight w of the auxiliary losses |g_main + w g_aux|^2 = main + 2 w inner + w^2 auxiliary.
    """

    layer: str
    block: str
    main: float
    auxiliary: float
    inner: float

    def norm(self, weight: float) -> float:
        """Norm of the gradient when the auxiliary losses count `weight` times."""
        squared = self.main + 2 * weight * self.inner + weight**2 * self.auxiliary
        return float(max(squared, 0.0) ** 0.5)


class AuxiliaryReach(NamedTuple):
    """Gradients of all convolutions of GoogLeNet's main path at its first step, in order; the three losses."""

    layers: tuple[LayerGradient, ...]
    losses: tuple[float, float, float]
    images: int


class SumGrowth(NamedTuple):
    """Standard deviation of x after every block x + scale * F(x), relative to the input's; and what theory predicts."""

    scale: float
    measured: tuple[float, ...]
    predicted: tuple[float, ...]


class SumTraining(NamedTuple):
    """The losses of a short training of such a sum; None from the step on at which they are no longer finite."""

    scale: float
    losses: tuple[float | None, ...]
