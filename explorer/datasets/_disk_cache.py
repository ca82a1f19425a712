"""Decoded tensors, kept beside the files they were made from, so that the second load takes no decoding."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

import torch

from explorer.datasets._declared import ImageData

LAYOUT = "1"
"""Raise it when decoding changes: what was kept before is then not used."""

_TENSORS = ("train_images", "train_labels", "test_images", "test_labels")


def recall(folder: Path, name: str, mark: str) -> ImageData | None:
    """What `keep` kept under this name and mark, or None."""
    path = _path(folder, name, mark)
    try:
        if not path.is_file():
            return None
        stored = torch.load(path, weights_only=True)
        tensors = {key: stored[key] for key in _TENSORS}
        return ImageData(**tensors, classes=tuple(stored["classes"]), broken=tuple(stored["broken"]))
    except Exception:  # damaged bytes raise whatever they like, a long name an OSError: it is made again, and replaced
        return None


def keep(folder: Path, name: str, mark: str, data: ImageData) -> None:
    """Keep `data`, and drop what was kept of an earlier state of the same files."""
    stored = {key: getattr(data, key) for key in _TENSORS}
    path = _path(folder, name, mark)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(exist_ok=True)
        with part.open("wb") as file:
            torch.save({**stored, "classes": list(data.classes), "broken": list(data.broken)}, file)
        part.replace(path)
    except (OSError, RuntimeError):  # a full or read-only disk costs time at the next load, not the data set
        with suppress(OSError):
            part.unlink()
        return
    earlier = re.compile(re.escape(name) + r"-[0-9a-f]{16}\.pt")
    for other in folder.iterdir():
        if other != path and earlier.fullmatch(other.name):
            other.unlink(missing_ok=True)


def _path(folder: Path, name: str, mark: str) -> Path:
    return folder / f"{name}-{mark}.pt"
