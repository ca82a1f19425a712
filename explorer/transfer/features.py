"""What the first stages of a network give for images: computed once, then a softmax on it trains in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.records import Normalize
from explorer.training import Normalizer

_CHUNK = 512


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of the training and the test images, float32 (N, D, 1, 1), after each stage; seconds it took."""

    train: tuple[Tensor, ...]
    test: tuple[Tensor, ...]
    seconds: float


@torch.inference_mode()
def stage_features(
    stages: Sequence[nn.Module], images: Tensor, scale: Normalizer, *, bf16: bool = False
) -> tuple[Tensor, ...]:
    """The output of each stage for `images` (N, C, H, W), averaged over each map: float32 (N, D, 1, 1).

    `stages` run one after the other on the device of the images, in evaluation mode.
    """
    rows: list[list[Tensor]] = [[] for _ in stages]
    for chunk in torch.split(images, _CHUNK):
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16):
            x = scale(chunk)
            for stage, kept in zip(stages, rows, strict=True):
                x = stage(x)
                kept.append(_averaged(x))
    return tuple(torch.cat(kept).clone() for kept in rows)


def _averaged(x: Tensor) -> Tensor:
    """(N, D, H, W) or (N, D) to float32 (N, D, 1, 1)."""
    values = x.float()
    return values.mean((2, 3), keepdim=True) if x.ndim == 4 else values.flatten(1)[..., None, None]


def standardised(features: Tensor) -> Normalize:
    """The normalisation that gives each feature (N, D, 1, 1) zero mean and unit deviation; a constant one becomes 0."""
    values = features.double().flatten(1)
    deviations = values.std(0, correction=0)
    kept = torch.where(deviations > 1e-6, deviations, 1.0)
    return Normalize(tuple(values.mean(0).tolist()), tuple(kept.tolist()))
