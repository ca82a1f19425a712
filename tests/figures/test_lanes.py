"""Lanes of what is interwoven: no network here is, so a small module that is."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.figures.lanes import branches
from explorer.records import Stage
from explorer.tracing import trace_module


class Interwoven(nn.Module):
    """Two convolutions, and two that read them: the third both, the fourth only the second."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.d = (nn.Conv2d(3, 3, 1) for _ in range(3))
        self.c = nn.Conv2d(6, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.a(x), self.b(x)
        return torch.cat([self.c(torch.cat([a, b], 1)), self.d(b)], 1)


def test_interwoven_branches_are_columns_of_equal_depth() -> None:
    layers = trace_module(Interwoven(), (3, 8, 8), (Stage("all", ("a", "b", "c", "d")),)).layers
    stacks = [[[layer.name for layer in lane] for lane in stack] for stack in branches(layers)]
    assert stacks[0] == [["a"], ["b"]]
    assert sorted(name for stack in stacks for lane in stack for name in lane) == sorted(r.name for r in layers[:-1])
    assert all(len(lane) == 1 for stack in stacks for lane in stack)
