"""Build networks on the meta device: weights with a shape and no memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.networks import build
from explorer.records import NetworkInstance, NetworkSpec

_INITIALIZERS = frozenset(
    {
        *(Tensor.normal_, Tensor.uniform_, Tensor.fill_, Tensor.zero_, Tensor.erfinv_),
        *(nn.init.normal_, nn.init.uniform_, nn.init.constant_, nn.init.kaiming_uniform_),
    }
)
_FACTORIES = frozenset({torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.arange, torch.linspace})


class _OnMeta(TorchFunctionMode):
    """Create tensors on the meta device and skip initialisation: most of the time it takes to build a network.

    `with torch.device("meta")` does the former too, but as a second mode that every call would pass through.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _INITIALIZERS:
            return args[0] if args else kwargs["tensor"]
        if func in _FACTORIES:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def build_on_meta(instance: NetworkInstance, spec: NetworkSpec | None = None) -> nn.Module:
    """Build a network on the meta device; `spec` is for one outside the catalogue. Raises `BadOption`."""
    with _OnMeta():
        network: nn.Module = build(instance, spec)
    return network
