"""From a parsed file to tensors: strided views of storages that are read as raw bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from explorer.models.pickles import GlobalName, UnexecutedCall

_WRAPPED, _MOST_DIMENSIONS, _MOST_NUMBERS = 4, 16, 2**40
_DENSE = frozenset({"_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_tensor_v3"})
_WRAPPERS = frozenset({"_rebuild_parameter", "_rebuild_parameter_with_state"})
_QUANTISED = "_rebuild_qtensor"
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
_NEWER_TYPES = ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "uint16", "uint32", "uint64")
"""They have no storage of their own: `_rebuild_tensor_v3` names the type beside an untyped one."""


class NotPlain(Exception):
    """A tensor that is not stored as plain numbers: `reason` is "quantised", "complex" or "strange"."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Storage:
    """A storage outside the pickle; `first` is the offset of a view of it."""

    key: str
    type: torch.dtype
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A parsed file: the pickled value, and its storages; each is read once, so that tied weights stay tied.

    `inside` parses the storage that a plain pickle has in the bytes of a call.
    """

    value: Any
    read: Callable[[str], bytes]
    inside: Callable[[UnexecutedCall], Tensor]
    storages: dict[str, Tensor] = field(default_factory=dict)
    unpickled: dict[int, Tensor] = field(default_factory=dict)

    def numbers(self, storage: Storage | UnexecutedCall, kind: torch.dtype | None = None) -> Tensor:
        """A storage as a vector, of another type than its own if `kind` says so."""
        if isinstance(storage, UnexecutedCall):
            if id(storage) not in self.unpickled:
                self.unpickled[id(storage)] = self.inside(storage)
            return self.unpickled[id(storage)]
        if storage.key not in self.storages:
            self.storages[storage.key] = _bytes(self.read(storage.key))
        whole, kind = self.storages[storage.key], kind or storage.type
        return whole[: len(whole) // kind.itemsize * kind.itemsize].view(kind)


def storage(name: Any) -> Any:
    """What stands for a persistent id: a `Storage`, or a class that is followed by its source."""
    if name[0] != "storage":
        return name[1]
    kind, key, view = name[1], name[2], name[5] if len(name) > 5 else None
    if not isinstance(key, str):
        raise TypeError("a storage is named by a text")
    return Storage(key, _TYPES[kind.name], view[1] if view else 0)


def _bytes(stored: bytes) -> Tensor:
    """A writable copy, as `torch.frombuffer` requires."""
    return torch.frombuffer(bytearray(stored), dtype=torch.uint8) if stored else torch.empty(0, dtype=torch.uint8)


def tensor(call: UnexecutedCall, saved: Saved) -> Tensor:
    """The tensor of a rebuild call: a strided view of a storage, checked to be inside it. Raises `NotPlain`."""
    for _ in range(_WRAPPED):
        if call.function.name in _WRAPPERS:
            call = call.arguments[0]
        elif call.function.name == "_rebuild_from_type_v2":
            call = UnexecutedCall(call.arguments[0], call.arguments[2])
    if call.function.name not in _DENSE:
        raise NotPlain("quantised" if call.function.name == _QUANTISED else "strange")
    stored, first, size, stride = call.arguments[:4]
    before = stored.first if isinstance(stored, Storage) else 0
    if len(size) != len(stride) or len(size) > _MOST_DIMENSIONS:
        raise ValueError("sizes and strides do not belong together")
    if not all(isinstance(n, int) and 0 <= n < _MOST_NUMBERS for n in (first, before, *size, *stride)):
        raise ValueError("sizes are no numbers")
    numbers, first = saved.numbers(stored, _newer_type(call)), first + before
    if 0 in size:
        return numbers.new_empty(size)
    if first + sum((n - 1) * step for n, step in zip(size, stride, strict=True)) >= len(numbers):
        raise ValueError("a tensor reaches beyond its numbers")
    return as_plain(numbers.as_strided(size, stride, first))


def _newer_type(call: UnexecutedCall) -> torch.dtype | None:
    """The type that a call names beside the storage; None where the storage has it."""
    named = call.arguments[6] if call.function.name == "_rebuild_tensor_v3" else None
    if named is None:
        return None
    if not isinstance(named, GlobalName) or named.name not in _NEWER_TYPES:
        raise NotPlain("strange")
    kind: torch.dtype = getattr(torch, named.name)
    return kind


def as_plain(value: Tensor) -> Tensor:
    """The tensor itself if it is real and has as many stored numbers as elements. Raises `NotPlain`.

    With a stride of 0, one number would make a gigabyte.
    """
    if value.is_complex():
        raise NotPlain("complex")
    if value.untyped_storage().nbytes() < value.numel() * value.element_size():
        raise NotPlain("strange")
    return value
