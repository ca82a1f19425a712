"""Features of frozen stages on disk: computed once for the same weights, images and transform, and found again.

An entry is one safetensors file, whose name is a digest of all that its numbers depend on; so an entry of other weights
or of another data set is never found. What lies in a file is checked against a digest of its own: a file that is
damaged, cut short or renamed is deleted, and counts as missing. When the folder grows beyond its limit, the entries
that were not used for longest are dropped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from torch import Tensor

from explorer import paths

VERSION = 1
"""Raise it when what is computed or stored changes: older entries are then not found."""

KEPT_BYTES = 500 * 2**20

_SUFFIX = ".safetensors"


@dataclass(frozen=True, slots=True)
class FeatureKey:
    """All that features depend on.

    `weights` is the digest of the network's weights and buffers, `network` its `NetworkInstance` as JSON; `content` is
    the fingerprint of a data set of one's own, "" for one that never changes; `normalize` is what the pixels are put
    through, as text; `train` and `test` are how many images there are, and `select` is how they were chosen.
    """

    weights: str
    network: str
    dataset: str
    content: str
    normalize: str
    select: str
    train: int
    test: int

    @property
    def name(self) -> str:
        """The name of the entry."""
        text = json.dumps([VERSION, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, eq=False)
class StoredFeatures:
    """Features after each stage, float32 (N, D), and labels, int64 (N,), of the training and of the test images.

    `train_seconds` and `test_seconds` are what it took to compute them, `threads` on how many threads.
    """

    train: tuple[Tensor, ...]
    test: tuple[Tensor, ...]
    train_labels: Tensor
    test_labels: Tensor
    train_seconds: float
    test_seconds: float
    threads: int


def digest_of(state: Mapping[str, Tensor]) -> str:
    """A digest of weights and buffers: names, types, shapes and values."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def read(name: str) -> StoredFeatures | None:
    """The entry of a name, None where there is none that is sound; it then counts as just used."""
    path = _path(name)
    try:
        found = _parsed(path.read_bytes(), name)
    except FileNotFoundError:
        return None
    except Exception:  # damaged bytes may raise anything: the entry is made anew
        found = None
    with suppress(OSError):
        if found is None:
            path.unlink()
        else:
            os.utime(path)
    return found


def has(name: str) -> bool:
    """Whether there is a file of this name. It is not opened: `read` may still find it damaged."""
    return _path(name).is_file()


def write(name: str, features: StoredFeatures, limit: int = KEPT_BYTES) -> None:
    """Store an entry, whole or not at all; then the oldest are dropped until `limit` bytes remain.

    Raises `OSError` where the disk is full or read-only.
    """
    from safetensors.torch import save

    tensors = _tensors(features)
    numbers = {"train_seconds": features.train_seconds, "test_seconds": features.test_seconds}
    about = {"name": name, "threads": features.threads, **numbers}
    metadata = {"about": json.dumps(about), "digest": _sealed(json.dumps(about), tensors)}
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_bytes(save(tensors, metadata))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    _drop_oldest(path, limit)


def size() -> tuple[int, int]:
    """How many entries there are, and how many bytes they take."""
    sizes = [path.stat().st_size for path in _entries()]
    return len(sizes), sum(sizes)


def clear() -> None:
    """Delete all entries, and what writers that were killed have left."""
    folder = paths.features_directory()
    for path in (*_entries(), *folder.glob("*.part")):
        path.unlink(missing_ok=True)


# --- files ------------------------------------------------------------------------------------------------------------


def _path(name: str) -> Path:
    return paths.features_directory() / f"{name}{_SUFFIX}"


def _entries() -> list[Path]:
    return sorted(paths.features_directory().glob(f"*{_SUFFIX}"))


def _drop_oldest(newest: Path, limit: int) -> None:
    """Keep what was used last; the newest entry stays, even if it alone is too large."""
    used = []
    for path in _entries():
        with suppress(FileNotFoundError):  # another process dropped it
            status = path.stat()
            used.append((status.st_mtime_ns, path, status.st_size))
    total = sum(bytes_ for _, _, bytes_ in used)
    for _, path, bytes_ in sorted(used):
        if total <= limit:
            return
        if path != newest:
            path.unlink(missing_ok=True)
            total -= bytes_


def _tensors(features: StoredFeatures) -> dict[str, Tensor]:
    parts = {"train": features.train, "test": features.test}
    named = {f"{part}.{i}": rows.contiguous() for part, stages in parts.items() for i, rows in enumerate(stages)}
    return {**named, "train_labels": features.train_labels, "test_labels": features.test_labels}


def _sealed(about: str, tensors: Mapping[str, Tensor]) -> str:
    """A digest of all that lies in a file."""
    return hashlib.sha256(f"{about} {digest_of(tensors)}".encode()).hexdigest()


def _parsed(blob: bytes, name: str) -> StoredFeatures | None:
    """What lies in a file; None where it is not what was written under this name. May raise anything."""
    from safetensors.torch import load

    metadata = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])["__metadata__"]
    tensors, about = load(blob), json.loads(metadata["about"])
    if about["name"] != name or metadata["digest"] != _sealed(metadata["about"], tensors):
        return None
    count = sum(key.startswith("train.") for key in tensors)
    train, test = (tuple(tensors[f"{part}.{i}"] for i in range(count)) for part in ("train", "test"))
    return StoredFeatures(
        train,
        test,
        tensors["train_labels"],
        tensors["test_labels"],
        float(about["train_seconds"]),
        float(about["test_seconds"]),
        int(about["threads"]),
    )
