"""The handwritten digits bundled with scikit-learn: real, small, and available offline."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from explorer.datasets._declared import DatasetSpec, ImageData, split
from explorer.errors import DatasetError

_CLASSES = tuple("0123456789")
_TRAIN, _TEST = 1437, 360
_SOURCE = "Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits (UCI); from scikit-learn"
_INNER, _BORDER = 24, 2


def _read() -> tuple[Tensor, Tensor]:
    """Images uint8 (1797, 1, 8, 8) and labels int64 (1797,), in scikit-learn's order. Raises `DatasetError`."""
    # Located without importing scikit-learn, which takes more than a second: a live experiment would begin later.
    package = find_spec("sklearn")
    folders = package and package.submodule_search_locations
    path = Path(folders[0] if folders else "sklearn") / "datasets" / "data" / "digits.csv.gz"
    try:
        with gzip.open(path, "rt", encoding="ascii") as file:
            table = np.loadtxt(file, delimiter=",")  # (1797, 65): 64 pixels of 0 to 16, the label
    except OSError as problem:
        message = f"The digits of scikit-learn cannot be read ({problem}); run make run again."
        raise DatasetError(message, "unreadable", name="scikit-learn", problem=str(problem)) from problem
    stored = np.round(table[:, :-1] * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)
    return torch.from_numpy(stored), torch.from_numpy(table[:, -1].astype(np.int64))


def enlarged(images: Tensor) -> Tensor:
    """Upsample each image bilinearly to 24 x 24 and pad with a black border of 2, similar to MNIST.

    uint8 (N, 1, H, W) to uint8 (N, 1, 28, 28).
    """
    inner = functional.interpolate(images.float(), size=(_INNER, _INNER), mode="bilinear", align_corners=False)
    return functional.pad(inner.round().clamp(0, 255), (_BORDER,) * 4).to(torch.uint8)


def _load() -> ImageData:
    images, labels = _read()
    return split(images, labels, _TRAIN, _CLASSES)


def _load_enlarged() -> ImageData:
    images, labels = _read()
    return split(enlarged(images), labels, _TRAIN, _CLASSES)


SPECS = (
    DatasetSpec(
        slug="digits",
        title="Digits 8×8",
        classes=_CLASSES,
        shape=(1, 8, 8),
        train=_TRAIN,
        test=_TEST,
        source=_SOURCE,
        bundled=True,
        load=_load,
    ),
    DatasetSpec(
        slug="digits28",
        title="Digits 28×28",
        classes=_CLASSES,
        shape=(1, 28, 28),
        train=_TRAIN,
        test=_TEST,
        source=f"{_SOURCE}; enlarged from 8×8",
        bundled=True,
        load=_load_enlarged,
    ),
)
