"""Files that `torch.save` wrote, as an archive or (before 2020) as a stream, read without running them.

The pickle inside is read by `pickles`, and the numbers beside it are taken as they lie there. PyTorch's own reader is
not asked: it does what a file says. Of all that a training script saves, the mapping with the most tensors by name is
the state dict; the rest (an optimizer, options, a logger) is left alone, whatever it is.
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
from explorer.models.pickles import Made, Named, TooManySteps, parse

ARCHIVE = b"PK\x03\x04"

_ENTRY, _MOST_ENTRIES = b"PK\x01\x02", 100_000  # what every entry of an archive's directory begins with
_PACKED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_DEEPEST, _MOST_DIMENSIONS, _MOST_NUMBERS = 4, 16, 2**40

_MAKES_TENSORS = "_rebuild_"  # how the name of every function begins that does
_DENSE = frozenset({"_rebuild_tensor", "_rebuild_tensor_v2"})
_AROUND = frozenset({"_rebuild_parameter", "_rebuild_parameter_with_state"})
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
    """Numbers that lie beside the pickle; `first` is where a view of them begins."""

    key: str
    type: torch.dtype
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class _Saved:
    """What was saved, and where its numbers are; each storage is read once, so that tied weights stay one."""

    value: Any
    read: Callable[[str], bytes]
    known: dict[str, Tensor] = field(default_factory=dict)

    def numbers(self, storage: _Storage) -> Tensor:
        """A storage as a vector."""
        if storage.key not in self.known:
            self.known[storage.key] = _bytes(self.read(storage.key))
        whole = self.known[storage.key]
        return whole[: len(whole) // storage.type.itemsize * storage.type.itemsize].view(storage.type)


def state_of(data: bytes, most_bytes: int, most_keys: int) -> dict[str, Tensor]:
    """The tensors of the state dict in a file, by name, as they were stored.

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
    except Exception as error:  # damaged bytes make a reader raise whatever they like
        raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error


def too_many(most: int) -> BadWeights:
    """More tensors than any network has."""
    text = f"{most:,}"
    return BadWeights(f"The file describes more than the {text} tensors that are read.", "too_many", most=text)


def too_large(size: int, most: int) -> BadWeights:
    """More bytes than are read."""
    text, limit = f"{size / 2**20:,.0f}", most // 2**20
    return BadWeights(f"The file has {text} MB; up to {limit} MB are read.", "too_large", size=text, most=limit)


def strange(key: str) -> BadWeights:
    """Something else where a tensor should be."""
    shown = key[:80]
    return BadWeights(f"The state dict holds something other than dense tensors: {shown!r}.", "strange", key=shown)


# --- the two forms ----------------------------------------------------------------------------------------------------


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
    """Pickles one after the other: two numbers, the machine, what was saved, the storages; and then their numbers."""
    stream, met = io.BytesIO(data), dict[str, int]()

    def storage(name: Any) -> Any:
        found = _storage(name)
        if isinstance(found, _Storage):
            met[found.key] = found.type.itemsize
        return found

    if parse(stream, storage) != _MAGIC or parse(stream, storage) != _PROTOCOL:
        raise BadWeights("The file is a pickle, but none that PyTorch wrote.", "not_weights")
    parse(stream, storage)
    value, keys, places = parse(stream, storage), parse(stream, storage), dict[str, bytes]()
    for key in keys:
        if not isinstance(key, str):
            raise TypeError("a storage is named by a text")
        count = int.from_bytes(stream.read(8), "little")
        places[key] = stream.read(min(count * met[key], len(data)))
    return _Saved(value, places.__getitem__)


def _storage(name: Any) -> Any:
    if name[0] != "storage":
        return name[1]  # a class, with its source beside it
    kind, key, view = name[1], name[2], name[5] if len(name) > 5 else None
    if not isinstance(key, str):
        raise TypeError("a storage is named by a text")
    return _Storage(key, _TYPES[kind.name], view[1] if view else 0)


def _bytes(stored: bytes) -> Tensor:
    """A copy that may be written to, as PyTorch wants it."""
    return torch.frombuffer(bytearray(stored), dtype=torch.uint8) if stored else torch.empty(0, dtype=torch.uint8)


# --- from what was saved to tensors -----------------------------------------------------------------------------------


def _state_dict(value: Any) -> Mapping[str, Made]:
    """The tensors of the mapping that has the most of them, the outermost and first where several have as many."""
    mappings = list(_mappings(value))
    found = [{key: inner for key, inner in each.items() if _makes_a_tensor(inner)} for each in mappings]
    best: Mapping[str, Made] = max(found, key=len, default={})
    if best:
        return best
    noted = [value, *(inner for each in mappings for inner in each.values())]
    if any(isinstance(each, Made | Named) for each in noted):
        raise BadWeights(
            "The file holds Python objects that would have to be run, which is never done here; save the state dict "
            "alone: torch.save(model.state_dict(), ...), or safetensors.",
            "code",
        )
    raise BadWeights("The file holds no state dict: no tensors by name.", "no_state")


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """A mapping and those inside it, each once, however often it occurs."""
    level, seen = [value], set[int]()
    for _ in range(_DEEPEST):
        level = [each for each in level if isinstance(each, dict) and id(each) not in seen]
        level = list({id(each): each for each in level}.values())
        seen |= {id(each) for each in level}
        yield from level
        level = [inner for each in level for inner in each.values()]


def _makes_a_tensor(value: Any) -> bool:
    return isinstance(value, Made) and isinstance(value.maker, Named) and value.maker.name.startswith(_MAKES_TENSORS)


def _tensor(key: str, made: Made, saved: _Saved) -> Tensor:
    """A view of the numbers of a storage, all inside it."""
    for _ in range(_DEEPEST):
        if made.maker.name in _AROUND:
            made = made.arguments[0]
        elif made.maker.name == "_rebuild_from_type_v2":
            made = Made(made.arguments[0], made.arguments[2])
    if made.maker.name not in _DENSE:
        raise strange(key)
    storage, first, size, stride = made.arguments[:4]
    if len(size) != len(stride) or len(size) > _MOST_DIMENSIONS:
        raise ValueError("sizes and strides do not belong together")
    if not all(isinstance(n, int) and 0 <= n < _MOST_NUMBERS for n in (first, storage.first, *size, *stride)):
        raise ValueError("sizes are no numbers")
    numbers, first = saved.numbers(storage), first + storage.first
    if 0 not in size and first + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) >= len(numbers):
        raise ValueError("a tensor reaches beyond its numbers")
    return numbers.as_strided(size, stride, first) if 0 not in size else numbers.new_empty(size)
