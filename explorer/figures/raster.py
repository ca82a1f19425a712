"""Shared last steps from arrays to a PNG: colour scales, integer enlargement, encoding."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image


def colour_scale(anchors: Sequence[str]) -> np.ndarray:
    """256 x 3 uint8 interpolated linearly between evenly spaced `anchors`, #RRGGBB from low to high."""
    fixed = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in anchors], dtype=float)
    at = np.linspace(0, len(fixed) - 1, 256)
    return np.stack([np.interp(at, range(len(fixed)), fixed[:, k]) for k in range(3)], 1).round().astype(np.uint8)


def image_of(pixels: np.ndarray) -> Image.Image:
    """Encode an image, uint8 (H, W), (H, W, 1) or (H, W, 3), losslessly."""
    return Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


def enlarged(image: Image.Image, factor: int) -> Image.Image:
    """Enlarge every pixel to a square of `factor` pixels, without smoothing: the computed values stay visible."""
    if factor <= 1:
        return image
    return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def png(image: Image.Image, **options: Any) -> bytes:
    """Encode as small as possible; `options` are Pillow's."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, **options)
    return buffer.getvalue()
