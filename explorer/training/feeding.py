"""What a run's steps are fed with: batches, their augmentation and the learning rate, drawn on the CPU in rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from explorer.datasets import Batches, ImageData
from explorer.records import TrainConfig
from explorer.training.augmenting import augmenter
from explorer.training.evaluating import Normalizer
from explorer.training.optimising import FUSED, learning_rate
from explorer.transforms import Mixing, draw_mixup, mix_labelled

Row = Mapping[str, Tensor]
"""All that is drawn or scheduled for one step, by name: scalars, and tensors (B,)."""

_AUGMENT_SEED = 7_919  # an offset: another stream than the one that orders the batches


class Batch(NamedTuple):
    """Input float32 (B, C, H, W), target (indices (B,), or mixed (B, classes)) and labels (B,), on the device."""

    x: Tensor
    target: Tensor
    labels: Tensor


class Feed:
    """Rows of random numbers, and the batches they stand for.

    `draw` works on the CPU with generators of its own, so that every device and every thread sees the same; `batch`
    only reads tensors on the device, so that it can be captured in a CUDA graph.
    """

    def __init__(self, config: TrainConfig, data: ImageData, scale: Normalizer, device: torch.device) -> None:
        self._config, self._scale, self._classes = config, scale, len(data.classes)
        self._batches = Batches(data.train_images, data.train_labels, config.batch, config.seed, device)
        self._augmenter = augmenter(config, data)
        self._augmenting = torch.Generator().manual_seed(config.seed + _AUGMENT_SEED)
        self.size = self._batches.size

    def draw(self, step: int) -> Row:
        """The row of `step`, counted from 0. Rows are drawn in order."""
        config = self._config
        row = {"rate": torch.tensor(learning_rate(config, step)), "indices": self._batches.draw()}
        row |= self._augmenter.draw(self.size, self._augmenting)
        if config.mixup:
            mixing = draw_mixup(self.size, config.mixup, self._augmenting)
            row |= {"weight": mixing.weight, "partners": mixing.partners}
        return row

    def batch(self, row: Row) -> Batch:
        """The batch of a row that is on the device."""
        images, labels = self._batches.take(row["indices"])
        x = self._scale(self._augmenter.images(images, row))
        if "weight" not in row:
            return Batch(x, self._augmenter.target(labels, row), labels)
        mixing = Mixing(row["weight"], row["partners"])
        return Batch(*mix_labelled(x, labels, self._classes, mixing), labels)

    def state(self) -> dict[str, Tensor]:
        """State for `restore`."""
        return {"augmenting": self._augmenting.get_state(), **_prefixed("batches.", self._batches.state())}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Continue exactly where `state` was taken."""
        self._augmenting.set_state(state["augmenting"])
        prefix = "batches."
        self._batches.restore({n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)})


def _prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


class Rows:
    """A feed's rows on the device, drawn and copied `ahead` at a time.

    The host takes a row by `take`, and the buffers stay where they are. Or it says `skip` and lets a captured step read
    `at_cursor`: a cursor on the device walks through the buffer, and no step needs a copy or a word from the host.
    """

    def __init__(self, feed: Feed, ahead: int, device: torch.device) -> None:
        self._feed, self._ahead, self._device = feed, ahead, device
        self._step, self._used = 0, ahead  # the next step, and how many rows of the buffer are used up
        self._before = feed.state()  # that of the feed before the rows in the buffer were drawn
        self._buffer: dict[str, Tensor] = {}  # (ahead, ...) each
        self._cursor = torch.zeros(1, dtype=torch.int64, device=device)

    def take(self) -> Row:
        """The next row, for a step that is not captured."""
        used = self.skip()
        self._cursor += 1
        return {name: rows[used] for name, rows in self._buffer.items()}

    def skip(self) -> int:
        """Make sure that the next row is on the device, and count it as used; returns its place in the buffer."""
        if self._used == self._ahead:
            self._fill()
        used, self._used, self._step = self._used, self._used + 1, self._step + 1
        return used

    def at_cursor(self) -> Row:
        """The row at the cursor, which moves on; work on the device alone."""
        row = {name: rows.index_select(0, self._cursor).squeeze(0) for name, rows in self._buffer.items()}
        self._cursor += 1
        return row

    def _fill(self) -> None:
        self._before = self._feed.state()
        drawn = [self._feed.draw(self._step + ahead) for ahead in range(self._ahead)]
        for name in drawn[0]:
            rows = torch.stack([row[name] for row in drawn])
            if self._device.type == "cuda":
                rows = rows.pin_memory()  # or the copy would wait for all steps that are queued
            if name not in self._buffer:
                on_host = name == "rate" and self._device.type not in FUSED  # where the optimizer wants a number
                self._buffer[name] = torch.empty_like(rows, device="cpu" if on_host else self._device)
            self._buffer[name].copy_(rows, non_blocking=True)
        self._cursor.zero_()
        self._used = 0

    def state(self) -> dict[str, Tensor]:
        """State of the feed before the next step: rows that were drawn ahead are drawn again."""
        if self._used < self._ahead:
            self._feed.restore(self._before)
            for step in range(self._step - self._used, self._step):
                self._feed.draw(step)
            self._used = self._ahead  # nothing in the buffer is valid any more
        return self._feed.state()

    def restore(self, state: Mapping[str, Tensor], step: int) -> None:
        """Continue before `step`, where `state` was taken."""
        self._feed.restore(state)
        self._step, self._used = step, self._ahead
