"""What looking inside a network finds. Arrays are numpy, read only, of one image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.traced import LayerRecord

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class InputImage:
    """An image to look into a network with: uint8 (H, W, 3), and a key that stands for its content.

    The key is a slug, a data set with a number, or a digest; `own` says that a visitor brought it, so that nothing made
    of it may be kept where another visitor could read it.
    """

    key: str
    pixels: np.ndarray
    own: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMaps:
    """Every volume of one forward pass. `maps` are float32 (C, H, W) or (C,) by the name of the layer that made them.

    `layers` are all operations in execution order; `maps` may hold some of them only. `logits` is (classes,).
    """

    layers: tuple[LayerRecord, ...]
    maps: Mapping[str, np.ndarray]
    logits: np.ndarray

    @property
    def probabilities(self) -> np.ndarray:
        """Softmax of the logits, (classes,)."""
        import numpy as np

        raised = np.exp(self.logits.astype(np.float64) - self.logits.max())
        shares: np.ndarray = raised / raised.sum()
        return shares

    def top(self, k: int = 5) -> tuple[tuple[int, float], ...]:
        """The k most probable classes: (index, probability)."""
        shares = self.probabilities
        order = (-shares).argsort(kind="stable")[:k]
        return tuple((int(i), float(shares[i])) for i in order)


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What one method says of one class: `values` is signed float32 (H, W), on the grid of the network's input.

    `method` is its slug, `target` the index of the class. `delta` is the convergence error of integrated gradients
    and DeepLift (sum of attributions minus the difference of the logits), else None. `layer` and `grid` (rows, columns)
    name the map that was made larger, for the methods that look at a layer.
    """

    method: str
    target: int
    values: np.ndarray
    delta: float | None = None
    layer: str = ""
    grid: tuple[int, int] | None = None
