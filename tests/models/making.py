"""Files of weights to try: saved in every way, and served by a small server."""

from __future__ import annotations

import io
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
