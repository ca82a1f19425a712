"""What the page on non-linearities, pooling and normalisation shows: curves, depth, dead units, batches."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """A non-linearity over an interval: places, values, slopes; and both at one place, the tangent's point.

    `band` are the values with the lowest and the highest slope that training may draw; empty where it draws none.
    """

    places: Numbers
    values: Numbers
    slopes: Numbers
    at: float
    value: float
    slope: float
    band: tuple[Numbers, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerValues:
    """The pre-activations of a layer, before and after a non-linearity, as counts in bins of equal width.

    `edges` has one more than `before` has counts; `after` is counted in `after_edges`. `zeros`, `flat` and `negative`
    are shares (0 to 1) of all values: exactly 0 afterwards, saturated (slope below `FLAT` of the steepest), below 0
    before. `count` is how many values there are, `dead` the share of units that are flat for every image.
    """

    edges: Numbers
    before: tuple[int, ...]
    after_edges: Numbers
    after: tuple[int, ...]
    zeros: float
    flat: float
    negative: float
    dead: float
    count: int
    mean: float
    std: float


@dataclass(frozen=True, slots=True)
class DepthCurve:
    """A gradient on its way back through a random network, layer by layer; index k is k layers below the top.

    `gradient` is its norm as a share of the norm at the top, `slopes` the product of the mean slopes alone.
    """

    activation: str
    gradient: Numbers
    slopes: Numbers


@dataclass(frozen=True, slots=True)
class DyingConfig:
    """A small fully connected network on the bundled digits, trained by Adam."""

    activation: str
    rate: float
    seed: int = 0
    steps: int = 300
    batch: int = 64
    width: int = 100
    layers: int = 3


@dataclass(frozen=True, slots=True)
class DyingPoint:
    """After a step: shares (0 to 1) of hidden units silent for every probe image, in all and by layer.

    `stuck` is the share of units that no probe image sends a gradient through: their weights stay as they are.
    `revived` is the share that was silent at some point before and is not now. The loss is None where it is no number.
    """

    step: int
    loss: float | None
    accuracy: float
    silent: float
    by_layer: Numbers
    stuck: float
    revived: float


@dataclass(frozen=True, slots=True)
class DyingRun:
    """A run with its points; `command`, `device`, `date` and `seconds` say how a recorded one was made."""

    config: DyingConfig
    points: tuple[DyingPoint, ...]
    command: str = ""
    device: str = ""
    date: str = ""
    seconds: float = 0.0

    def to_json(self) -> str:
        """JSON with four significant digits per number."""
        return json.dumps(_short(asdict(self)), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> DyingRun:
        """Parse the text of `to_json`."""
        plain = json.loads(text)
        points = tuple(DyingPoint(**{**point, "by_layer": tuple(point["by_layer"])}) for point in plain["points"])
        return cls(**{**plain, "config": DyingConfig(**plain["config"]), "points": points})


def _short(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return [_short(each) for each in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class PoolSetting:
    """Pooling: the window's side f, stride s, padding p; "max" or "mean"; `whole`: one window is all of the grid."""

    side: int
    stride: int
    padding: int = 0
    operation: str = "max"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ShiftedChange:
    """How much an image shifted by some pixels changes what a layer gives: a share of its norm (0 to 1).

    `pooled` says what came last: "input", "conv", "pool" or "skip" (every second value taken, nothing pooled: the
    control).
    """

    name: str
    pooled: str
    change: float


@dataclass(frozen=True, slots=True)
class ShiftedAnswers:
    """Changes through a network for a shift, and the shares of images with the same answer and with the right one."""

    changes: tuple[ShiftedChange, ...]
    same: float
    right_before: float
    right_after: float
    images: int


@dataclass(frozen=True, slots=True)
class ChannelStatistics:
    """One channel of a batch: mean and variance over batch and positions, and its values counted in bins."""

    channel: int
    mean: float
    variance: float
    edges: Numbers
    counts: tuple[int, ...]
    first: float


@dataclass(frozen=True, slots=True)
class NormalizedBatch:
    """A batch after a first layer, channel by channel: `shape` is (B, C, H, W), `epsilon` that of the network.

    `running` are a channel's (mean, variance) as training kept them; empty where the network has no batch norm.
    """

    shape: tuple[int, int, int, int]
    channels: tuple[ChannelStatistics, ...]
    epsilon: float
    running: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SaturationCurve:
    """Through a deep tanh network: share saturated and standard deviation of every layer's activations."""

    norm: bool
    saturated: Numbers
    std: Numbers


@dataclass(frozen=True, slots=True)
class BatchAccuracy:
    """Accuracy (0 to 1) in training mode, by the number of images in a batch, and in evaluation mode."""

    evaluation: float
    training: tuple[tuple[int, float], ...]
    images: int


@dataclass(frozen=True, slots=True)
class TwoModes:
    """One image, asked in evaluation mode and in training mode within a batch: (class, share), best first.

    `moved` is how far one forward pass in training mode moves the running means, as a share of their norm.
    """

    evaluation: tuple[tuple[int, float], ...]
    training: tuple[tuple[int, float], ...]
    distance: float
    moved: float
