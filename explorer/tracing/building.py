"""Networks whose weights have a shape and no memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.networks import build
from explorer.records import NetworkInstance, NetworkSpec

_FILLING = frozenset(
    {
        *(Tensor.normal_, Tensor.uniform_, Tensor.fill_, Tensor.zero_, Tensor.erfinv_),
        *(nn.init.normal_, nn.init.uniform_, nn.init.constant_, nn.init.kaiming_uniform_),
    }
)
_MAKING = frozenset({torch.empty, torch.zeros, torch.ones, torch.full, torch.tensor, torch.arange, torch.linspace})


class _OnMeta(TorchFunctionMode):
    """Puts new tensors on the meta device and leaves out filling them: most of the time it takes to build a network.

    `with torch.device("meta")` does the first as well, in a mode of its own that every call would pass through again.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in _FILLING:
            return args[0] if args else kwargs["tensor"]
        if func in _MAKING:
            kwargs["device"] = "meta"
        return func(*args, **kwargs)


def build_on_meta(instance: NetworkInstance, spec: NetworkSpec | None = None) -> nn.Module:
    """Build a network on the meta device; `spec` is that of one outside the catalogue. Raises `BadOption`."""
    with _OnMeta():
        network: nn.Module = build(instance, spec)
    return network
