"""What is found out about single units of a network: their filters, favourite images, dreams and lesions."""

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

    `kind` is "block" for a module made of several, else the kind of its operation. `rectified` says that its outputs
    come out of a ReLU: a channel that is never above zero is dead.
    """

    module: str
    kind: str
    shape: Shape
    rf: ReceptiveField
    rectified: bool


@dataclass(frozen=True, slots=True, eq=False)
class TopActivations:
    """The images of a data set that excite each channel most, at most one place an image.

    `images`, `rows`, `columns` are int64 (C, k): the number of the image and the position in the map, strongest
    first; `values` float32 (C, k) are the activations there. `mean` (C,) is over all images and positions, `firing`
    (C,) the share of them above zero.
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
        """Share of the channels that no image raises above zero."""
        return float((self.active_fraction == 0).mean())


@dataclass(frozen=True, slots=True)
class FeatureVisConfig:
    """What to look for, and which regularisers hold the search to images.

    `objective` is "channel" (mean of its map), "unit" (the cell in its middle) or "class" (the logit); `index` is the
    channel or the class. `enlarge` searches on a canvas so many times the network's input (channels only).
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
    """A step of a search: the objective before it, and the image, uint8 (H, W, C)."""

    step: int
    objective: float
    image: np.ndarray


@dataclass(frozen=True, slots=True)
class Block:
    """A block that may be bypassed. `way` is "shortcut" (its skip goes on alone), "identity" (its input goes on, as its
    output has the same shape) or "" where neither is possible."""

    module: str
    way: str
    in_shape: Shape
    out_shape: Shape


@dataclass(frozen=True, slots=True)
class Lesion:
    """What is switched off: channels of one layer, and blocks that are bypassed."""

    layer: str = ""
    channels: tuple[int, ...] = ()
    blocks: tuple[str, ...] = ()
