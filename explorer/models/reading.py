"""A file of weights, whoever made it, into tensors by key; nothing in it is ever run."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from explorer.errors import BadWeights

SUFFIXES = ("safetensors", "pt", "pth", "bin")

MOST_MEGABYTES = 256
"""A ResNet-152 has 231; VGG's half a gigabyte is too much for a server that is shared."""

_WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights")
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "backbone.")
_ZIP, _MOST_KEYS = b"PK\x03\x04", 50_000
_OLD_DENSE = re.compile(
    r"^(.*denselayer\d+\.(?:norm|relu|conv))\.((?:[12])\.(?:weight|bias|running_mean|running_var))$"
)
"""Keys of DenseNets saved before a module's name could hold no dot (torchvision renames them as well)."""

_one = Lock()  # one file at a time: that bounds the memory, and warnings are switched off for a whole process


def read_state(stored: bytes | Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file or of a state dict saved by PyTorch, by key, as they are stored.

    Wrappers ("state_dict") and prefixes ("module.") around the keys are taken off. Raises `BadWeights`.
    """
    data = stored.read_bytes() if isinstance(stored, Path) else stored
    if not data:
        raise BadWeights("The file is empty; choose another.", "empty")
    if isinstance(stored, bytes) and len(data) > MOST_MEGABYTES * 2**20:
        raise _too_large(len(data))
    state = _tensors(_of_torch(data) if _is_of_torch(data) else _of_safetensors(data))
    return {_renamed(key): value for key, value in _without_prefixes(state).items()}


def _is_of_torch(data: bytes) -> bool:
    """PyTorch writes a ZIP archive, formerly pickles one after the other; safetensors begin with a length and "{"."""
    return data.startswith(_ZIP) or (data[:1] == b"\x80" and data[8:9] != b"{")


def _too_large(size: int) -> BadWeights:
    text = f"{size / 2**20:,.0f}"
    return BadWeights(
        f"The file has {text} MB; up to {MOST_MEGABYTES} MB are read.", "too_large", size=text, most=MOST_MEGABYTES
    )


def _of_safetensors(data: bytes) -> Any:
    from safetensors.torch import load

    try:
        return load(data)
    except Exception as error:  # damaged bytes make decoders raise whatever they like
        raise BadWeights(
            "The file is damaged, or neither safetensors nor a state dict saved by PyTorch.", "not_weights"
        ) from error


def _of_torch(data: bytes) -> Any:
    """What was saved, as far as it is plain data. An archive is not unpacked to more than the limit."""
    if data.startswith(_ZIP):
        try:
            unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist())
        except Exception as error:
            raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error
        if unpacked > max(MOST_MEGABYTES * 2**20, 2 * len(data)):
            raise _too_large(unpacked)
    try:
        with _one, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old protocols and damaged headers: what matters is refused
            return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True, mmap=False)
    except UnpicklingError as error:
        raise BadWeights(
            "The file holds Python objects that would have to be run, which is never done here; save the state dict "
            "alone: torch.save(model.state_dict(), ...), or safetensors.",
            "code",
        ) from error
    except Exception as error:  # damaged bytes make the reader raise whatever it likes
        raise BadWeights("The file is damaged or cut short; save it anew.", "cut") from error


def _tensors(found: Any) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if isinstance(found, Mapping) and isinstance(found.get(wrapper), Mapping):
            found = found[wrapper]
    if not isinstance(found, Mapping) or not found:
        raise BadWeights("The file holds no state dict: no tensors by name.", "no_state")
    strange = [key for key, value in found.items() if not (isinstance(key, str) and _is_plain(value))]
    if strange or len(found) > _MOST_KEYS:
        shown = str(strange[0])[:80] if strange else str(len(found))
        raise BadWeights(f"The state dict holds something other than dense tensors: {shown!r}.", "strange", key=shown)
    return dict(found)


def _is_plain(value: object) -> bool:
    """Dense, and with a number of its own in the file for every entry: a stride of 0 makes a gigabyte of one number."""
    if not isinstance(value, Tensor) or value.layout != torch.strided or value.is_quantized or value.is_meta:
        return False
    return value.untyped_storage().nbytes() >= value.numel() * value.element_size()


def _without_prefixes(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The keys without what parallel, compiled and wrapped modules put in front of all of them."""
    for _ in _PREFIXES:
        for prefix in _PREFIXES:
            if all(key.startswith(prefix) for key in state):
                state = {key.removeprefix(prefix): value for key, value in state.items()}
    return state


def _renamed(key: str) -> str:
    old = _OLD_DENSE.match(key)
    return old[1] + old[2] if old else key
