"""Files of weights for tests, in every format; and pickles that are hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from explorer.models import random_model

SMALL = "cifar-resnet20"


def state_of(slug: str = SMALL) -> dict[str, Tensor]:
    """Random weights of a network."""
    return {key: value.clone() for key, value in random_model(slug).state.items()}


def pickled(state: Any, **options: Any) -> bytes:
    """Saved by PyTorch."""
    buffer = io.BytesIO()
    torch.save(state, buffer, **options)
    return buffer.getvalue()


def safe(state: Mapping[str, Tensor]) -> bytes:
    """Saved as safetensors."""
    return save(dict(state))


def archive(
    pickled: bytes,
    numbers: Mapping[str, bytes] | None = None,
    packed: int = zipfile.ZIP_STORED,
    beside: Mapping[str, bytes] | None = None,
) -> bytes:
    """A file as PyTorch writes it, around any pickle; `beside` are other files in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as written:
        written.writestr("archive/version", "3")
        written.writestr("archive/data.pkl", pickled)
        for key, value in (numbers or {}).items():
            written.writestr(f"archive/data/{key}", value)
        for name, value in (beside or {}).items():
            written.writestr(f"archive/{name}", value)
    return buffer.getvalue()


def nested_tuples(depth: int) -> bytes:
    """A pickle of a dict whose key is (t, t), t being (s, s), and so on: hashing it takes 2 ** depth steps."""
    twice = b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86q" + bytes([n + 1]) for n in range(depth))
    return b"\x80\x02)q\x00" + twice + b"}h" + bytes([depth]) + b"K\x01s."


def many_bytes(count: int) -> bytes:
    """A pickle of a few bytes that allocates a bytearray of any length."""
    return b"\x80\x02cbuiltins\nbytearray\n\x8a\x08" + count.to_bytes(8, "little") + b"\x85R."
