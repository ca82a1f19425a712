"""Feeding the GPU: a `FeedConfig` in, a measured timeline of batches (`FeedResult`) out.

Law: torch and torchvision only (Pillow inside the functions that decode); imports no page and no job. `files` has
images as a disk has them, encoded; `loading` is what a worker process does; `trainer` waits, copies and steps, and
stamps all of it by one clock, `time.monotonic_ns`, which all processes of a machine share. Sweeps: `presets`.
"""

from explorer.feeding.files import Files, encode
from explorer.feeding.presets import PLANS
from explorer.feeding.trainer import measure

__all__ = ["PLANS", "Files", "encode", "measure"]
