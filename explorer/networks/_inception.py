"""Building blocks of the later Inception networks: parallel branches, and short chains of convolutions."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from explorer.networks._blocks import Concat, ConvBNReLU

Kernel = int | tuple[int, int]


class Branches(nn.Module):
    """Parallel branches, concatenated along the channels. Each is named by its operations: "1x1", "3x3", "pool" ..."""

    def __init__(self, branches: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.branches = nn.ModuleDict(branches)
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        joined: Tensor = self.concat(*(branch(x) for branch in self.branches.values()))
        return joined  # (B, sum C_i, H', W')


def chain(n_in: int, *steps: tuple[Kernel, int]) -> nn.Sequential:
    """Padded convolutions (with BN and ReLU) one after the other, each given as (kernel, output channels)."""
    widths = [n_in, *(n_out for _, n_out in steps)]
    return nn.Sequential(*(ConvBNReLU(n, n_out, kernel) for n, (kernel, n_out) in zip(widths, steps, strict=False)))


def valid(n_in: int, n_out: int, stride: int = 1) -> ConvBNReLU:
    """A 3x3 convolution without padding, marked "V" in the papers' figures."""
    return ConvBNReLU(n_in, n_out, 3, stride=stride, padding=0)
