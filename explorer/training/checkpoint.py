"""A run's whole state as one safetensors blob: weights, optimizer, order of the batches, sums since the last point."""

from __future__ import annotations

import json
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from explorer.records import ModelMeta

META = "model"
"""Where a file of weights keeps its `ModelMeta`, in the metadata of safetensors."""

_NETWORK, _OPTIMIZER, _EXTRA = "weights.", "optimizer.", "extra."


def pack(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    tensors: Mapping[str, Tensor],
    numbers: Mapping[str, float],
    meta: ModelMeta,
) -> bytes:
    """Everything needed to go on as if nothing had happened. `numbers` are floats and ints, `meta` says what it is."""
    from safetensors.torch import save

    flat = {_NETWORK + name: value for name, value in net.state_dict().items()}
    state = optimizer.state_dict()["state"]
    for index, entries in state.items():
        flat |= {f"{_OPTIMIZER}{index}.{name}": value for name, value in entries.items() if isinstance(value, Tensor)}
    flat |= {_EXTRA + name: value for name, value in tensors.items()}
    said = {"numbers": json.dumps(dict(numbers)), META: meta.to_json()}
    return save({name: _plain(value) for name, value in flat.items()}, said)


def _plain(tensor: Tensor) -> Tensor:
    return tensor.detach().cpu().clone(memory_format=torch.contiguous_format)


def unpack(blob: bytes, net: nn.Module, optimizer: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, float]]:
    """Put weights and optimizer back; returns what else was packed."""
    from safetensors.torch import load

    flat = load(blob)
    net.load_state_dict(_below(flat, _NETWORK))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in _below(flat, _OPTIMIZER).items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})
    for parameter, entries in optimizer.state.items():
        # The fused kernels walk through weights and buffers in step: they must lie in memory the same way.
        laid = {k: torch.empty_like(parameter).copy_(v) for k, v in entries.items() if v.shape == parameter.shape}
        entries.update(laid)
    return _below(flat, _EXTRA), _numbers(blob)


def _numbers(blob: bytes) -> dict[str, float]:
    """The numbers in the header of a blob."""
    numbers: dict[str, float] = json.loads(header(blob)["numbers"])
    return numbers


def header(blob: bytes) -> dict[str, str]:
    """What the header of a safetensors file says beside its tensors."""
    size = int.from_bytes(blob[:8], "little")
    said: dict[str, str] = json.loads(blob[8 : 8 + size]).get("__metadata__", {})
    return said


def _below(flat: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in flat.items() if name.startswith(prefix)}


def weights_of(blob: bytes) -> bytes:
    """The network's weights alone, as a safetensors file that fits the catalogue's network and says what it is."""
    from safetensors.torch import load, save

    weights = _below(load(blob), _NETWORK)
    said = {name: text for name, text in header(blob).items() if name == META}  # older checkpoints have none
    return save({name.removeprefix("network."): tensor for name, tensor in weights.items()}, said)
