"""Colours of images as a cloud of points, with its principal components; AlexNet's shift along them."""

from __future__ import annotations

import numpy as np
import torch

from explorer import datasets
from explorer.inspection.augmenting import square
from explorer.records import ColourCloud
from explorer.transforms import rgb_covariance

_POINTS, _IMAGES = 1000, 1000


def colours_of_image(image: np.ndarray) -> ColourCloud:
    """The colours of an image, uint8 (H, W, 3), as it is augmented."""
    return _cloud(square(image)[None])


def colours_of_dataset(dataset: str) -> ColourCloud:
    """The colours of the first thousand training images of a data set, grey or in colour. Raises `ExplorerError`."""
    images = datasets.load(dataset).train_images[:_IMAGES]
    return _cloud(images.expand(-1, 3, -1, -1))


def shifted(
    image: np.ndarray, cloud: ColourCloud, component: int, alphas: tuple[float, ...], *, root: bool = False
) -> np.ndarray:
    """The image with `shift` added, once for each alpha: uint8 (len(alphas), 224, 224, 3)."""
    pixels = square(image).permute(1, 2, 0).numpy().astype(np.float64)  # (H, W, 3)
    moved = [pixels + 255 * shift(cloud, component, alpha, root=root) for alpha in alphas]
    changed: np.ndarray = np.stack(moved).round().clip(0, 255).astype(np.uint8)
    return changed


def shift(cloud: ColourCloud, component: int, alpha: float, *, root: bool = False) -> np.ndarray:
    """What is added to red, green and blue (3,), pixels from 0 to 1: alpha, eigenvalue and eigenvector multiplied.

    With `root` it is the root of the eigenvalue, a standard deviation.
    """
    value = cloud.values[component] ** 0.5 if root else cloud.values[component]
    added: np.ndarray = alpha * value * cloud.vectors[component]
    return added


def _cloud(images: torch.Tensor) -> ColourCloud:
    """Of uint8 images (N, 3, H, W)."""
    covariance = rgb_covariance(images)
    values, vectors = np.linalg.eigh(np.array(covariance))  # ascending, eigenvectors as columns
    rows = vectors.T[::-1]
    signs = np.sign(rows[np.arange(3), np.abs(rows).argmax(1)])
    pixels = images.movedim(1, -1).reshape(-1, 3)
    some = pixels[torch.linspace(0, len(pixels) - 1, min(_POINTS, len(pixels))).long()]
    mean = pixels.double().mean(0).numpy() / 255
    return ColourCloud(some.numpy() / 255, mean, covariance, values[::-1].clip(min=0), rows * signs[:, None])
