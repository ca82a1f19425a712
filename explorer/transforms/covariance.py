"""Covariance of the colours of images, and AlexNet's shift along its eigenvectors."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.records import Covariance


def rgb_covariance(images: Tensor) -> Covariance:
    """Covariance of the channels of uint8 images (..., C, H, W), pixels from 0 to 1, to nine digits."""
    pixels = images.movedim(-3, 0).flatten(1).double() / 255  # (C, pixels)
    found = torch.cov(pixels, correction=0).reshape(len(pixels), len(pixels))
    return tuple(tuple(float(f"{value:.9g}") for value in row) for row in found.tolist())


def colour_shift(covariance: Tensor, alphas: Tensor, *, root: bool = False) -> Tensor:
    """What AlexNet's colour augmentation adds to each channel (C,) for these alphas; see `PCAColour`."""
    from explorer.transforms.entries.colour import PCAColour

    return PCAColour(0.0, root=root).shift(covariance, alphas)
