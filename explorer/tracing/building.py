"""Networks whose weights have a shape and no memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from explorer.records import NetworkSpec

_FILLING = frozenset(
    {"normal_", "uniform_", "fill_", "zero_", "constant_", "trunc_normal_", "kaiming_uniform_", "erfinv_"}
)


class _NoInitialisation(TorchFunctionMode):
    """Skips filling weights: most of the time it takes to build a network that has none to fill."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__name__", "") in _FILLING:
            return kwargs["tensor"] if kwargs and "tensor" in kwargs else args[0]
        return func(*args, **(kwargs or {}))


def build_on_meta(spec: NetworkSpec, classes: int, options: Mapping[str, object] | None = None) -> nn.Module:
    """Build a network of the catalogue on the meta device. Raises `BadOption`."""
    with torch.device("meta"), _NoInitialisation():
        network: nn.Module = spec.build(classes=classes, **spec.options(options))
    return network
