"""What a worker does: decode, crop, mirror, stack a batch, and note when."""

from __future__ import annotations

import io
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler, get_worker_info

from explorer.feeding.files import Files
from explorer.records import FeedConfig

PATIENCE = 60
"""Seconds that the trainer waits for a batch before it gives up."""


class Loaded(NamedTuple):
    """Images uint8 (B, 3, S, S), labels (B,), and the stamp: worker, begin, end (nanoseconds of the common clock)."""

    images: Tensor
    labels: Tensor
    stamp: Tensor


class Images(Dataset[Loaded]):
    """Files, loaded a batch at a time: each is decoded, cropped at random (8 % to all of it, resized) and mirrored.

    It is the augmentation of most recipes for ImageNet, torchvision's `RandomResizedCrop` and `RandomHorizontalFlip`.
    """

    def __init__(self, files: Files, side: int) -> None:
        self._files, self._side = files, side

    def __len__(self) -> int:
        return len(self._files)

    def __getitems__(self, indices: Sequence[int]) -> Loaded:
        """A batch: torch's loader calls this in the worker."""
        begin = time.monotonic_ns()
        images = torch.stack([self._image(index) for index in indices])
        labels = self._files.labels[torch.as_tensor(indices)]
        info = get_worker_info()
        stamp = torch.tensor([info.id if info else 0, begin, time.monotonic_ns()])
        return Loaded(images, labels, stamp)

    def _image(self, index: int) -> Tensor:
        from PIL import Image
        from torchvision.transforms import InterpolationMode, RandomResizedCrop
        from torchvision.transforms.functional import hflip, pil_to_tensor, resized_crop

        image = Image.open(io.BytesIO(self._files[index])).convert("RGB")
        box = RandomResizedCrop.get_params(image, [0.08, 1.0], [3 / 4, 4 / 3])
        image = resized_crop(image, *box, [self._side, self._side], InterpolationMode.BILINEAR)
        pixels: Tensor = pil_to_tensor(hflip(image) if torch.rand(()) < 0.5 else image)
        return pixels  # (3, S, S)


class Order(Sampler[list[int]]):
    """`batches` batches of `size` indices below `count`, drawn with `seed`; after an epoch another begins."""

    def __init__(self, count: int, size: int, batches: int, seed: int) -> None:
        self.count, self.size, self.batches, self.seed = count, size, batches, seed

    def __iter__(self) -> Iterator[list[int]]:
        generator = torch.Generator().manual_seed(self.seed)
        epochs = -(-self.size * self.batches // self.count)
        order = torch.cat([torch.randperm(self.count, generator=generator) for _ in range(epochs)]).tolist()
        return (order[at * self.size : (at + 1) * self.size] for at in range(self.batches))


def as_it_is(loaded: Any) -> Any:
    """In place of the loader's collating: a batch comes as a whole."""
    return loaded


def loader_of(config: FeedConfig, files: Files, order: Order, *, pinned: bool) -> DataLoader[Loaded]:
    """torch's loader over files with the workers of a configuration, which stay between two passes.

    Workers come from a server process without threads: forking one that has a GPU and threads is asking for trouble.
    """
    alone = config.workers == 0
    context = None if alone else multiprocessing.get_context("forkserver")
    if context:
        context.set_forkserver_preload(["explorer.feeding.loading", "torchvision.transforms", "PIL.JpegImagePlugin"])
    return DataLoader(
        Images(files, config.side),
        batch_sampler=order,
        num_workers=config.workers,
        collate_fn=as_it_is,
        pin_memory=pinned,
        prefetch_factor=None if alone else config.prefetch,
        persistent_workers=not alone,
        multiprocessing_context=context,
        timeout=0 if alone else PATIENCE,
        generator=torch.Generator().manual_seed(config.seed),
    )
