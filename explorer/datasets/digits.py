"""The handwritten digits that come with scikit-learn: real, small, and there without a network."""

from __future__ import annotations

import numpy as np
import torch

from explorer.datasets._declared import DatasetSpec, ImageData, split

_CLASSES = tuple("0123456789")
_TRAIN = 1437


def _load() -> ImageData:
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)  # (1797, 64) of 0 to 16, (1797,)
    stored = np.round(pixels * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)
    return split(torch.from_numpy(stored), torch.from_numpy(labels.astype(np.int64)), _TRAIN, _CLASSES)


SPECS = (
    DatasetSpec(
        slug="digits",
        title="Digits 8×8",
        classes=_CLASSES,
        shape=(1, 8, 8),
        train=_TRAIN,
        test=360,
        source="Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits (UCI); from scikit-learn",
        bundled=True,
        load=_load,
    ),
)
