"""Inception v4 (Szegedy, Ioffe, Vanhoucke, Alemi 2016, arXiv:1602.07261).

Inception v3 tidied up: one module type for each grid size (A at 35x35, B at 17x17, C at 8x8), a reduction module
between them, and a stem that branches too. All widths stand in Figures 3 to 9 of the paper.
"""

from __future__ import annotations

from torch import nn

from explorer.networks._blocks import ConvBNReLU
from explorer.networks._inception import Branches, chain, valid
from explorer.records import NetworkSpec, Paper, Published, Stage


def _average_pool(n_in: int, n_out: int) -> nn.Sequential:
    """3x3 average pool keeping height and width, 1x1."""
    return nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), ConvBNReLU(n_in, n_out, 1))


class Stem(nn.Sequential):
    """299x299x3 to 35x35x384 in three plain convolutions and three forks (Figure 3)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = valid(3, 32, stride=2)  # (B, 32, 149, 149)
        self.conv2 = valid(32, 32)  # (B, 32, 147, 147)
        self.conv3 = ConvBNReLU(32, 64, 3)  # (B, 64, 147, 147)
        self.mixed1 = Branches({"pool": nn.MaxPool2d(3, stride=2), "3x3": valid(64, 96, stride=2)})  # (B, 160, 73, 73)
        self.mixed2 = Branches(
            {
                "3x3": nn.Sequential(*chain(160, (1, 64)), valid(64, 96)),
                "7x7": nn.Sequential(*chain(160, (1, 64), ((7, 1), 64), ((1, 7), 64)), valid(64, 96)),
            }
        )  # (B, 192, 71, 71)
        self.mixed3 = Branches(
            {"3x3": valid(192, 192, stride=2), "pool": nn.MaxPool2d(3, stride=2)}
        )  # (B, 384, 35, 35)


class InceptionA(Branches):
    """pool, 1x1 | 1x1 | 1x1, 3x3 | 1x1, 3x3, 3x3; then concat (Figure 4)."""

    def __init__(self) -> None:
        super().__init__(
            {
                "pool": _average_pool(384, 96),
                "1x1": ConvBNReLU(384, 96, 1),
                "3x3": chain(384, (1, 64), (3, 96)),
                "double_3x3": chain(384, (1, 64), (3, 96), (3, 96)),
            }
        )


class InceptionB(Branches):
    """pool, 1x1 | 1x1 | 1x1, 1x7, 7x1 | 1x1, 1x7, 7x1, 1x7, 7x1; then concat (Figure 5)."""

    def __init__(self) -> None:
        super().__init__(
            {
                "pool": _average_pool(1024, 128),
                "1x1": ConvBNReLU(1024, 384, 1),
                "7x7": chain(1024, (1, 192), ((1, 7), 224), ((7, 1), 256)),
                "double_7x7": chain(1024, (1, 192), ((1, 7), 192), ((7, 1), 224), ((1, 7), 224), ((7, 1), 256)),
            }
        )


def _fork(n_in: int) -> Branches:
    """1x3 | 3x1; then concat: the last convolutions of Inception-C."""
    return Branches({"1x3": ConvBNReLU(n_in, 256, (1, 3)), "3x1": ConvBNReLU(n_in, 256, (3, 1))})


class InceptionC(Branches):
    """pool, 1x1 | 1x1 | 1x1, (1x3 | 3x1) | 1x1, 1x3, 3x1, (1x3 | 3x1); then concat (Figure 6)."""

    def __init__(self) -> None:
        super().__init__(
            {
                "pool": _average_pool(1536, 256),
                "1x1": ConvBNReLU(1536, 256, 1),
                "3x3": nn.Sequential(*chain(1536, (1, 384)), _fork(384)),
                "double_3x3": nn.Sequential(*chain(1536, (1, 384), ((1, 3), 448), ((3, 1), 512)), _fork(512)),
            }
        )


class ReductionA(Branches):
    """max pool | 3x3/2 | 1x1, 3x3, 3x3/2; then concat (Figure 7, where `n3` is called n and `n33` is k, l, m)."""

    def __init__(self, n_in: int, n3: int, n33: tuple[int, int, int]) -> None:
        k, middle, m = n33
        super().__init__(
            {
                "pool": nn.MaxPool2d(3, stride=2),
                "3x3": valid(n_in, n3, stride=2),
                "double_3x3": nn.Sequential(*chain(n_in, (1, k), (3, middle)), valid(middle, m, stride=2)),
            }
        )


class ReductionB(Branches):
    """max pool | 1x1, 3x3/2 | 1x1, 1x7, 7x1, 3x3/2; then concat (Figure 8)."""

    def __init__(self) -> None:
        super().__init__(
            {
                "pool": nn.MaxPool2d(3, stride=2),
                "3x3": nn.Sequential(*chain(1024, (1, 192)), valid(192, 192, stride=2)),
                "7x7": nn.Sequential(*chain(1024, (1, 256), ((1, 7), 256), ((7, 1), 320)), valid(320, 320, stride=2)),
            }
        )


class InceptionV4(nn.Sequential):
    """Stem, 4 x A, reduction, 7 x B, reduction, 3 x C, global average pooling, dropout, linear (Figure 9)."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.stem = Stem()  # (B, 384, 35, 35)
        self.inception_a = nn.Sequential(*(InceptionA() for _ in range(4)))  # (B, 384, 35, 35)
        self.reduction_a = ReductionA(384, 384, (192, 224, 256))  # (B, 1024, 17, 17)
        self.inception_b = nn.Sequential(*(InceptionB() for _ in range(7)))  # (B, 1024, 17, 17)
        self.reduction_b = ReductionB()  # (B, 1536, 8, 8)
        self.inception_c = nn.Sequential(*(InceptionC() for _ in range(3)))  # (B, 1536, 8, 8)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)  # the paper keeps 0.8
        self.fc = nn.Linear(1536, classes)


def build(classes: int = 1000) -> InceptionV4:
    """The network of Figure 9."""
    return InceptionV4(classes)


PAPER = Paper(
    "Szegedy, Ioffe, Vanhoucke, Alemi",
    "Inception-v4, Inception-ResNet and the Impact of Residual Connections on Learning",
    "AAAI 2017",
    "1602.07261",
)

SPECS = (
    NetworkSpec(
        slug="inception-v4",
        milestone=10,
        title="Inception v4",
        family="inception",
        year=2016,
        paper=PAPER,
        build=build,
        input_shape=(3, 299, 299),
        classes=1000,
        stages=(
            Stage("stem", ("stem",)),
            Stage("4 x A", ("inception_a",)),
            Stage("reduction A", ("reduction_a",)),
            Stage("7 x B", ("inception_b",)),
            Stage("reduction B", ("reduction_b",)),
            Stage("3 x C", ("inception_c",)),
            Stage("head", ("avgpool", "flatten", "dropout", "fc")),
        ),
        cam_layer="inception_c",
        lesson="inception-v4",
        published=(
            Published.errors("ImageNet", 20.0, 5.0, "1 crop 299, without blacklisted", "Szegedy et al. 2016, Table 2"),
            Published("ImageNet", 80.144, 94.982, "1 crop 299", "timm inception_v4.tf_in1k"),
        ),
    ),
)
