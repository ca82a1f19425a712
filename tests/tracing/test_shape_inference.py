"""An inferred shape is the one that torch would have returned."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.records import Stage
from explorer.tracing import trace_module

CALLS: dict[str, Callable[[Tensor], Tensor]] = {
    "pool": lambda x: F.max_pool2d(x, 3, 2, 1),
    "pool, rounding up": lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True),
    "pool, dilated": lambda x: F.max_pool2d(x, 3, 1, 1, dilation=2),
    "average, wide": lambda x: F.avg_pool2d(x, (1, 7), stride=(2, 3), padding=(0, 3), ceil_mode=True),
    "adaptive": lambda x: F.adaptive_avg_pool2d(x, (3, 5)),
    "adaptive, one side kept": lambda x: F.adaptive_avg_pool2d(x, (None, 2)),
    "adaptive maximum": lambda x: F.adaptive_max_pool2d(x, 4),
    "gate": lambda x: x * F.adaptive_avg_pool2d(x, 1).sigmoid(),
    "gate first": lambda x: F.adaptive_avg_pool2d(x, 1).sigmoid() * x,
    "number": lambda x: x * 2.0 + 1.0,
    "sum": lambda x: x + F.relu(x),
    "sum in place": lambda x: x.clone().add_(F.relu(x)),
    "row over volume": lambda x: F.relu(x).__iadd__(F.adaptive_avg_pool2d(x, (1, None))),
    "channels": lambda x: torch.cat([x, F.relu(x), x], 1),
    "channels counted from the end": lambda x: torch.cat([x, x], dim=-3),
    "rows": lambda x: torch.cat((x, x), dim=2),
    "linear on rows": lambda x: F.linear(x, torch.empty(4, x.shape[-1], device=x.device)),
    "convolution, same": lambda x: F.conv2d(x, torch.empty(8, 6, 3, 5, device=x.device), padding="same"),
    "convolution, strided": lambda x: F.conv2d(x, torch.empty(8, 3, 4, 4, device=x.device), None, 3, 1, 1, 2),
    "transposed": lambda x: F.conv_transpose2d(x, torch.empty(6, 2, 3, 3, device=x.device), stride=2),
}


class _Calling(nn.Module):
    """One call, and a second one that needs its shape."""

    def __init__(self, call: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.call = call

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.call(x))


@pytest.mark.parametrize("name", CALLS)
def test_shape_is_the_one_torch_gives(name: str) -> None:
    """On an odd-sided volume, where rounding shows."""
    truth = CALLS[name](torch.zeros(1, 6, 17, 23))
    traced = trace_module(_Calling(CALLS[name]), (6, 17, 23), (Stage("all", ("call",)),))
    assert traced.layers[-1].in_shape == tuple(truth.shape[1:])
    assert traced.layers[-1].out_shape == tuple(truth.shape[1:])
