"""`Setup`: what a run trains, and on what."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from explorer import datasets
from explorer.datasets import ImageData
from explorer.records import ModelMeta, Normalize, TrainConfig
from explorer.training.building import build_for, instance_for


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """A network, the data set that it is trained and tested on, and the normalisation of its input.

    `net` takes normalised images (B, C, H, W) and returns (B, classes); it is trained in place. `meta` goes with the
    weights into checkpoints.
    """

    net: nn.Module
    data: ImageData
    normalize: Normalize
    meta: ModelMeta

    @classmethod
    def of(cls, config: TrainConfig) -> Setup:
        """What a configuration names. Raises what `build_for` and `datasets.load` raise."""
        data = datasets.load(config.dataset)
        instance = instance_for(config, data.shape, len(data.classes))
        normalize = Normalize.of(config.pixels, data.mean, data.std)
        meta = ModelMeta(instance, tuple(data.classes), normalize.spread(instance.input_shape[0]))
        return cls(build_for(config, data.shape, len(data.classes)), data, normalize, meta)
