"""Random crop and horizontal flip, and mixup, of a whole batch on its device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True, slots=True)
class CropFlip:
    """Random parameters: the crop's first row and column in the padded image, int64 (B,), and which are mirrored."""

    padding: int
    rows: Tensor
    columns: Tensor
    mirrored: Tensor  # bool (B,)


@dataclass(frozen=True, slots=True)
class Mixing:
    """Random parameters: the weight of the image itself, float32 () from 0 to 1, and its partner, int64 (B,)."""

    weight: Tensor
    partners: Tensor


PADDING = 4
"""Of the crops of images of 32 x 32 (He et al. 2015, section 4.2)."""


def draw_crop_flip(batch: int, generator: torch.Generator, padding: int = PADDING) -> CropFlip:
    """Draw the parameters for `batch` images: uniform crops, mirrored with probability 1/2."""
    corners = torch.randint(2 * padding + 1, (2, batch), generator=generator)
    return CropFlip(padding, corners[0], corners[1], torch.rand(batch, generator=generator) < 0.5)


def apply_crop_flip(x: Tensor, drawn: CropFlip) -> Tensor:
    """Crop each image of the zero-padded batch, then mirror some left to right; (B, C, H, W) to the same."""
    batch, channels, height, width = x.shape
    padded = F.pad(x, (drawn.padding,) * 4)  # (B, C, H + 2p, W + 2p)
    rows, columns, mirrored = (n.to(x.device)[:, None] for n in (drawn.rows, drawn.columns, drawn.mirrored))
    across = torch.arange(width, device=x.device)
    columns = columns + torch.where(mirrored, across.flip(0), across)  # (B, W)
    rows = rows + torch.arange(height, device=x.device)  # (B, H)
    # One index into the flattened plane for each output pixel: mirrored and cropped in a single pass over memory.
    indices = (rows[:, :, None] * padded.shape[3] + columns[:, None, :]).view(batch, 1, -1)  # (B, 1, H * W)
    return padded.flatten(2).gather(2, indices.expand(-1, channels, -1)).view(x.shape)


def draw_mixup(batch: int, alpha: float, generator: torch.Generator) -> Mixing:
    """Draw one weight from Beta(alpha, alpha) for the batch, and a permutation of it."""
    # Torch's beta distribution uses the global generator only; NumPy's is seeded from `generator`.
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    weight = torch.tensor(np.random.default_rng(seed).beta(alpha, alpha), dtype=torch.float32)
    return Mixing(weight, torch.randperm(batch, generator=generator))


def apply_mixup(x: Tensor, drawn: Mixing) -> Tensor:
    """Each image, or its target, mixed with its partner's; float (B, ...) to the same."""
    return torch.lerp(x[drawn.partners.to(x.device)], x, drawn.weight.to(x.device, x.dtype))


def mix_labelled(x: Tensor, y: Tensor, classes: int, drawn: Mixing) -> tuple[Tensor, Tensor]:
    """Convex combinations of pairs of images and of their one-hot targets (Zhang et al. 2018, figure 1).

    `x` is float (B, C, H, W), `y` int64 (B,); the targets returned, (B, classes), have the dtype of `x` and rows that
    sum to 1.
    """
    return apply_mixup(x, drawn), apply_mixup(F.one_hot(y, classes).to(x.dtype), drawn)
