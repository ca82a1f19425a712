"""What an inspection of one model finds. Shares are 0 to 1, arrays numpy and not to be changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.declared import Pair
from explorer.records.instance import Options
from explorer.records.traced import LayerRecord

if TYPE_CHECKING:
    import numpy as np

SHEET_ORDERS = ("strength", "index")
"""How the maps of a layer may be laid out: by their largest value, the strongest first, or by their number."""

Window = tuple[int, int, int, int]
"""(top, left, bottom, right) in cells of a grid, bottom and right excluded; it may reach out of the grid."""


# --- feature maps -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageSummary:
    """The output of a stage for one image.

    `channels` are the strongest, by the largest value of each, the strongest first; none where the output is a vector.
    `active` is the share of values above zero. `unit` is the strongest one (channel, row, column), `window` what it
    looks at in the image, in pixels (a vector: the whole image), `share_seen` the share of the image inside.
    """

    layer: LayerRecord
    channels: tuple[int, ...]
    active: float
    unit: tuple[int, int, int]
    window: Window
    share_seen: float


@dataclass(frozen=True, slots=True)
class LayerSheet:
    """All maps of a layer: the channel in each place of the sheet, and statistics over every value of the layer.

    `active` is the share of values above zero, `dead` the share of channels without one.
    """

    order: tuple[int, ...]
    mean: float
    std: float
    low: float
    high: float
    active: float
    dead: float


@dataclass(frozen=True, slots=True)
class LayerView:
    """A layer as one of its cells, or one pixel of the input, is connected with it.

    `place` is that cell or pixel (row, column). `window` is what the receptive field's formula allows: pixels of the
    input for a cell, cells of the layer for a pixel, (0, 0, 0, 0) where there are none. `share` is what is measured.
    """

    layer: LayerRecord
    place: Pair
    window: Window
    share: float


# --- units ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class FirstFilters:
    """The filters of the first convolution: `weights` float32 (N, C, f, f) and their L2 `norms`, both in `order`."""

    layer: str
    order: tuple[int, ...]
    weights: np.ndarray
    norms: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TopPatches:
    """What activates one channel most: activations, strongest first, and the classes of the images they are in.

    `mean` and `active` (share above zero) are over all images and positions. `whole`: the receptive field is larger
    than the image.
    """

    values: tuple[float, ...]
    truths: tuple[str, ...]
    mean: float
    active: float
    whole: bool


@dataclass(frozen=True, slots=True)
class AblatedAnswers:
    """Probabilities of all classes for one image, by the whole model (`before`) and by the ablated one (`after`)."""

    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def best_before(self) -> int:
        """The answer of the whole model."""
        return max(range(len(self.before)), key=self.before.__getitem__)

    @property
    def best_after(self) -> int:
        """The answer of the ablated model."""
        return max(range(len(self.after)), key=self.after.__getitem__)

    def top(self, k: int) -> tuple[int, ...]:
        """The k classes that either model finds most probable, by the larger of the two probabilities."""
        ranked = sorted(range(len(self.before)), key=lambda index: -max(self.before[index], self.after[index]))
        return tuple(ranked[:k])


@dataclass(frozen=True, slots=True)
class AblatedAccuracy:
    """Accuracy of the whole model (`before`) and of the ablated one (`after`) on the same test images."""

    before: float
    after: float
    images: int

    @property
    def points(self) -> float:
        """The change in percentage points."""
        return 100 * (self.after - self.before)


# --- on a test set ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """A test image, uint8 (H, W, C), that was answered wrongly; `probability` is what the answer was given."""

    pixels: np.ndarray
    truth: str
    answer: str
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a model does on a test set. `counts[truth][answer]` are images; `mistakes` begin with the largest loss."""

    dataset: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    loss: float
    accuracy: float
    mistakes: tuple[Mistake, ...]

    @property
    def images(self) -> int:
        """Size of the test set."""
        return sum(map(sum, self.counts))

    @property
    def wrong(self) -> int:
        """How many were answered wrongly."""
        return self.images - sum(row[i] for i, row in enumerate(self.counts))


@dataclass(frozen=True, slots=True, eq=False)
class StageMaps:
    """The maps of a stage, float32 (C, H, W), by the stage's name in the paper."""

    stage: str
    maps: np.ndarray

    @property
    def low(self) -> float:
        """The smallest value."""
        return float(self.maps.min())

    @property
    def high(self) -> float:
        """The largest value."""
        return float(self.maps.max())


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """An image on its way through: what goes in, uint8 (H, W, C), the maps of each stage, the probabilities."""

    pixels: np.ndarray
    stages: tuple[StageMaps, ...]
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]


# --- explanations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Explain:
    """What is asked of an attribution method: its options, the class (an index of the logits), the stage it looks at.

    `randomized` asks about the same network with random weights, the control of Adebayo et al. (2018).
    """

    method: str
    target: int
    options: Options = ()
    stage: str = ""
    randomized: bool = False


@dataclass(frozen=True, slots=True)
class MapSummary:
    """Where the magnitudes of an attribution lie: the share in each ninth, row by row, and the share that lies on the
    strongest tenth of the pixels."""

    ninths: tuple[float, ...]
    concentration: float

    @property
    def strongest(self) -> int:
        """The ninth that holds most, 0 (top left) to 8 (bottom right)."""
        return self.ninths.index(max(self.ninths))
