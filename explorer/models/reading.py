"""Read a file of weights into a state dict, without executing anything in it."""

from __future__ import annotations

import hashlib
import re
import warnings
from pathlib import Path
from threading import BoundedSemaphore, Lock

import torch
from torch import Tensor

from explorer.errors import BadWeights
from explorer.models import torch_files
from explorer.models.storages import NotPlain, as_plain
from explorer.models.torch_files import Stored

SUFFIXES = ("safetensors", "pt", "pth", "bin", "ckpt", "th", "tar", "pkl")  # .pth.tar ends with .tar

MOST_MEGABYTES = 256
"""A ResNet-152 has 231; VGG's half a gigabyte is too much for a server that is shared."""

_MOST_KEYS, _MOST_HEADER = 10_000, 16 * 2**20
_OLD_DENSE = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""Keys of DenseNets saved when a module's name could contain a dot (torchvision renames them as well)."""

_OTHER_FORMATS = {
    b"\x89HDF": "Keras (HDF5)",
    b"\x93NUMPY": "NumPy",
    b"GGUF": "GGUF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf": "7-Zip",
    b"Rar!": "RAR",
}
"""First bytes of files that are taken for weights, and what wrote them."""

_read_slots = BoundedSemaphore(2)  # visitors' files at a time: that bounds the memory
_warnings_lock = Lock()  # `catch_warnings` affects the whole process


def read_state(data: bytes) -> Stored:
    """The tensors of a visitor's file: safetensors, a file of `torch.save` or a pickle, with tensors at any depth.

    Raises `BadWeights`, also where no tensor is stored as plain numbers.
    """
    if not data:
        raise BadWeights("The file is empty; choose another.", "empty")
    most = MOST_MEGABYTES * 2**20
    if len(data) > most:
        raise torch_files.too_large(len(data), most)
    with _read_slots:
        stored = torch_files.stored_in(data, most, _MOST_KEYS) if _is_of_torch(data) else _of_safetensors(data)
    if not stored.tensors:
        first = next(iter(stored.unreadable.items()), None)
        raise unreadable(*first) if first else torch_files.nothing_in()
    return Stored({_renamed(key): value for key, value in stored.tensors.items()}, stored.unreadable)


def unreadable(key: str, reason: str) -> BadWeights:
    """The error for an entry that is not stored as plain numbers; the reason is that of `NotPlain`."""
    shown = key[:80]
    if reason == "quantised":
        said = "holds whole numbers: these weights were quantised. Save them as they were before, as float32."
        return BadWeights(f"{shown!r} {said}", "quantised", key=shown)
    if reason == "complex":
        said = "holds complex numbers; the networks here compute with real ones."
        return BadWeights(f"{shown!r} {said}", "complex", key=shown)
    return BadWeights(f"The state dict holds something other than dense tensors: {shown!r}.", "strange", key=shown)


def read_published(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of a published file whose checksum begins with `sha256`.

    It is read with `torch.load`, so only after the checksum has been verified. Raises `BadWeights`.
    """
    with path.open("rb") as file:
        if not hashlib.file_digest(file, "sha256").hexdigest().startswith(sha256):
            raise BadWeights(
                f"{path.name} is damaged: its checksum is wrong. Delete it and fetch it anew.",
                "wrong_hash",
                file=path.name,
            )
    try:
        with _warnings_lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the protocols of older files
            state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error
    return {_renamed(key): value for key, value in state.items()}


def _is_of_torch(data: bytes) -> bool:
    """PyTorch writes a ZIP archive, formerly consecutive pickles; safetensors begin with a length and "{"."""
    return data.startswith(torch_files.ARCHIVE) or (data[:1] == b"\x80" and data[8:9] != b"{")


def _of_safetensors(data: bytes) -> Stored:
    from safetensors.torch import load

    # Only the header is checked: parsing a million names takes seconds and most of a gigabyte.
    length = int.from_bytes(data[:8], "little")
    if length <= len(data) and (length > _MOST_HEADER or data.count(b"data_offsets", 8, 8 + length) > _MOST_KEYS):
        raise torch_files.too_many(_MOST_KEYS)
    try:
        loaded = load(data)
    except Exception as error:  # damaged bytes may make the decoder raise anything
        for first, kind in _OTHER_FORMATS.items():
            if data.startswith(first):
                raise torch_files.other_format(kind) from error
        raise BadWeights(
            "The file is damaged, or neither safetensors nor a state dict saved by PyTorch.", "not_weights"
        ) from error
    stored = Stored()
    for key, value in loaded.items():
        try:
            stored.tensors[key] = as_plain(value)
        except NotPlain as problem:
            stored.unreadable[key] = problem.reason
    return stored


def _renamed(key: str) -> str:
    old = _OLD_DENSE.match(key)
    return old[1] + old[2] if old else key
