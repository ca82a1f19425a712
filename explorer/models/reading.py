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

SUFFIXES = ("safetensors", "pt", "pth", "bin", "ckpt")

MOST_MEGABYTES = 256
"""A ResNet-152 has 231; VGG's half a gigabyte is too much for a server that is shared."""

_MOST_KEYS, _MOST_HEADER = 20_000, 16 * 2**20
_OLD_DENSE = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""Keys of DenseNets saved when a module's name could contain a dot (torchvision renames them as well)."""

_read_slots = BoundedSemaphore(2)  # visitors' files at a time: that bounds the memory
_warnings_lock = Lock()  # `catch_warnings` affects the whole process


def read_state(data: bytes) -> dict[str, Tensor]:
    """The tensors of a visitor's file by key, in their stored dtypes: safetensors, or a file of `torch.save` with the
    state dict at any depth. Raises `BadWeights`.
    """
    if not data:
        raise BadWeights("The file is empty; choose another.", "empty")
    most = MOST_MEGABYTES * 2**20
    if len(data) > most:
        raise torch_files.too_large(len(data), most)
    with _read_slots:
        state = torch_files.state_of(data, most, _MOST_KEYS) if _is_of_torch(data) else _of_safetensors(data)
    for key, value in state.items():
        if not _is_plain(value):
            raise torch_files.strange(key)
    return {_renamed(key): value for key, value in state.items()}


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


def _of_safetensors(data: bytes) -> dict[str, Tensor]:
    from safetensors.torch import load

    # Only the header is checked: parsing a million names takes seconds and most of a gigabyte.
    length = int.from_bytes(data[:8], "little")
    if length <= len(data) and (length > _MOST_HEADER or data.count(b"data_offsets", 8, 8 + length) > _MOST_KEYS):
        raise torch_files.too_many(_MOST_KEYS)
    try:
        return load(data)
    except Exception as error:  # damaged bytes may make the decoder raise anything
        raise BadWeights(
            "The file is damaged, or neither safetensors nor a state dict saved by PyTorch.", "not_weights"
        ) from error


def _is_plain(value: Tensor) -> bool:
    """Real, and as many stored numbers as elements: with a stride of 0, one number would make a gigabyte."""
    return not value.is_complex() and value.untyped_storage().nbytes() >= value.numel() * value.element_size()


def _renamed(key: str) -> str:
    old = _OLD_DENSE.match(key)
    return old[1] + old[2] if old else key
