"""Augmentations of a training batch: drawing of the random parameters and their application are separate.

Law: torch and numpy only; all random numbers come from the `generator` argument, never from a global one, and there is
no Python loop over images. To add one, write `draw_<name>(..., generator)`, which returns the random parameters,
`apply_<name>(x, parameters)`, and `<name>`, which does both; so a draw can be shown, and replayed.
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
