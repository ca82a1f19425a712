"""Augmentations of a training batch: drawing of the random parameters and their application are separate.

Law: torch and numpy only; all random numbers come from the `generator` argument, never from a global one, and there is
no Python loop over images. To add one, write `draw_<name>(..., generator)`, which returns the random parameters, and
`apply_<name>(x, parameters)`: so a draw can be shown, replayed, and made long before it is needed.
"""

from explorer.transforms.batch import (
    PADDING,
    CropFlip,
    Mixing,
    apply_crop_flip,
    apply_mixup,
    draw_crop_flip,
    draw_mixup,
    mix_labelled,
)

__all__ = [
    "PADDING",
    "CropFlip",
    "Mixing",
    "apply_crop_flip",
    "apply_mixup",
    "draw_crop_flip",
    "draw_mixup",
    "mix_labelled",
]
