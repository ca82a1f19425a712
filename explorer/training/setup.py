"""`Setup`: what a run trains, and on what."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from explorer import datasets
from explorer.datasets import ImageData
from explorer.records import ModelMeta, Normalize, TrainConfig
from explorer.training.augmenting import chain_of
from explorer.training.building import build_for, check_batch, instance_for


def training_data(config: TrainConfig) -> ImageData:
    """The data set of a configuration, with as many training images as it wants; all test images.

    Raises what `datasets.load` raises, and `BadOption` where a class has too few.
    """
    data = datasets.load(config.dataset)
    if not config.per_class:
        return data
    return datasets.selected(data, datasets.select(data.train_labels, config.per_class, config.seed, len(data.classes)))


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
        """What a configuration names. Raises what `chain_of`, `training_data`, `check_batch` and `build_for` raise."""
        chain_of(config)  # raises before anything is built
        data = training_data(config)
        instance = instance_for(config, data.shape, len(data.classes))
        check_batch(instance, min(config.batch, len(data.train_labels)))
        normalize = Normalize.of(config.pixels, data.mean, data.std)
        meta = ModelMeta(instance, tuple(data.classes), normalize.spread(instance.input_shape[0]))
        return cls(build_for(config, data.shape, len(data.classes)), data, normalize, meta)
