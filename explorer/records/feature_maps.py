"""Input image, feature maps and attributions. Arrays are numpy, read-only, of one image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.records.traced import LayerRecord

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class InputImage:
    """An input image, uint8 (H, W, 3), and a key that identifies its content.

    The key is a slug, a data set with an index, or a digest; `own`: a visitor uploaded it, so that nothing computed
    from it may be cached where another visitor could read it.
    """

    key: str
    pixels: np.ndarray
    own: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMaps:
    """Activations of one forward pass: `maps` are layer name -> float32 (C, H, W) or (C,).

    `layers` are all operations in execution order; `maps` may have only some of them. `logits` is (classes,).
    """

    layers: tuple[LayerRecord, ...]
    maps: Mapping[str, np.ndarray]
    logits: np.ndarray

    @property
    def probabilities(self) -> np.ndarray:
        """Softmax of the logits, (classes,)."""
        import numpy as np

        exponentials = np.exp(self.logits.astype(np.float64) - self.logits.max())
        probabilities: np.ndarray = exponentials / exponentials.sum()
        return probabilities

    def top(self, k: int = 5) -> tuple[tuple[int, float], ...]:
        """The k most probable classes: (index, probability)."""
        probabilities = self.probabilities
        order = (-probabilities).argsort(kind="stable")[:k]
        return tuple((int(i), float(probabilities[i])) for i in order)


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """Attribution of one class by one method: `values` is signed float32 (H, W), on the grid of the network's input.

    `method` is a slug, `target` the index of the class. `delta` is the convergence error of integrated gradients
    and DeepLift (sum of attributions minus the difference of the logits), else None. `layer` and `grid` (rows, columns)
    are those of the map that was upsampled, for the methods that use a layer.
    """

    method: str
    target: int
    values: np.ndarray
    delta: float | None = None
    layer: str = ""
    grid: tuple[int, int] | None = None
