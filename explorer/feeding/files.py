"""Images as a disk has them: JPEG, one after the other in one buffer that processes share."""

from __future__ import annotations

import io
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.datasets import ImageData

QUALITY = 90
MOST = 1_024
"""Images that are encoded; a sweep goes through them again and again."""


@dataclass(frozen=True, slots=True, eq=False)
class Files:
    """`count` encoded images: bytes in one uint8 buffer, where each ends, and their labels (N,)."""

    buffer: Tensor
    ends: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> bytes:
        """The bytes of one."""
        begin = int(self.ends[index - 1]) if index else 0
        content: bytes = self.buffer[begin : int(self.ends[index])].numpy().tobytes()
        return content


def encode(data: ImageData, side: int, count: int = MOST) -> Files:
    """The first `count` training images, resized to `side` x `side`, as colour JPEGs, in shared memory."""
    from PIL import Image

    encoded = []
    for pixels in data.train_images[:count]:
        array = pixels.expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()
        target = io.BytesIO()
        Image.fromarray(array).resize((side, side), Image.Resampling.BICUBIC).save(target, "JPEG", quality=QUALITY)
        encoded.append(target.getvalue())
    buffer = torch.frombuffer(bytearray(b"".join(encoded)), dtype=torch.uint8)
    ends = torch.tensor([len(content) for content in encoded]).cumsum(0)
    labels = data.train_labels[:count].clone()
    return Files(*(tensor.share_memory_() for tensor in (buffer, ends, labels)))  # type: ignore[no-untyped-call]
