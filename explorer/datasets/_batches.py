"""Shuffled batches of a data set in memory, epoch after epoch."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


class Batches:
    """An endless stream of batches; each epoch is a new permutation from the stream's own generator.

    `images` are uint8 (N, C, H, W), `labels` int64 (N,); both are moved to `device` once. The last incomplete batch of
    an epoch is dropped; a set smaller than `size` is one batch. Torch's global random state is neither read nor
    changed, and the order is drawn on the CPU, so that it is the same in every thread and on every device. To draw a
    batch and to take it are apart: the indices of many steps can be drawn ahead and copied to a GPU at once.
    """

    def __init__(self, images: Tensor, labels: Tensor, size: int, seed: int, device: torch.device | str) -> None:
        self._images, self._labels = images.to(device), labels.to(device)
        self.size = min(size, len(labels))
        self._generator = torch.Generator().manual_seed(seed)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._epoch_state = self._generator.get_state()
        self._order, self._position = torch.randperm(len(self._labels), generator=self._generator), 0

    def draw(self) -> Tensor:
        """The indices of the next batch, int64 (B,), on the CPU."""
        if self._position + self.size > len(self._order):
            self._begin_epoch()
        start, self._position = self._position, self._position + self.size
        return self._order[start : self._position]

    def take(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        """The batch of these indices: uint8 (B, C, H, W) and int64 (B,), on the device, where the indices are."""
        return self._images[indices], self._labels[indices]

    def state(self) -> dict[str, Tensor]:
        """State for `restore`: the generator before this epoch, and the position in it."""
        return {"generator": self._epoch_state.clone(), "position": torch.tensor(self._position)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Continue exactly where `state` was taken, from a stream of the same data set and batch size."""
        self._generator.set_state(state["generator"].cpu())
        self._begin_epoch()
        self._position = int(state["position"])
