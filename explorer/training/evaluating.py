"""Evaluation of a network on a test set."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.records import Normalize

_CHUNK = 512


@dataclass(frozen=True, slots=True)
class Normalizer:
    """Input normalisation as tensors: (x - mean) / std per channel, for pixels 0 to 255, or for features.

    Grey images are repeated to as many channels as there are means.
    """

    mean: Tensor  # (C, 1, 1)
    std: Tensor  # (C, 1, 1)

    @classmethod
    def of(cls, normalize: Normalize, device: torch.device | str = "cpu") -> Normalizer:
        """A `Normalize` as tensors on a device."""
        statistics = (normalize.mean, normalize.std)
        return cls(*(torch.tensor(values, dtype=torch.float32, device=device)[:, None, None] for values in statistics))

    def __call__(self, x: Tensor) -> Tensor:  # uint8, or of any type (B, C, H, W)
        scaled = torch.sub(x, self.mean).div_(self.std)  # float32; `x` itself stays
        return scaled.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions for a test set: mean loss, accuracy (0 to 1), probabilities (N, classes)."""

    loss: float
    accuracy: float
    probabilities: Tensor

    def confusion(self, labels: Tensor) -> Tensor:
        """Counts (classes, classes): rows are the truth, columns the prediction."""
        classes = self.probabilities.shape[1]
        cells = labels * classes + self.probabilities.argmax(1)
        return torch.bincount(cells, minlength=classes * classes).reshape(classes, classes)


@torch.inference_mode()
def evaluate(net: nn.Module, images: Tensor, labels: Tensor, scale: Normalizer, *, bf16: bool = False) -> Predictions:
    """Evaluate on all `images` (uint8, N x C x H x W) in evaluation mode; the previous mode is restored."""
    was_training = net.training
    net.eval()
    try:
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16):
            logits = torch.cat([net(scale(chunk)).float() for chunk in torch.split(images, _CHUNK)])  # (N, classes)
    finally:
        net.train(was_training)
    loss = functional.cross_entropy(logits, labels)
    accuracy = (logits.argmax(1) == labels).float().mean()
    return Predictions(float(loss), float(accuracy), logits.softmax(1).cpu())
