"""Choose some of the training images."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from explorer.datasets._declared import ImageData
from explorer.errors import BadOption


def select(labels: Tensor, per_class: int, seed: int, classes: int = 0) -> Tensor:
    """Indices of `per_class` images of each class, int64, drawn with `seed`; of all images where it is 0.

    The images of a smaller selection with the same seed are among those of a larger one. Raises `BadOption` where one
    of the `classes` has fewer, also where it has none at all among `labels`.
    """
    if not per_class:
        return torch.arange(len(labels))
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    counts = torch.bincount(labels, minlength=classes)
    if int(counts.min()) < per_class:
        raise BadOption(f"{per_class} images of each class are wanted; one class has {int(counts.min())}.")
    return torch.cat([order[labels[order] == one][:per_class] for one in range(len(counts))])


def selected(data: ImageData, indices: Tensor) -> ImageData:
    """The data set with these training images alone; its test images stay."""
    return replace(data, train_images=data.train_images[indices], train_labels=data.train_labels[indices])
