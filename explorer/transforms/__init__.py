"""Augmentations of a batch for training: what is drawn, and what is done with it, apart.

Law: torch and numpy only; every number comes from the generator that is handed in, never from a global one, and no
Python runs for each image. To add one, write `draw_<name>(..., generator)`, which gives the numbers, `apply_<name>(x,
numbers)`, which uses them, and `<name>`, which does both; so a draw can be shown, and replayed.
"""

from explorer.transforms.batch import (
    CropFlip,
    Mixing,
    apply_crop_flip,
    apply_mixup,
    crop_flip,
    draw_crop_flip,
    draw_mixup,
    mixup,
)

__all__ = [
    "CropFlip",
    "Mixing",
    "apply_crop_flip",
    "apply_mixup",
    "crop_flip",
    "draw_crop_flip",
    "draw_mixup",
    "mixup",
]
