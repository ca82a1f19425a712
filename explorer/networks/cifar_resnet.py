"""Residual and plain networks for CIFAR-10 (He, Zhang, Ren, Sun 2015, section 4.2, arXiv:1512.03385).

The paper's controlled experiment: 6n + 2 layers, thin (16, 32, 64 channels), and shortcuts without parameters, so that
a residual network and its plain twin have the same depth, width, parameters and cost. Only the sum differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from torch import Tensor, nn

from explorer.networks._residual import BEHIND, BOTH, BasicBlock, stack
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


class CifarResNet(nn.Module):
    """3x3 of `width` channels, three stages of `repeats` basic blocks, global average pooling, linear."""

    def __init__(
        self,
        block: Callable[..., nn.Module],
        repeats: int,
        *,
        classes: int,
        width: int = 16,
        channels: int = 3,
        norm: bool = True,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, padding=1, bias=not norm)
        self.bn1 = nn.BatchNorm2d(width) if norm else nn.Identity()
        self.relu = nn.ReLU()
        self.layer1 = stack(block, width, width, [1] * repeats)
        self.layer2 = stack(block, width, 2 * width, [2] + [1] * (repeats - 1))
        self.layer3 = stack(block, 2 * width, 4 * width, [2] + [1] * (repeats - 1))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32), with the paper's width of 16
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 16, 32, 32)
        x = self.layer1(x)  # (B, 16, 32, 32)
        x = self.layer2(x)  # (B, 32, 16, 16)
        x = self.layer3(x)  # (B, 64, 8, 8)
        x = self.avgpool(x).flatten(1)  # (B, 64)
        logits: Tensor = self.fc(x)
        return logits  # (B, classes)


def build(
    depth: int,
    classes: int = 10,
    residual: bool = True,
    shortcut: str = "A",
    zeros: str = BEHIND,
    width: int = 16,
    channels: int = 3,
) -> CifarResNet:
    """The network of `depth` = 6n + 2 layers; without `residual`, its plain twin."""
    block = partial(BasicBlock, shortcut=shortcut, residual=residual, zeros=zeros)
    return CifarResNet(block, (depth - 2) // 6, classes=classes, width=width, channels=channels)


def build_thin(
    classes: int = 10,
    depth: int = 20,
    base: int = 8,
    residual: bool = True,
    norm: bool = True,
    strength: float = 1.0,
    channels: int = 3,
) -> CifarResNet:
    """The same network for experiments: `base` channels first, with and without batch norm, a skip of any strength."""
    block = partial(BasicBlock, shortcut="A", residual=residual, norm=norm, strength=strength)
    return CifarResNet(block, (depth - 2) // 6, classes=classes, width=base, channels=channels, norm=norm)


PAPER = Paper("He, Zhang, Ren, Sun", "Deep Residual Learning for Image Recognition", "CVPR 2016", "1512.03385")
STAGES = (
    Stage("stem", ("conv1", "bn1", "relu")),
    Stage("32x32", ("layer1",)),
    Stage("16x16", ("layer2",)),
    Stage("8x8", ("layer3",)),
    Stage("head", ("avgpool", "fc")),
)


def _test_error(percent: float, protocol: str = "test set") -> Published:
    return Published.errors("CIFAR-10", percent, None, protocol, "He et al. 2015, Table 6")


PUBLISHED = {
    20: (_test_error(8.75),),
    32: (_test_error(7.51),),
    44: (_test_error(7.17),),
    56: (_test_error(6.97),),
    110: (_test_error(6.43, "test set, best of 5 runs"), _test_error(6.61, "test set, mean of 5 runs")),
    1202: (_test_error(7.93),),
}
"""The paper prints no number for its plain networks: they are curves in Figure 6."""

PLAIN_DEPTHS = (20, 32, 44, 56, 110)


def _spec(depth: int) -> NetworkSpec:
    return NetworkSpec(
        slug=f"cifar-resnet{depth}",
        title=f"ResNet-{depth} (CIFAR-10)",
        family="resnet",
        year=2015,
        paper=PAPER,
        build=partial(build, depth),
        input_shape=(3, 32, 32),
        classes=10,
        stages=STAGES,
        cam_layer="layer3",
        lesson="cifar-resnet",
        controls=(
            Control("residual", True, (True, False)),
            Control("shortcut", "A", ("A", "B")),
            Control("zeros", BEHIND, (BEHIND, BOTH)),
        ),
        published=PUBLISHED[depth],
        depth=depth,
        twin=f"cifar-plain{depth}" if depth in PLAIN_DEPTHS else "",
    )


def _plain_spec(depth: int) -> NetworkSpec:
    return replace(
        _spec(depth),
        slug=f"cifar-plain{depth}",
        title=f"Plain-{depth} (CIFAR-10)",
        build=partial(build, depth, residual=False),
        lesson="plain",
        controls=(),
        published=(),
        twin=f"cifar-resnet{depth}",
        plain=True,
    )


def _thin_spec() -> NetworkSpec:
    return replace(
        _spec(20),
        slug="thin-resnet",
        title="Thin ResNet (lab)",
        build=build_thin,
        controls=(
            Control("depth", 20, (8, 14, 20, 26, 32, 38, 44, 50, 56, 110)),
            Control("base", 8, (4, 8, 16, 32)),
            Control("residual", True, (True, False)),
            Control("norm", True, (True, False)),
            Control("strength", 1.0, low=0.0, high=2.0, step=0.05),
        ),
        published=(),
        twin="",
    )


SPECS = (
    *(_plain_spec(depth) for depth in PLAIN_DEPTHS),
    *(_spec(depth) for depth in (20, 32, 44, 56, 110, 1202)),
    _thin_spec(),
)
