"""Disk cache of decoded data sets, in the datasets directory."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from explorer.datasets._assembling import Content
from explorer.datasets._columns import Column
from explorer.datasets._declared import Note
from explorer.datasets._decoding import Decoded

LAYOUT = "2"
"""Raise it when decoding changes: older cache files are then not used."""

_LONGEST = 150  # bytes of a name: file systems take 255, and what is added needs some of them


def read(folder: Path, name: str, fingerprint: str) -> Content | None:
    """What `write` stored under this name and fingerprint, or None."""
    path = _path(folder, name, fingerprint)
    try:
        if not path.is_file():
            return None
        stored = torch.load(path, weights_only=True)
        columns = tuple(Column(column, names and tuple(names)) for column, names in stored["columns"])
        notes = tuple(Note(reason, tuple((key, value) for key, value in values)) for reason, values in stored["notes"])
        return Content([_unpacked(part) for part in stored["parts"]], columns, notes)
    except Exception:  # damaged bytes may raise anything: it is decoded again, and replaced
        return None


def write(folder: Path, name: str, fingerprint: str, content: Content) -> None:
    """Store `content`, and delete the cache files of earlier states of the same files."""
    stored = {
        "parts": [_packed(part) for part in content.parts],
        "columns": [(column.name, column.names) for column in content.columns],
        "notes": [(note.reason, note.values) for note in content.notes],
    }
    path = _path(folder, name, fingerprint)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(exist_ok=True)
        with part.open("wb") as file:
            torch.save(stored, file)
        part.replace(path)
    except (OSError, RuntimeError):  # on a full or read-only disk, only the next load is slower
        with suppress(OSError):
            part.unlink()
        return
    earlier = re.compile(re.escape(_short(name)) + r"-[0-9a-f]{16}\.pt")
    for other in folder.iterdir():
        if other != path and earlier.fullmatch(other.name):
            other.unlink(missing_ok=True)


def _packed(part: Decoded) -> dict[str, Any]:
    """A part as tensors and short lists: of each column its different labels, and which of them each image has."""
    columns = []
    for labels in zip(*part.labels, strict=True):
        values = list(dict.fromkeys(labels))
        index = {value: number for number, value in enumerate(values)}
        columns.append((values, torch.tensor([index[label] for label in labels])))
    return {"images": part.images, "labels": columns, "broken": list(part.broken), "deep": part.deep}


def _unpacked(stored: dict[str, Any]) -> Decoded:
    columns = [[values[number] for number in numbers.tolist()] for values, numbers in stored["labels"]]
    labels = list(zip(*columns, strict=True))
    return Decoded(stored["images"], labels, tuple(stored["broken"]), stored["deep"])


def _short(name: str) -> str:
    """The name itself, or the beginning of a long one and its digest."""
    data = os.fsencode(name)
    return name if len(data) <= _LONGEST else f"{name[:30]}~{hashlib.sha256(data).hexdigest()[:16]}"


def _path(folder: Path, name: str, fingerprint: str) -> Path:
    return folder / f"{_short(name)}-{fingerprint}.pt"
