"""Read files of `torch.save`, an archive or (before 2020) a stream, and plain pickles, without executing them.

The pickle inside is parsed by `pickles`, and the storages are read as raw bytes. `torch.load` is not used: it may
execute what a file says. Of all that a training script saves, every tensor is found, however deep it lies in mappings,
lists, objects and whole modules; the rest (options, a logger, the classes of the objects) is ignored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from explorer.errors import BadWeights
from explorer.models.nesting import Walk
from explorer.models.pickles import Budget, TooManySteps, UnexecutedCall, parse
from explorer.models.storages import NotPlain, Saved, Storage, storage, tensor

ARCHIVE = b"PK\x03\x04"

_ENTRY, _MOST_ENTRIES = b"PK\x01\x02", 100_000  # signature of an entry in an archive's directory
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_PROGRAMS = {"constants.pkl": "TorchScript", "archive_format": "torch.export", "model.json": "torch.export"}
_OTHERS = {".npy": "NumPy", ".h5": "Keras", "": "ZIP"}
"""Endings of names in archives that are no files of `torch.save`, and what they are files of."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """The tensors of a file by name, in their stored dtypes; of what is no plain tensor, the reason why it is not."""

    tensors: dict[str, Tensor] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def stored_in(data: bytes, most_bytes: int, most_keys: int) -> Stored:
    """All tensors in a file, each under the name that leads to it.

    An archive is not unpacked to more than `most_bytes` (or twice its size). Raises `BadWeights`.
    """
    budget = Budget()
    try:
        saved = _of_archive(data, most_bytes, budget) if data.startswith(ARCHIVE) else _of_stream(data, budget)
        walk, found = Walk(budget), Stored()
        for key, call in walk.tensors(saved.value):
            _put(found, key, call, saved)
            if len(found.tensors) + len(found.unreadable) > most_keys:
                raise too_many(most_keys)
    except BadWeights:
        raise
    except TooManySteps:
        raise too_many(most_keys) from None
    except Exception as error:  # damaged bytes may make the reader raise anything
        raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error
    if not found.tensors and not found.unreadable:
        raise nothing_in(met_objects=walk.met_objects)
    return found


def _put(found: Stored, key: str, call: UnexecutedCall, saved: Saved) -> None:
    if key in found.tensors or key in found.unreadable:  # "a.b" and b inside a: the first is kept
        return
    try:
        found.tensors[key] = tensor(call, saved)
    except NotPlain as problem:
        found.unreadable[key] = problem.reason


def too_many(most: int) -> BadWeights:
    """The error for more tensors than any network has."""
    text = f"{most:,}"
    return BadWeights(f"The file describes more than the {text} tensors that are read.", "too_many", most=text)


def too_large(size: int, most: int) -> BadWeights:
    """The error for a file that is too large."""
    text, limit = f"{size / 2**20:,.0f}", most // 2**20
    return BadWeights(f"The file has {text} MB; up to {limit} MB are read.", "too_large", size=text, most=limit)


def other_format(kind: str) -> BadWeights:
    """The error for a file of another program, or packed by one."""
    return BadWeights(
        f"The file was written as {kind}, which is not read here; save the state dict with PyTorch: "
        "torch.save(model.state_dict(), ...), or safetensors.",
        "other_format",
        format=kind,
    )


def nothing_in(*, met_objects: bool = False) -> BadWeights:
    """The error for a file without a tensor."""
    if met_objects:
        return BadWeights(
            "The file holds Python objects that would have to be run, which is never done here; save the state dict "
            "alone: torch.save(model.state_dict(), ...), or safetensors.",
            "code",
        )
    return BadWeights("The file holds no state dict: no tensors by name.", "no_state")


# --- the three formats ------------------------------------------------------------------------------------------------


def _of_archive(data: bytes, most_bytes: int, budget: Budget) -> Saved:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise too_many(_MOST_ENTRIES)
    archive = zipfile.ZipFile(io.BytesIO(data))
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > max(most_bytes, 2 * len(data)):
        raise too_large(unpacked, most_bytes)
    if not {entry.compress_type for entry in archive.infolist()} <= _PACKED:
        raise ValueError("packed in a way that PyTorch does not use")
    pickled = _pickle_in(archive.namelist())
    root = pickled.removesuffix("data.pkl")
    value = parse(io.BytesIO(archive.read(pickled)), storage, budget)
    return Saved(value, lambda key: archive.read(f"{root}data/{key}"), lambda call: _in_bytes(call, budget))


def _pickle_in(names: Iterable[str]) -> str:
    """The pickle of a file of `torch.save`. Raises `BadWeights` for the archive of a program or of something else."""
    last = {name.rpartition("/")[2]: name for name in names}
    for name, kind in _PROGRAMS.items():
        if name in last:
            raise BadWeights(
                f"The file is a program ({kind}): weights with code around them, which is never run here; save the "
                "state dict alone: torch.save(model.state_dict(), ...), or safetensors.",
                "program",
                format=kind,
            )
    if "data.pkl" not in last:
        raise other_format(next(kind for end, kind in _OTHERS.items() if any(name.endswith(end) for name in last)))
    return last["data.pkl"]


def _of_stream(data: bytes, budget: Budget) -> Saved:
    """Consecutive pickles: magic number, protocol, system info, the saved value, storage keys; then the storages.

    A first pickle that is no magic number is all there is: Python's own, as `pickle.dump` writes it.
    """
    stream, itemsizes = io.BytesIO(data), dict[str, int]()

    def known(name: Any) -> Any:
        parsed = storage(name)
        if isinstance(parsed, Storage):
            itemsizes[parsed.key] = parsed.type.itemsize
        return parsed

    def inside(call: UnexecutedCall) -> Tensor:
        return _in_bytes(call, budget)

    first, blobs = parse(stream, known, budget), dict[str, bytes]()
    if first != _MAGIC:
        if isinstance(first, dict | list | tuple | UnexecutedCall) and next(Walk(budget).tensors(first), None):
            return Saved(first, blobs.__getitem__, inside)
        raise BadWeights("The file is a pickle, but none that PyTorch wrote.", "not_weights")
    if parse(stream, known, budget) != _PROTOCOL:
        raise BadWeights("The file is a pickle, but none that PyTorch wrote.", "not_weights")
    parse(stream, known, budget)
    value, keys = parse(stream, known, budget), parse(stream, known, budget)
    for key in keys:
        if not isinstance(key, str):
            raise TypeError("a storage is named by a text")
        count = int.from_bytes(stream.read(8), "little")
        blobs[key] = stream.read(min(count * itemsizes[key], len(data)))
    return Saved(value, blobs.__getitem__, inside)


def _in_bytes(call: UnexecutedCall, budget: Budget) -> Tensor:
    """The storage that `pickle.dump` puts, as a stream of its own, into the bytes of a call."""
    packed = call.arguments[0]
    if isinstance(packed, UnexecutedCall):  # before protocol 3, bytes are text that is to be encoded
        text, coding = packed.arguments
        if coding != "latin1":
            raise ValueError("bytes are written as Latin-1")
        packed = text.encode("latin1")
    saved = _of_stream(packed, budget)
    if call.function.name != "_load_from_bytes" or not isinstance(saved.value, Storage):
        raise TypeError("a storage is expected")
    return saved.numbers(saved.value)
