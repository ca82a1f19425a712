"""Results of inspecting one model. Fractions are 0 to 1; arrays are numpy and must not be modified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.declared import Control, Pair
from explorer.records.feature_maps import Attribution
from explorer.records.instance import Options
from explorer.records.traced import LayerRecord

if TYPE_CHECKING:
    import numpy as np

SHEET_ORDERS = ("strength", "index")
"""Orders of a layer's maps on a sheet: by their largest value, descending, or by channel index."""

Window = tuple[int, int, int, int]
"""(top, left, bottom, right) in cells of a grid, bottom and right excluded; it may extend beyond the grid."""


# --- feature maps -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StageSummary:
    """The output of a stage for one image.

    `channels` are the strongest, by the largest value of each, descending; none where the output is a vector.
    `active` is the fraction of values above zero. `unit` is the strongest one (channel, row, column), `window` its
    receptive field in pixels (of a vector: the whole image), `share_seen` the fraction of the image inside it.
    """

    layer: LayerRecord
    channels: tuple[int, ...]
    active: float
    unit: tuple[int, int, int]
    window: Window
    share_seen: float


@dataclass(frozen=True, slots=True)
class LayerSheet:
    """All maps of a layer: the channels in the order of the sheet, and statistics over every value of the layer.

    `ranges` are the smallest and the largest value of each map, in that order. `active` is the fraction of values above
    zero, `dead` the fraction of channels without one.
    """

    order: tuple[int, ...]
    ranges: tuple[tuple[float, float], ...]
    mean: float
    std: float
    low: float
    high: float
    active: float
    dead: float


@dataclass(frozen=True, slots=True)
class LayerView:
    """Receptive field of one cell of a layer, or projective field of one input pixel on it.

    `place` is that cell or pixel (row, column). `window` is the theoretical field: pixels of the input for a cell,
    cells of the layer for a pixel, (0, 0, 0, 0) where there are none. `share` is the measured fraction.
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
    """The patches that activate one channel most: activations, descending, and the classes of their images.

    `mean` and `active` (fraction above zero) are over all images and positions. `whole`: the receptive field is
    larger than the image.
    """

    values: tuple[float, ...]
    truths: tuple[str, ...]
    mean: float
    active: float
    whole: bool


@dataclass(frozen=True, slots=True)
class AblatedAnswers:
    """Class probabilities for one image, of the intact model (`before`) and of the ablated one (`after`)."""

    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def best_before(self) -> int:
        """The predicted class of the intact model, an index."""
        return max(range(len(self.before)), key=self.before.__getitem__)

    @property
    def best_after(self) -> int:
        """The predicted class of the ablated model, an index."""
        return max(range(len(self.after)), key=self.after.__getitem__)

    def top(self, k: int) -> tuple[int, ...]:
        """The k classes with the largest probability in either model."""
        ranked = sorted(range(len(self.before)), key=lambda index: -max(self.before[index], self.after[index]))
        return tuple(ranked[:k])


@dataclass(frozen=True, slots=True)
class AblatedAccuracy:
    """Accuracy of the intact model (`before`) and of the ablated one (`after`) on the same test images."""

    before: float
    after: float
    images: int

    @property
    def points(self) -> float:
        """The change in percentage points."""
        return 100 * (self.after - self.before)


# --- on a test set ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A test image, uint8 (H, W, C), and its number; `truth` and `answer` are indices of classes.

    `probability` is the softmax of the answer.
    """

    number: int
    pixels: np.ndarray
    truth: int
    answer: int
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A model on a test set: confusion matrix `counts[truth][prediction]`; `judged`: images by descending loss.

    Of each cell of the matrix only the first few are among them.
    """

    dataset: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    loss: float
    accuracy: float
    judged: tuple[Judged, ...]

    @property
    def mistakes(self) -> tuple[Judged, ...]:
        """Those that are answered wrongly, by descending loss."""
        return tuple(each for each in self.judged if each.truth != each.answer)

    def behind(self, truth: int, answer: int) -> tuple[Judged, ...]:
        """Those behind a cell of the confusion matrix, by descending loss."""
        return tuple(each for each in self.judged if (each.truth, each.answer) == (truth, answer))

    @property
    def images(self) -> int:
        """Size of the test set."""
        return sum(map(sum, self.counts))

    @property
    def wrong(self) -> int:
        """Number of misclassified images."""
        return self.images - sum(row[i] for i, row in enumerate(self.counts))


@dataclass(frozen=True, slots=True, eq=False)
class StageMaps:
    """The maps of a stage, float32 (C, H, W); `stage` is its name in the paper."""

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
    """One forward pass: the input, uint8 (H, W, C), the maps of each stage, the class probabilities."""

    pixels: np.ndarray
    stages: tuple[StageMaps, ...]
    classes: tuple[str, ...]
    probabilities: tuple[float, ...]


# --- explanations -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Explain:
    """Arguments of an attribution: method, target class (an index of the logits), options, stage.

    `randomized` explains the same network with random weights, the control of Adebayo et al. (2018).
    """

    method: str
    target: int
    options: Options = ()
    stage: str = ""
    randomized: bool = False


@dataclass(frozen=True, slots=True)
class MethodCard:
    """What is known of an attribution method without running it: its paper, and how its channels are reduced.

    `signed`: positive is for, negative against the class, and channels are summed; otherwise the largest magnitude
    over the channels is taken (Simonyan et al. 2014, section 3.1).
    """

    slug: str
    paper: str
    year: int
    arxiv: str
    signed: bool
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True)
class MapSummary:
    """Distribution of an attribution's magnitude: the fraction in each cell of a 3 x 3 grid, row by row, and the
    fraction on the strongest tenth of the pixels."""

    ninths: tuple[float, ...]
    concentration: float

    @property
    def strongest(self) -> int:
        """The grid cell with the largest fraction, 0 (top left) to 8 (bottom right)."""
        return self.ninths.index(max(self.ninths))


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedMap:
    """An attribution map and its distribution; `opens` is the operation whose maps it is made of, from 1 (0: none)."""

    found: Attribution
    summary: MapSummary
    opens: int
