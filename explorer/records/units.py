"""Records about single units of a network: layers, top activations, feature visualisation, lesions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.declared import Shape
from explorer.records.traced import ReceptiveField

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class UnitLayer:
    """A module whose output is a volume (C, H, W), and the receptive field of its units.

    `kind` is "block" for a module with several operations, else the kind of its one. `rectified`: its output is that
    of a ReLU, so that a channel which is never above zero is dead.
    """

    module: str
    kind: str
    shape: Shape
    rf: ReceptiveField
    rectified: bool


@dataclass(frozen=True, slots=True, eq=False)
class TopActivations:
    """The k images of a data set that activate each channel most, one position per image.

    `images`, `rows`, `columns` are int64 (C, k): the index of the image and the position in the map, in descending
    order of activation; `values` float32 (C, k) are the activations. `mean` (C,) is over all images and positions,
    `active_fraction` (C,) the fraction of them above zero.
    """

    images: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    mean: np.ndarray
    active_fraction: np.ndarray
    searched: int

    @property
    def dead(self) -> float:
        """Fraction of the channels that are above zero for no image."""
        return float((self.active_fraction == 0).mean())


@dataclass(frozen=True, slots=True)
class FeatureVisConfig:
    """Configuration of activation maximisation: objective, optimisation, regularisers.

    `objective` is "channel" (mean of its map), "unit" (the centre of its map) or "class" (the logit); `index` is the
    channel or the class. `enlarge` optimises an image that many times as large as the network's input (channels only).
    """

    objective: str
    layer: str
    index: int
    steps: int = 128
    rate: float = 0.05
    seed: int = 0
    fourier: bool = True
    decorrelate: bool = True
    jitter: bool = True
    rotate: bool = True
    scale: bool = True
    enlarge: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One step of activation maximisation: the objective before it, and the image, uint8 (H, W, C)."""

    step: int
    objective: float
    image: np.ndarray


@dataclass(frozen=True, slots=True)
class Block:
    """A block and how it is bypassed: `way` is "shortcut" (only its skip is kept), "identity" (its input is passed
    through, as its output has the same shape) or "" where neither is possible."""

    module: str
    way: str
    in_shape: Shape
    out_shape: Shape


@dataclass(frozen=True, slots=True)
class Lesion:
    """What is ablated: channels of one layer that are set to zero, and blocks that are bypassed."""

    layer: str = ""
    channels: tuple[int, ...] = ()
    blocks: tuple[str, ...] = ()
