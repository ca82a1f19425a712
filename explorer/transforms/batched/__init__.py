"""The catalogue's transforms for whole batches on their device: the same distribution, the same pixels where the
numbers are given.

Law: `draw` works on the CPU, from the generator that is given, without a loop over images; `apply` works on the device
alone: no loop over images, no word from the host, shapes that never change, so that it can be captured in a CUDA graph.
A transform is one `Batched` in the `SPECS` of a file here, under the slug that it has in `explorer.transforms.entries`.
What works on one image alone (JPEG, policies) has none, and `require_batches` says so.
"""

from explorer.transforms.batched._chains import apply_batch, draw_batch, require_batches, share_of, unbatched
from explorer.transforms.batched._contract import Batched, Tensors, batched

__all__ = [
    "Batched",
    "Tensors",
    "apply_batch",
    "batched",
    "draw_batch",
    "require_batches",
    "share_of",
    "unbatched",
]
