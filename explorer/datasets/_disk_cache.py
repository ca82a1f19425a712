"""Disk cache of decoded data sets, in the datasets directory."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

import torch

from explorer.datasets._declared import ImageData

LAYOUT = "1"
"""Raise it when decoding changes: older cache files are then not used."""

_TENSORS = ("train_images", "train_labels", "test_images", "test_labels")


def read(folder: Path, name: str, fingerprint: str) -> ImageData | None:
    """The data set that `write` stored under this name and fingerprint, or None."""
    path = _path(folder, name, fingerprint)
    try:
        if not path.is_file():
            return None
        stored = torch.load(path, weights_only=True)
        tensors = {key: stored[key] for key in _TENSORS}
        return ImageData(**tensors, classes=tuple(stored["classes"]), broken=tuple(stored["broken"]))
    except Exception:  # damaged bytes may raise anything, a long name an OSError: it is decoded again, and replaced
        return None


def write(folder: Path, name: str, fingerprint: str, data: ImageData) -> None:
    """Store `data`, and delete the cache files of earlier states of the same files."""
    stored = {key: getattr(data, key) for key in _TENSORS}
    path = _path(folder, name, fingerprint)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(exist_ok=True)
        with part.open("wb") as file:
            torch.save({**stored, "classes": list(data.classes), "broken": list(data.broken)}, file)
        part.replace(path)
    except (OSError, RuntimeError):  # on a full or read-only disk, only the next load is slower
        with suppress(OSError):
            part.unlink()
        return
    earlier = re.compile(re.escape(name) + r"-[0-9a-f]{16}\.pt")
    for other in folder.iterdir():
        if other != path and earlier.fullmatch(other.name):
            other.unlink(missing_ok=True)


def _path(folder: Path, name: str, fingerprint: str) -> Path:
    return folder / f"{name}-{fingerprint}.pt"
