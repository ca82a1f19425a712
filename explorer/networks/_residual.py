"""Residual blocks: the sum of a short stack of layers and its own input, and the same stack without the sum.

Shared by the ImageNet and the CIFAR-10 networks of He et al. 2015 (arXiv:1512.03385). Every block is called as
`block(n_in, n_out, stride)`; `residual=False` gives its plain twin: the same layers, no skip. Parameters are named as
in torchvision, so that its weights fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn
from torch.nn import functional

from explorer.networks._blocks import Add, ScaledAdd

BEHIND, BOTH = "behind", "both"


class ZeroPadShortcut(nn.Module):
    """Option A: every `stride`-th position, with zeros for the new channels. It has no parameters.

    The paper does not say where the zeros go. Here they come `BEHIND` the old channels, or half of them in front
    (`BOTH`), as in the most used public weights for CIFAR-10 (akamaster/pytorch_resnet_cifar10).
    """

    def __init__(self, n_in: int, n_out: int, stride: int, zeros: str = BEHIND) -> None:
        super().__init__()
        self.subsample = nn.MaxPool2d(kernel_size=1, stride=stride)
        new = n_out - n_in
        front = new // 2 if zeros == BOTH else 0
        self.new_channels = (front, new - front)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return functional.pad(self.subsample(x), (0, 0, 0, 0, *self.new_channels))  # (B, C', H/s, W/s)


def make_shortcut(option: str, n_in: int, n_out: int, stride: int, zeros: str = BEHIND) -> nn.Module | None:
    """The shortcut's projection to the shape of the sum; None where the input already has it (He et al., 3.3).

    A: zero padding. B: a projection (1x1, BN) where the width changes. C: a projection everywhere. Where only the
    stride differs, A and B keep every `stride`-th position.
    """
    if option == "C" or (option == "B" and n_in != n_out):
        return nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))
    if n_in != n_out:
        return ZeroPadShortcut(n_in, n_out, stride, zeros)
    return nn.MaxPool2d(kernel_size=1, stride=stride) if stride > 1 else None


class BasicBlock(nn.Module):
    """Basic block: 3x3, BN, ReLU, 3x3, BN, add, ReLU.

    Two departures for experiments: without `norm` the convolutions have biases instead of batch normalisation, and the
    skip can be added with a `strength` other than 1.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        stride: int = 1,
        *,
        shortcut: str = "B",
        zeros: str = BEHIND,
        residual: bool = True,
        norm: bool = True,
        strength: float = 1.0,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=not norm)
        self.bn1 = nn.BatchNorm2d(n_out) if norm else nn.Identity()
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=not norm)
        self.bn2 = nn.BatchNorm2d(n_out) if norm else nn.Identity()
        self.downsample = make_shortcut(shortcut, n_in, n_out, stride, zeros) if residual else None
        self.add = (Add() if strength == 1 else ScaledAdd(strength)) if residual else None
        self.relu2 = nn.ReLU()

    def zero_branch(self) -> None:
        """Set the branch's last parameters to zero: with a skip the block is then g(0 + a) = a, without one it is 0."""
        last = self.bn2 if isinstance(self.bn2, nn.BatchNorm2d) else self.conv2
        for parameter in last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        out: Tensor = self.relu1(self.bn1(self.conv1(x)))  # (B, C', H/s, W/s)
        out = self.bn2(self.conv2(out))
        if self.add is not None:
            out = self.add(out, x if self.downsample is None else self.downsample(x))
        activated: Tensor = self.relu2(out)
        return activated  # (B, C', H/s, W/s)


class Bottleneck(nn.Module):
    """Bottleneck: 1x1 (a quarter of the width), BN, ReLU, 3x3, BN, ReLU, 1x1, BN, add, ReLU.

    `stride_at` is the convolution that strides: the first "1x1" in the paper, the "3x3" in torchvision.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        stride: int = 1,
        *,
        shortcut: str = "B",
        stride_at: str = "3x3",
        residual: bool = True,
    ) -> None:
        super().__init__()
        width = n_out // 4
        stride_1x1, stride_3x3 = (stride, 1) if stride_at == "1x1" else (1, stride)
        self.conv1 = nn.Conv2d(n_in, width, 1, stride_1x1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, stride_3x3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, n_out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(n_out)
        self.downsample = make_shortcut(shortcut, n_in, n_out, stride) if residual else None
        self.add = Add() if residual else None
        self.relu3 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        out: Tensor = self.relu1(self.bn1(self.conv1(x)))  # (B, C'/4, H, W)
        out = self.relu2(self.bn2(self.conv2(out)))  # (B, C'/4, H/s, W/s)
        out = self.bn3(self.conv3(out))  # (B, C', H/s, W/s)
        if self.add is not None:
            out = self.add(out, x if self.downsample is None else self.downsample(x))
        activated: Tensor = self.relu3(out)
        return activated  # (B, C', H/s, W/s)


def stack(block: Callable[..., nn.Module], n_in: int, n_out: int, strides: Sequence[int]) -> nn.Sequential:
    """A stage: one block for each stride, the first of which changes the width."""
    widths = [n_in] + [n_out] * (len(strides) - 1)
    return nn.Sequential(*(block(width, n_out, stride) for width, stride in zip(widths, strides, strict=True)))
