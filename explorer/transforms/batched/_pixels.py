"""What batched transforms do with pixels, on the device."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def each(numbers: Tensor) -> Tensor:
    """A number an image (B,) so that it meets images (B, C, H, W)."""
    return numbers[:, None, None, None]


def stored(values: Tensor) -> Tensor:
    """Numbers from 0 to 255 as they are stored: rounded, uint8."""
    return values.round().clamp(0, 255).to(torch.uint8)


def inside(images: Tensor, top: Tensor, left: Tensor, bottom: Tensor, right: Tensor) -> Tensor:
    """Which pixels lie in the box of their image, bool (B, 1, H, W); `bottom` and `right` do not."""
    down = torch.arange(images.shape[-2], device=images.device)
    across = torch.arange(images.shape[-1], device=images.device)
    rows = (down >= top[:, None]) & (down < bottom[:, None])  # (B, H)
    columns = (across >= left[:, None]) & (across < right[:, None])  # (B, W)
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def along_axes(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Each row and then each column a weighted sum of others: by weights (B, H, H) and (B, W, W) of each image."""
    return stored(rows[:, None] @ images.float() @ columns.mT[:, None])


def places(height: int, width: int, first: tuple[float, float], device: torch.device) -> Tensor:
    """Places (x, y, 1) of all pixels, a pixel apart from the `first` (x, y); float32 (H * W, 3)."""
    x = torch.arange(width, device=device) + first[0]
    y = torch.arange(height, device=device) + first[1]
    down, across = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([across, down, torch.ones_like(across)], -1).view(-1, 3)


def sampled(images: Tensor, grid: Tensor) -> Tensor:
    """Images at the places of a grid (B, H * W, 2), bilinear, black outside, which border pixels fade into.

    As torchvision does where black is the colour of the border: a mask is sampled as well, and fades them twice.
    """
    batch, _, height, width = images.shape
    values = torch.cat([images.float(), images.new_ones(batch, 1, height, width, dtype=torch.float32)], 1)
    moved = grid_sample(values, grid.view(batch, height, width, 2), padding_mode="zeros", align_corners=False)
    return stored(moved[:, :-1] * moved[:, -1:])
