"""Preprocessing constants (grey, normalisation, limits), and the metadata that weights carry."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from explorer.records.declared import Shape
from explorer.records.instance import NetworkInstance

LARGEST_SIDE = 1024
"""Pixels: the largest side of an input."""

MOST_CLASSES = 100_000
"""The largest number of classes of a network."""

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, 2.5.1; Pillow uses the same


def luma(red: Any, green: Any, blue: Any) -> Any:
    """Grey value of a colour, for numbers, arrays or tensors; the only conversion to grey in this project."""
    return _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue


@dataclass(frozen=True, slots=True)
class Normalize:
    """x -> (x - mean) / std per channel, for pixels 0 to 255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, pixels: str, mean: tuple[float, ...], std: tuple[float, ...]) -> Normalize:
        """The normalisation named by `TrainConfig.pixels`; `mean` and `std` are those of the training images.

        A channel that never changes has no deviation to divide by: it is shifted to zero alone.
        """
        if pixels == "raw":
            return cls((0.0,) * len(mean), (1.0,) * len(mean))
        if pixels == "unit":
            return cls((0.0,) * len(mean), (255.0,) * len(mean))
        return cls(mean, tuple(each or 1.0 for each in std))

    def spread(self, channels: int) -> Normalize:
        """The same for an input of more channels, made by repeating a single one."""
        if len(self.mean) == channels:
            return self
        return Normalize(self.mean[:1] * channels, self.std[:1] * channels)


IMAGENET = Normalize((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""Mean and standard deviation of ImageNet's training images per channel: torchvision's
(0.485, 0.456, 0.406) and (0.229, 0.224, 0.225), times 255."""

HALVES = Normalize((127.5,) * 3, (127.5,) * 3)
"""Pixels from -1 to 1, as TensorFlow's Inception networks take them."""

UNIT = Normalize((0.0,), (255.0,))
"""Pixels from 0 to 1, one channel."""


def usual_normalize(channels: int) -> Normalize:
    """Default normalisation: ImageNet's for colour, 0 to 1 for grey."""
    return IMAGENET if channels == 3 else UNIT


@dataclass(frozen=True, slots=True)
class ModelMeta:
    """Metadata of trained weights, so that they can be used without the data set they were trained on.

    The network instance, the categories (English names, in the order of the logits), and the input normalisation.
    Stored as JSON under `model` in the metadata of a safetensors file.
    """

    instance: NetworkInstance
    categories: tuple[str, ...]
    normalize: Normalize

    def to_json(self) -> str:
        """Text for the metadata of a safetensors file."""
        plain = {**asdict(self), "instance": json.loads(self.instance.to_json())}
        return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> ModelMeta:
        """Parse the text of `to_json`. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        instance = NetworkInstance.from_json(json.dumps(plain["instance"]))
        mean, std = (tuple(float(value) for value in plain["normalize"][name]) for name in ("mean", "std"))
        return cls(instance, tuple(str(name) for name in plain["categories"]), Normalize(mean, std))


@dataclass(frozen=True, slots=True, eq=False)
class ModelCard:
    """What is known of a model without its weights: its id, and the metadata that these carry."""

    id: str
    meta: ModelMeta

    @property
    def instance(self) -> NetworkInstance:
        """The network with its options, classes and input shape."""
        return self.meta.instance

    @property
    def trained(self) -> bool:
        """Whether its weights were learned: those of the control were not."""
        return not self.id.startswith("random:")

    @property
    def categories(self) -> tuple[str, ...]:
        """English names of the classes, in the order of the logits."""
        return self.meta.categories

    @property
    def input_shape(self) -> Shape:
        """(C, H, W)."""
        return self.meta.instance.input_shape
