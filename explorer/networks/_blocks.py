"""Building blocks shared by several families. Merges are modules, so that they can be hooked and are easy to find."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """Merge: element-wise sum of two volumes of one shape (the skip of a residual block)."""

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:  # (B, C, H, W), (B, C, H, W)
        return x + skip  # (B, C, H, W)


class ScaledAdd(nn.Module):
    """Merge: one volume plus `scale` times the other."""

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:  # (B, C, H, W), (B, C, H, W)
        return x + self.scale * skip  # (B, C, H, W)


class Concat(nn.Module):
    """Merge: concatenation of volumes of equal height and width along the channels."""

    def forward(self, *parts: Tensor) -> Tensor:  # n x (B, C_i, H, W)
        return torch.cat(parts, dim=1)  # (B, sum C_i, H, W)


class ConvBNReLU(nn.Sequential):
    """Convolution (no bias), BN, ReLU; `padding` defaults to "same" for odd kernels."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel: int | tuple[int, int],
        *,
        stride: int = 1,
        padding: int | tuple[int, int] | None = None,
        groups: int = 1,
    ) -> None:
        if padding is None:
            padding = kernel // 2 if isinstance(kernel, int) else (kernel[0] // 2, kernel[1] // 2)
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, padding, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU()
