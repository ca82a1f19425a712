"""How stored pixels become inputs, and within which limits: every such number stands here once."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from explorer.records.instance import NetworkInstance

LARGEST_SIDE = 1024
"""Pixels: the largest side of an input."""

MOST_CLASSES = 100_000
"""The most classes of a network."""

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, 2.5.1; Pillow uses the same


def luma(red: Any, green: Any, blue: Any) -> Any:
    """The grey value of a colour, of numbers, arrays or tensors: the only way that grey is made of colour here."""
    return _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue


@dataclass(frozen=True, slots=True)
class Normalize:
    """x -> (x - mean) / std, a number a channel, of pixels 0 to 255."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, pixels: str, mean: tuple[float, ...], std: tuple[float, ...]) -> Normalize:
        """What `pixels` of a `TrainConfig` stands for, given mean and standard deviation of the training images."""
        if pixels == "raw":
            return cls((0.0,) * len(mean), (1.0,) * len(mean))
        if pixels == "unit":
            return cls((0.0,) * len(mean), (255.0,) * len(mean))
        return cls(mean, std)

    def spread(self, channels: int) -> Normalize:
        """The same for an input of more channels, where one channel is repeated to fill them."""
        if len(self.mean) == channels:
            return self
        return Normalize(self.mean[:1] * channels, self.std[:1] * channels)


IMAGENET = Normalize((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
"""Mean and standard deviation of ImageNet's training images, a channel each: torchvision's
(0.485, 0.456, 0.406) and (0.229, 0.224, 0.225), times 255."""

HALVES = Normalize((127.5,) * 3, (127.5,) * 3)
"""Pixels from -1 to 1, as TensorFlow's Inception networks read them."""

UNIT = Normalize((0.0,), (255.0,))
"""Pixels from 0 to 1, one channel."""


def usual_normalize(channels: int) -> Normalize:
    """What a network expects where nobody says: ImageNet's for colour, 0 to 1 for grey."""
    return IMAGENET if channels == 3 else UNIT


@dataclass(frozen=True, slots=True)
class ModelMeta:
    """What weights carry with them, so that they can be used without the data set they were trained on.

    How the network is built, what its outputs stand for (English names, in the order of the logits), and how its input
    is scaled. Files of weights keep it as JSON under `model` in the metadata of safetensors.
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
        """What `to_json` wrote. Raises `ValueError`, `TypeError` or `KeyError` for another text."""
        plain: dict[str, Any] = json.loads(text)
        instance = NetworkInstance.from_json(json.dumps(plain["instance"]))
        mean, std = (tuple(float(value) for value in plain["normalize"][name]) for name in ("mean", "std"))
        return cls(instance, tuple(str(name) for name in plain["categories"]), Normalize(mean, std))
