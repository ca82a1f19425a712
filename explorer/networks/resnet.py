"""ResNet (He, Zhang, Ren, Sun 2015, arXiv:1512.03385) and its plain twins.

A deeper plain network trains to a higher error, although its extra layers could have been identities. So a block is
asked only for the difference: it computes F(x) and puts out F(x) + x. Doing nothing then means F = 0, and the gradient
has a path without weights. 152 layers train; the ensemble won ILSVRC 2015.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from torch import Tensor, nn

from explorer.networks._residual import BasicBlock, Bottleneck, stack
from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

BASIC_WIDTHS = (64, 128, 256, 512)
BOTTLENECK_WIDTHS = (256, 512, 1024, 2048)
REPEATS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""Blocks in conv2_x to conv5_x (Table 1): basic blocks up to 34 layers, bottlenecks from 50 on."""


class ResNet(nn.Module):
    """7x7/2, 3x3/2 max pool, four stages of blocks, global average pooling, linear.

    A stage halves height and width in its first block; with `stride_last` (TF-slim's way) the three stages before the
    last one do it in their last block instead.
    """

    def __init__(
        self,
        block: Callable[..., nn.Module],
        repeats: Sequence[int],
        widths: Sequence[int],
        *,
        classes: int,
        stride_last: bool = False,
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        strides = [[1] * n for n in repeats]
        for stage, block_index in [(0, -1), (1, -1), (2, -1)] if stride_last else [(1, 0), (2, 0), (3, 0)]:
            strides[stage][block_index] = 2
        self.layer1 = stack(block, 64, widths[0], strides[0])
        self.layer2 = stack(block, widths[0], widths[1], strides[1])
        self.layer3 = stack(block, widths[1], widths[2], strides[2])
        self.layer4 = stack(block, widths[2], widths[3], strides[3])
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(widths[3], classes)

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 224, 224)
        x = self.relu(self.bn1(self.conv1(x)))  # (B, 64, 112, 112)
        x = self.maxpool(x)  # (B, 64, 56, 56)
        x = self.layer1(x)  # (B, 64 or 256, 56, 56)
        x = self.layer2(x)  # (B, 128 or 512, 28, 28)
        x = self.layer3(x)  # (B, 256 or 1024, 14, 14)
        x = self.layer4(x)  # (B, 512 or 2048, 7, 7)
        x = self.avgpool(x).flatten(1)  # (B, 512 or 2048)
        logits: Tensor = self.fc(x)
        return logits  # (B, classes)


def resnet(
    depth: int, classes: int = 1000, residual: bool = True, shortcut: str = "B", stride_at: str = "3x3"
) -> ResNet:
    """This package's ResNet of 18, 34, 50, 101 or 152 layers; with its defaults it computes the same as torchvision's.

    Without `residual` it is the plain network of that depth. `shortcut` is option A, B or C of the paper;
    `stride_at`: the strided convolution of a bottleneck: "1x1" (the paper), "3x3" (torchvision), "last" (TF-slim).
    """
    if depth < 50:
        basic = partial(BasicBlock, shortcut=shortcut, residual=residual)
        return ResNet(basic, REPEATS[depth], BASIC_WIDTHS, classes=classes)
    bottleneck = partial(Bottleneck, shortcut=shortcut, stride_at=stride_at, residual=residual)
    stride_last = stride_at == "last"
    return ResNet(bottleneck, REPEATS[depth], BOTTLENECK_WIDTHS, classes=classes, stride_last=stride_last)


def build(
    depth: int, classes: int = 1000, residual: bool = True, shortcut: str = "B", stride_at: str = "3x3"
) -> nn.Module:
    """torchvision's network for the default options, so that its weights fit; this package's for all others."""
    if residual and shortcut == "B" and stride_at == "3x3":
        return of_torchvision(f"resnet{depth}", classes)
    return resnet(depth, classes, residual, shortcut, stride_at)


PAPER = Paper("He, Zhang, Ren, Sun", "Deep Residual Learning for Image Recognition", "CVPR 2016", "1512.03385")
STAGES = (
    Stage("stem", ("conv1", "bn1", "relu", "maxpool")),
    Stage("conv2_x", ("layer1",)),
    Stage("conv3_x", ("layer2",)),
    Stage("conv4_x", ("layer3",)),
    Stage("conv5_x", ("layer4",)),
    Stage("head", ("avgpool", "fc")),
)
RESIDUAL = Control("residual", True, (True, False))
SHORTCUT = Control("shortcut", "B", ("A", "B", "C"))
STRIDE_AT = Control("stride_at", "3x3", ("3x3", "1x1", "last"))

TABLE_3 = "He et al. 2015, Table 3"


def _torchvision(top1: float, top5: float, weights: str = "IMAGENET1K_V1", resize: int = 256) -> Published:
    return Published("ImageNet", top1, top5, f"1 crop 224 (resize {resize})", f"torchvision {weights}")


def _ten_crop(top1: float, top5: float | None, option: str = "", source: str = TABLE_3) -> Published:
    return Published.errors("ImageNet", top1, top5, f"10-crop, option {option}" if option else "10-crop", source)


def _released(top1: float, top5: float) -> Published:
    source = "KaimingHe/deep-residual-networks README"
    return Published.errors("ImageNet", top1, top5, "1 crop 224, released Caffe model", source)


PUBLISHED = {
    18: (_torchvision(69.758, 89.078), _ten_crop(27.88, None, "A", "He et al. 2015, Table 2")),
    34: (
        _torchvision(73.314, 91.42),
        _ten_crop(25.03, 7.76, "A"),
        _ten_crop(24.52, 7.46, "B"),
        _ten_crop(24.19, 7.40, "C"),
    ),
    50: (
        _torchvision(76.13, 92.862),
        _torchvision(80.858, 95.434, "IMAGENET1K_V2", 232),
        _ten_crop(22.85, 6.71, "B"),
        _released(24.7, 7.8),
    ),
    101: (
        _torchvision(77.374, 93.546),
        _torchvision(81.886, 95.78, "IMAGENET1K_V2", 232),
        _ten_crop(21.75, 6.05, "B"),
        _released(23.6, 7.1),
    ),
    152: (
        _torchvision(78.312, 94.046),
        _torchvision(82.284, 96.002, "IMAGENET1K_V2", 232),
        _ten_crop(21.43, 5.71, "B"),
        _released(23.0, 6.7),
    ),
}
PLAIN_PUBLISHED = {
    18: (_ten_crop(27.94, None, source="He et al. 2015, Table 2"),),
    34: (_ten_crop(28.54, 10.02),),
}


def _spec(depth: int) -> NetworkSpec:
    return NetworkSpec(
        slug=f"resnet{depth}",
        title=f"ResNet-{depth}",
        family="resnet",
        year=2015,
        paper=PAPER,
        build=partial(build, depth),
        input_shape=(3, 224, 224),
        classes=1000,
        stages=STAGES,
        cam_layer="layer4",
        lesson="resnet",
        torchvision=f"resnet{depth}",
        controls=(RESIDUAL, SHORTCUT if depth < 50 else STRIDE_AT),
        published=PUBLISHED[depth],
    )


def _plain_spec(depth: int) -> NetworkSpec:
    return replace(
        _spec(depth),
        slug=f"plain{depth}",
        title=f"Plain-{depth}",
        build=partial(build, depth, residual=False),
        lesson="plain",
        torchvision="",
        controls=(),
        published=PLAIN_PUBLISHED[depth],
    )


SPECS = (
    _plain_spec(18),
    _plain_spec(34),
    _spec(18),
    _spec(34),
    replace(_spec(50), milestone=8),
    _spec(101),
    _spec(152),
)
