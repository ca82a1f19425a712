"""Checkpoints: a run's whole state as one safetensors blob, also the batch order and the sums since the last point."""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from explorer.records import ModelMeta

META = "model"
"""Key of the `ModelMeta` in the metadata of a safetensors file."""

_NETWORK, _OPTIMIZER, _EXTRA = "weights.", "optimizer.", "extra."


def pack(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    tensors: Mapping[str, Tensor],
    numbers: Mapping[str, float],
    meta: ModelMeta,
) -> bytes:
    """Serialise all that an exact resume needs. `numbers` are floats and ints, `meta` describes the model."""
    from safetensors.torch import save

    flat = {_NETWORK + name: value for name, value in net.state_dict().items()}
    state = optimizer.state_dict()["state"]
    for index, entries in state.items():
        flat |= {f"{_OPTIMIZER}{index}.{name}": value for name, value in entries.items() if isinstance(value, Tensor)}
    flat |= {_EXTRA + name: value for name, value in tensors.items()}
    metadata = {"numbers": json.dumps(dict(numbers)), META: meta.to_json()}
    return save({name: _contiguous(value) for name, value in flat.items()}, metadata)


def _contiguous(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def unpack(blob: bytes, net: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Restore weights and optimizer; returns the other tensors and the numbers."""
    from safetensors.torch import load

    flat = load(blob)
    net.load_state_dict(_with_prefix(flat, _NETWORK))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _with_prefix(flat, _OPTIMIZER).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    for parameter, entries in optimizer.state.items():
        # The fused kernels iterate over weights and buffers together: they need the same memory layout.
        aligned = {k: torch.empty_like(parameter).copy_(v) for k, v in entries.items() if v.shape == parameter.shape}
        entries.update(aligned)
    return _with_prefix(flat, _EXTRA), _numbers(blob)


def _numbers(blob: bytes) -> dict[str, float]:
    """The numbers in the header of a blob."""
    numbers: dict[str, float] = json.loads(header(blob)["numbers"])
    return numbers


def header(blob: bytes) -> dict[str, str]:
    """The metadata in the header of a safetensors file."""
    size = int.from_bytes(blob[:8], "little")
    metadata: dict[str, str] = json.loads(blob[8 : 8 + size]).get("__metadata__", {})
    return metadata


def _with_prefix(flat: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in flat.items() if name.startswith(prefix)}


def weights_of(blob: bytes) -> bytes:
    """Only the network's weights and `ModelMeta` of a checkpoint, as a safetensors file."""
    from safetensors.torch import load, save

    weights = _with_prefix(load(blob), _NETWORK)
    metadata = {name: text for name, text in header(blob).items() if name == META}  # older checkpoints have none
    return save({name.removeprefix("network."): tensor for name, tensor in weights.items()}, metadata)
