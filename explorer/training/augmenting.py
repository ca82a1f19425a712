"""How a run changes the images of its batches, and their targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from explorer.datasets import ImageData
from explorer.errors import BadOption
from explorer.records import AUGMENTS, Chain, Given, TrainConfig
from explorer.transforms import (
    PADDING,
    CropFlip,
    apply_crop_flip,
    draw_crop_flip,
    mixes,
    read_chain,
    rgb_covariance,
    write_chain,
)
from explorer.transforms.batched import apply_batch, draw_batch, require_batches, share_of

_COLOURS = 10_000
"""So many training images at most give the covariance of the data set's colours."""

_PREFIX = "chain."


class Augmenter(Protocol):
    """Draws on the CPU, as tensors by name, and changes uint8 images (B, C, H, W) and targets on their device."""

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]: ...

    def images(self, images: Tensor, row: Mapping[str, Tensor]) -> Tensor: ...

    def target(self, labels: Tensor, row: Mapping[str, Tensor]) -> Tensor: ...


def chain_of(config: TrainConfig) -> Chain | None:
    """The chain of a configuration, None where it names none.

    Raises `UnknownEntry`, `BadOption` for one that is none, has no batches, or mixes images as mixup does already.
    """
    if config.augment in AUGMENTS:
        return None
    chain = read_chain(config.augment)
    require_batches(chain)
    if mixes(chain) and config.mixup:
        raise BadOption("Images are mixed once: by mixup, or by the last step of the chain.")
    return chain


def canonical(augment: str) -> str:
    """The one text of an augmentation. Raises what `read_chain` raises."""
    return augment if augment in AUGMENTS else write_chain(read_chain(augment)) or "none"


def augmenter(config: TrainConfig, data: ImageData) -> Augmenter:
    """That of a configuration. Raises what `chain_of` raises."""
    if chain := chain_of(config):
        return _OfChain(chain, data)
    return _CropAndFlip() if config.augment == "crop-flip" else _Nothing()


class _Nothing:
    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        return {}

    def images(self, images: Tensor, row: Mapping[str, Tensor]) -> Tensor:
        return images

    def target(self, labels: Tensor, row: Mapping[str, Tensor]) -> Tensor:
        return labels


class _CropAndFlip(_Nothing):
    """Runs of the first version name it so: its numbers are drawn in their order."""

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        crop = draw_crop_flip(count, generator)
        return {"rows": crop.rows, "columns": crop.columns, "mirrored": crop.mirrored}

    def images(self, images: Tensor, row: Mapping[str, Tensor]) -> Tensor:
        return apply_crop_flip(images, CropFlip(PADDING, row["rows"], row["columns"], row["mirrored"]))


class _OfChain(_Nothing):
    """A chain of the catalogue; PCA colours are those of the data set."""

    def __init__(self, chain: Chain, data: ImageData) -> None:
        coloured = any(step.slug == "pca-colour" for step in chain.steps)
        covariance = rgb_covariance(data.train_images[:_COLOURS]) if coloured else None
        self._chain, self._given, self._classes = chain, Given(data.shape, covariance), len(data.classes)

    def draw(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        drawn = draw_batch(self._chain, self._given, count, generator)
        return {_PREFIX + name: numbers for name, numbers in drawn.items()}

    def images(self, images: Tensor, row: Mapping[str, Tensor]) -> Tensor:
        return apply_batch(self._chain, self._given, images, _own(row))

    def target(self, labels: Tensor, row: Mapping[str, Tensor]) -> Tensor:
        """Labels (B,), or where images are mixed the parts (B, classes) of each class."""
        share = share_of(self._chain, _own(row))
        if share is None:
            return labels
        one_hot = functional.one_hot(labels, self._classes).to(share.dtype)
        return torch.lerp(one_hot.roll(1, 0), one_hot, share[:, None])


def _own(row: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(_PREFIX): numbers for name, numbers in row.items() if name.startswith(_PREFIX)}
