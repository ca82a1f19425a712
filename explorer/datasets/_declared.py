"""`DatasetSpec`, the declaration of a data set, `ImageData`, its content in memory, and `Note`, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from explorer.fetching import Progress


@dataclass(frozen=True, slots=True)
class Note:
    """What the owner of a data set should know of how it was read; `reason` and `values` name and fill a sentence."""

    reason: str
    values: tuple[tuple[str, str | int], ...]

    @classmethod
    def of(cls, reason: str, **values: str | int) -> Note:
        return cls(reason, tuple(values.items()))


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageData:
    """A data set in memory. Images are uint8 (N, C, H, W), labels int64 (N,) and index `classes`.

    `broken` names the files or rows that could not be read; all others are included. `notes` say what else was left
    out or changed.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    classes: tuple[str, ...]
    broken: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one image."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel over the training images, 0 to 255."""
        return self._moments[0]

    @property
    def std(self) -> tuple[float, ...]:
        """Standard deviation of each channel over the training images, 0 to 255."""
        return self._moments[1]

    @cached_property
    def _moments(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Exact, from the histogram of each channel: sums over millions of float32 pixels would drift."""
        values = torch.arange(256, dtype=torch.float64)
        means, deviations = [], []
        for channel in self.train_images.unbind(1):
            share = torch.bincount(channel.flatten(), minlength=256).double() / channel.numel()
            mean = float(share @ values)
            means.append(mean)
            deviations.append(float(share @ (values - mean).square()) ** 0.5)
        return tuple(means), tuple(deviations)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """Declaration of a data set. `shape` is (C, H, W); `train` and `test` count images; `source` is its citation.

    `bundled`: it needs no download. `present()`: whether it can be loaded now. `fetch` downloads it (`download_mb`
    megabytes), None where there is nothing to download. `load` and `fetch` raise `DatasetError`.
    """

    slug: str
    title: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    test: int
    source: str
    bundled: bool
    load: Callable[[], ImageData]
    present: Callable[[], bool] = lambda: True
    download_mb: float = 0.0
    fetch: Callable[[Progress], None] | None = None


def split(
    images: Tensor,  # (N, C, H, W)
    labels: Tensor,  # (N,)
    train: int,
    classes: tuple[str, ...],
    broken: tuple[str, ...] = (),
    notes: tuple[Note, ...] = (),
) -> ImageData:
    """Split randomly: the first `train` of a permutation (`torch.randperm`, seed 0) for training, the rest for test.

    A class that would be left without an image to learn from changes places with one that has several.
    """
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    order = _with_every_class(order, labels, train)
    return ImageData(
        train_images=images[order[:train]],
        train_labels=labels[order[:train]],
        test_images=images[order[train:]],
        test_labels=labels[order[train:]],
        classes=classes,
        broken=broken,
        notes=notes,
    )


def _with_every_class(order: Tensor, labels: Tensor, train: int) -> Tensor:
    """The order, changed so that every class is among the first `train`, as far as these are enough."""
    for label in sorted(set(labels.tolist())):
        counts = torch.bincount(labels[order[:train]], minlength=label + 1)
        if counts[label] or int(counts.max()) < 2:
            continue
        inside = int((labels[order[:train]] == counts.argmax()).nonzero()[-1])
        outside = train + int((labels[order[train:]] == label).nonzero()[0])
        order[[inside, outside]] = order[[outside, inside]]
    return order
