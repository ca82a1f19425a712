"""The loop most tutorials print: a DataLoader over images, ToTensor for each, `.item()` at every step."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from explorer.datasets import ImageData


class Images(Dataset[Any]):
    """Images as torchvision's data sets hand them out: PIL, transformed one by one."""

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, transform: Callable[[Image.Image], torch.Tensor]
    ) -> None:
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.images[index])  # (H, W) or (H, W, 3)
        return self.transform(image), int(self.labels[index])


def invented(count: int, channels: int, side: int) -> ImageData:
    """As many images as a data set has, of noise: how long a step takes does not depend on what is shown."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (count, channels, side, side), generator=generator, dtype=torch.uint8)
    labels = torch.randint(0, 10, (count,), generator=generator)
    few = slice(0, 256)
    return ImageData(
        train_images=images,
        train_labels=labels,
        test_images=images[few],
        test_labels=labels[few],
        classes=tuple("0123456789"),
    )


def images_per_second(
    net: nn.Module,
    data: ImageData,
    optimizer: torch.optim.Optimizer,
    transform: Any,
    batch: int,
    steps: int,
    *,
    device: str = "cpu",
) -> float:
    """Images a second of the textbook loop over `steps` batches, after one to warm up; `net` is on the device."""
    arrays = data.train_images.permute(0, 2, 3, 1).squeeze(-1).numpy()  # (N, H, W) or (N, H, W, 3)
    images = Images(arrays, data.train_labels.numpy(), transform)
    loader = DataLoader(images, batch, shuffle=True, pin_memory=device != "cpu")
    criterion, running, start = nn.CrossEntropyLoss(), 0.0, 0.0
    for step, (cpu_x, cpu_y) in enumerate(loader):
        x, y = cpu_x.to(device), cpu_y.to(device)
        if step == 1:
            start = time.perf_counter()
        if step > steps:
            break
        optimizer.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        optimizer.step()
        running += loss.item()
    return steps * batch / (time.perf_counter() - start)
