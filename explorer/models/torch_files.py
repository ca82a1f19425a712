"""Read files of `torch.save`, an archive or (before 2020) a stream, without executing them.

The pickle inside is parsed by `pickles`, and the storages are read as raw bytes. `torch.load` is not used: it may
execute what a file says. Of all that a training script saves, the mapping with the most tensors is taken for the state
dict; the rest (an optimizer, options, a logger) is ignored.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explorer.errors import BadWeights
from explorer.models.pickles import GlobalName, TooManySteps, UnexecutedCall, parse

ARCHIVE = b"PK\x03\x04"

_ENTRY, _MOST_ENTRIES = b"PK\x01\x02", 100_000  # signature of an entry in an archive's directory
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_DEEPEST, _MOST_DIMENSIONS, _MOST_NUMBERS = 4, 16, 2**40

_REBUILDS_TENSORS = "_rebuild_"  # prefix of the functions that construct tensors
_DENSE = frozenset({"_rebuild_tensor", "_rebuild_tensor_v2"})
_WRAPPERS = frozenset({"_rebuild_parameter", "_rebuild_parameter_with_state"})
_TYPES: Mapping[str, torch.dtype] = {
    "BFloat16Storage": torch.bfloat16,
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
    "CharStorage": torch.int8,
    "ComplexDoubleStorage": torch.complex128,
    "ComplexFloatStorage": torch.complex64,
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "IntStorage": torch.int32,
    "LongStorage": torch.int64,
    "QInt8Storage": torch.int8,
    "QInt32Storage": torch.int32,
    "QUInt8Storage": torch.uint8,
    "ShortStorage": torch.int16,
    "UntypedStorage": torch.uint8,
}


@dataclass(frozen=True, slots=True)
class _Storage:
    """A storage outside the pickle; `first` is the offset of a view of it."""

    key: str
    type: torch.dtype
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class _Saved:
    """A parsed file: the pickled value, and its storages; each is read once, so that tied weights stay tied."""

    value: Any
    read: Callable[[str], bytes]
    storages: dict[str, Tensor] = field(default_factory=dict)

    def numbers(self, storage: _Storage) -> Tensor:
        """A storage as a vector."""
        if storage.key not in self.storages:
            self.storages[storage.key] = _bytes(self.read(storage.key))
        whole = self.storages[storage.key]
        return whole[: len(whole) // storage.type.itemsize * storage.type.itemsize].view(storage.type)


def state_of(data: bytes, most_bytes: int, most_keys: int) -> dict[str, Tensor]:
    """The tensors of the state dict in a file, by name, in their stored dtypes.

    An archive is not unpacked to more than `most_bytes` (or twice its size). Raises `BadWeights`.
    """
    try:
        saved = _of_archive(data, most_bytes) if data.startswith(ARCHIVE) else _of_stream(data)
        named = _state_dict(saved.value)
        if len(named) > most_keys:
            raise too_many(most_keys)
        return {key: _tensor(key, value, saved) for key, value in named.items()}
    except BadWeights:
        raise
    except TooManySteps:
        raise too_many(most_keys) from None
    except Exception as error:  # damaged bytes may make the reader raise anything
        raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error


def too_many(most: int) -> BadWeights:
    """The error for more tensors than any network has."""
    text = f"{most:,}"
    return BadWeights(f"The file describes more than the {text} tensors that are read.", "too_many", most=text)


def too_large(size: int, most: int) -> BadWeights:
    """The error for a file that is too large."""
    text, limit = f"{size / 2**20:,.0f}", most // 2**20
    return BadWeights(f"The file has {text} MB; up to {limit} MB are read.", "too_large", size=text, most=limit)


def strange(key: str) -> BadWeights:
    """The error for an entry that is no dense tensor."""
    shown = key[:80]
    return BadWeights(f"The state dict holds something other than dense tensors: {shown!r}.", "strange", key=shown)


# --- the two formats --------------------------------------------------------------------------------------------------


def _of_archive(data: bytes, most_bytes: int) -> _Saved:
    if data.count(_ENTRY) > _MOST_ENTRIES:
        raise too_many(_MOST_ENTRIES)
    archive = zipfile.ZipFile(io.BytesIO(data))
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > max(most_bytes, 2 * len(data)):
        raise too_large(unpacked, most_bytes)
    if not {entry.compress_type for entry in archive.infolist()} <= _PACKED:
        raise ValueError("packed in a way that PyTorch does not use")
    pickled = next(name for name in archive.namelist() if name.rpartition("/")[2] == "data.pkl")
    root = pickled.removesuffix("data.pkl")
    value = parse(io.BytesIO(archive.read(pickled)), _storage)
    return _Saved(value, lambda key: archive.read(f"{root}data/{key}"))


def _of_stream(data: bytes) -> _Saved:
    """Consecutive pickles: magic number, protocol, system info, the saved value, storage keys; then the storages."""
    stream, itemsizes = io.BytesIO(data), dict[str, int]()

    def storage(name: Any) -> Any:
        parsed = _storage(name)
        if isinstance(parsed, _Storage):
            itemsizes[parsed.key] = parsed.type.itemsize
        return parsed

    if parse(stream, storage) != _MAGIC or parse(stream, storage) != _PROTOCOL:
        raise BadWeights("The file is a pickle, but none that PyTorch wrote.", "not_weights")
    parse(stream, storage)
    value, keys, blobs = parse(stream, storage), parse(stream, storage), dict[str, bytes]()
    for key in keys:
        if not isinstance(key, str):
            raise TypeError("a storage is named by a text")
        count = int.from_bytes(stream.read(8), "little")
        blobs[key] = stream.read(min(count * itemsizes[key], len(data)))
    return _Saved(value, blobs.__getitem__)


def _storage(name: Any) -> Any:
    if name[0] != "storage":
        return name[1]  # a class, followed by its source
    kind, key, view = name[1], name[2], name[5] if len(name) > 5 else None
    if not isinstance(key, str):
        raise TypeError("a storage is named by a text")
    return _Storage(key, _TYPES[kind.name], view[1] if view else 0)


def _bytes(stored: bytes) -> Tensor:
    """A writable copy, as `torch.frombuffer` requires."""
    return torch.frombuffer(bytearray(stored), dtype=torch.uint8) if stored else torch.empty(0, dtype=torch.uint8)


# --- from the parsed value to tensors ---------------------------------------------------------------------------------


def _state_dict(value: Any) -> Mapping[str, UnexecutedCall]:
    """The tensors of the mapping with the most of them, of several the outermost and first."""
    mappings = list(_mappings(value))
    candidates = [{key: item for key, item in mapping.items() if _is_tensor(item)} for mapping in mappings]
    best: Mapping[str, UnexecutedCall] = max(candidates, key=len, default={})
    if best:
        return best
    values = [value, *(item for mapping in mappings for item in mapping.values())]
    if any(isinstance(item, UnexecutedCall | GlobalName) for item in values):
        raise BadWeights(
            "The file holds Python objects that would have to be run, which is never done here; save the state dict "
            "alone: torch.save(model.state_dict(), ...), or safetensors.",
            "code",
        )
    raise BadWeights("The file holds no state dict: no tensors by name.", "no_state")


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """A mapping and all inside it, each once."""
    level, seen = [value], set[int]()
    for _ in range(_DEEPEST):
        level = [item for item in level if isinstance(item, dict) and id(item) not in seen]
        level = list({id(mapping): mapping for mapping in level}.values())
        seen |= {id(mapping) for mapping in level}
        yield from level
        level = [item for mapping in level for item in mapping.values()]


def _is_tensor(value: Any) -> bool:
    if not isinstance(value, UnexecutedCall) or not isinstance(value.function, GlobalName):
        return False
    return value.function.name.startswith(_REBUILDS_TENSORS)


def _tensor(key: str, call: UnexecutedCall, saved: _Saved) -> Tensor:
    """The tensor of a rebuild call: a strided view of a storage, checked to be inside it."""
    for _ in range(_DEEPEST):
        if call.function.name in _WRAPPERS:
            call = call.arguments[0]
        elif call.function.name == "_rebuild_from_type_v2":
            call = UnexecutedCall(call.arguments[0], call.arguments[2])
    if call.function.name not in _DENSE:
        raise strange(key)
    storage, first, size, stride = call.arguments[:4]
    if len(size) != len(stride) or len(size) > _MOST_DIMENSIONS:
        raise ValueError("sizes and strides do not belong together")
    if not all(isinstance(n, int) and 0 <= n < _MOST_NUMBERS for n in (first, storage.first, *size, *stride)):
        raise ValueError("sizes are no numbers")
    numbers, first = saved.numbers(storage), first + storage.first
    if 0 not in size and first + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) >= len(numbers):
        raise ValueError("a tensor reaches beyond its numbers")
    return numbers.as_strided(size, stride, first) if 0 not in size else numbers.new_empty(size)
