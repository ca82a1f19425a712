"""Augmentations: a catalogue of random transforms of one image and chains of them; crops and mixup of a batch.

Law: torch, torchvision and numpy only; all random numbers come from the generator or the seed that is given, never from
a global one; drawing and applying are separate, so that a draw can be shown, replayed, and made long before it is
needed. In `batch.py`, for whole batches on their device, there is no Python loop over images. A transform is one
`TransformSpec` in the `SPECS` of a file in `entries/`: torchvision's, where it has one, with the numbers that are shown
of a draw; and its names in every language (`transform.<slug>`).
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
from explorer.transforms.chains import (
    MOST_CHARACTERS,
    MOST_STEPS,
    apply,
    checked,
    draw,
    draw_sheet,
    mixes,
    read_chain,
    step,
    write_chain,
)
from explorer.transforms.contract import GROUPS, TransformSpec, settings, transform, transforms
from explorer.transforms.covariance import colour_shift, rgb_covariance
from explorer.transforms.generator import drawing_from
from explorer.transforms.writing import code, written

__all__ = [
    "GROUPS",
    "MOST_CHARACTERS",
    "MOST_STEPS",
    "PADDING",
    "CropFlip",
    "Mixing",
    "TransformSpec",
    "apply",
    "apply_crop_flip",
    "apply_mixup",
    "checked",
    "code",
    "colour_shift",
    "draw",
    "draw_crop_flip",
    "draw_mixup",
    "draw_sheet",
    "drawing_from",
    "mix_labelled",
    "mixes",
    "read_chain",
    "rgb_covariance",
    "settings",
    "step",
    "transform",
    "transforms",
    "write_chain",
    "written",
]
