"""Averaged answers: views of one image, several models; what they gain on a test set, and what they cost.

Law: numpy at import, so that a recorded measurement is read without torch; `views` and `measuring` need torch and
torchvision, nothing else. `schemes` says which views an image is cut into, `views` cuts them, `grouping` reads a
thousand ImageNet classes as a few of a data set's, `measuring` takes models through a test set, `scoring` computes
averages, agreement, calibration and standard errors from what they said, `reporting` a measurement as a page shows it;
`looking` is one image, view by view. Ready-made measurements: `presets`.
"""

from explorer.averaging.schemes import SCHEMES, views_of
from explorer.averaging.scoring import (
    BINS,
    Bin,
    Change,
    Score,
    agreement,
    averaged,
    change,
    reliability,
    right,
    score,
    to_bytes,
    to_shares,
)

__all__ = [
    "BINS",
    "SCHEMES",
    "Bin",
    "Change",
    "Score",
    "agreement",
    "averaged",
    "change",
    "reliability",
    "right",
    "score",
    "to_bytes",
    "to_shares",
    "views_of",
]
