"""Batches of a set that lies in memory, one shuffled epoch after the other."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


class Batches:
    """An endless stream of batches; every image comes once an epoch, in an order drawn anew from its own generator.

    `images` are uint8 (N, C, H, W), `labels` int64 (N,); both are moved to `device` once. The last incomplete batch of
    an epoch is dropped; a set smaller than `size` is one batch. Torch's global random state is neither read nor
    changed, and the order is drawn on the CPU, so that it is the same in every thread and on every device.
    """

    def __init__(self, images: Tensor, labels: Tensor, size: int, seed: int, device: torch.device | str) -> None:
        self._images, self._labels = images.to(device), labels.to(device)
        self.size = min(size, len(labels))
        self._generator = torch.Generator().manual_seed(seed)
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._before = self._generator.get_state()
        order = torch.randperm(len(self._labels), generator=self._generator)
        # The whole order at once: a copy for each batch would make the host wait for the device at each step.
        self._order, self._position = order.to(self._labels.device), 0

    def next(self) -> tuple[Tensor, Tensor]:
        """The next batch: uint8 (B, C, H, W) and int64 (B,), on the device."""
        if self._position + self.size > len(self._order):
            self._begin_epoch()
        chosen = self._order[self._position : self._position + self.size]  # (B,)
        self._position += self.size
        return self._images[chosen], self._labels[chosen]

    def state(self) -> dict[str, Tensor]:
        """Where the stream stands, for `restore`: the generator as it was before this epoch, and the position."""
        return {"generator": self._before.clone(), "position": torch.tensor(self._position)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go on exactly where `state` was taken, on a stream over the same set with the same batch size."""
        self._generator.set_state(state["generator"].cpu())
        self._begin_epoch()
        self._position = int(state["position"])
