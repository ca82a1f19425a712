"""Inception-ResNet v1 and v2 (Szegedy, Ioffe, Vanhoucke, Alemi 2016, arXiv:1602.07261).

Inception modules as residual functions: the branches are joined, a linear 1x1 brings them back to the width of the
input, and the result, scaled down, is added to it. The sum makes training faster than that of Inception v3 and v4 at
the same cost; the small factor keeps it stable where there are more than a thousand filters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor, nn

from explorer.networks._blocks import Add, ConvBNReLU
from explorer.networks._inception import Branches, Kernel, chain, valid
from explorer.networks.inception_v4 import PAPER, ReductionA, Stem as StemV4
from explorer.records import NetworkSpec, Published, Stage

Steps = Sequence[tuple[Kernel, int]]


class Scale(nn.Module):
    """Multiplication of a volume by a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return x * self.factor  # (B, C, H, W)


class InceptionResidual(nn.Module):
    """Branches, concat, linear 1x1 to the input's width, scale, add, ReLU. Without a `scale`: no scale and no ReLU."""

    def __init__(self, n: int, branches: Sequence[Steps], scale: float | None) -> None:
        super().__init__()
        self.branches = Branches({f"branch{i}": chain(n, *steps) for i, steps in enumerate(branches, start=1)})
        self.linear = nn.Conv2d(sum(steps[-1][1] for steps in branches), n, 1)
        self.scale = None if scale is None else Scale(scale)
        self.add = Add()
        self.relu = None if scale is None else nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # (B, n, H, W)
        out: Tensor = self.linear(self.branches(x))
        if self.scale is not None:
            out = self.scale(out)
        out = self.add(out, x)
        if self.relu is not None:
            out = self.relu(out)
        return out  # (B, n, H, W)


class ReductionB(Branches):
    """max pool | 1x1, 3x3/2 | 1x1, 3x3/2 | 1x1, 3x3, 3x3/2; then concat. Every 1x1 has 256 channels."""

    def __init__(self, n_in: int, first: int, second: int, third: tuple[int, int]) -> None:
        middle, n_out = third
        super().__init__(
            {
                "pool": nn.MaxPool2d(3, stride=2),
                "branch1": nn.Sequential(*chain(n_in, (1, 256)), valid(256, first, stride=2)),
                "branch2": nn.Sequential(*chain(n_in, (1, 256)), valid(256, second, stride=2)),
                "branch3": nn.Sequential(*chain(n_in, (1, 256), (3, middle)), valid(middle, n_out, stride=2)),
            }
        )


def _entry() -> nn.Sequential:
    """299x299x3 to 71x71x192, as in Inception v3."""
    return nn.Sequential(
        valid(3, 32, stride=2),
        valid(32, 32),
        ConvBNReLU(32, 64, 3),
        nn.MaxPool2d(3, stride=2),
        ConvBNReLU(64, 80, 1),
        valid(80, 192),
    )


def stem_v1() -> nn.Sequential:
    """299x299x3 to 35x35x256, without branches (Figure 14)."""
    return nn.Sequential(*_entry(), valid(192, 256, stride=2))


def stem_v2() -> nn.Sequential:
    """299x299x3 to 35x35x320: the released network's, which ends in an Inception module."""
    mixed = {
        "1x1": ConvBNReLU(192, 96, 1),
        "5x5": chain(192, (1, 48), (5, 64)),
        "double_3x3": chain(192, (1, 64), (3, 96), (3, 96)),
        "pool": nn.Sequential(nn.AvgPool2d(3, stride=1, padding=1), ConvBNReLU(192, 64, 1)),
    }
    return nn.Sequential(*_entry(), nn.MaxPool2d(3, stride=2), Branches(mixed))


@dataclass(frozen=True)
class Recipe:
    """The widths of one version, in the order of the network.

    `n_stem` is what `stem` puts out. `a`, `b`, `c` are the branches of the three kinds of block and `repeats` how
    often each comes; `reduction_a` and `reduction_b` are the arguments of the modules between. With `open_end` the
    last block has neither scale nor ReLU. `top` is the width of a 1x1 convolution before the pooling, if there is one.
    """

    stem: Callable[[], nn.Sequential]
    n_stem: int
    a: tuple[Steps, ...]
    reduction_a: tuple[int, tuple[int, int, int]]
    b: tuple[Steps, ...]
    reduction_b: tuple[int, int, tuple[int, int]]
    c: tuple[Steps, ...]
    repeats: tuple[int, int, int] = (5, 10, 5)
    open_end: bool = False
    top: int = 0


V1 = Recipe(
    stem=stem_v1,
    n_stem=256,
    a=([(1, 32)], [(1, 32), (3, 32)], [(1, 32), (3, 32), (3, 32)]),
    reduction_a=(384, (192, 192, 256)),
    b=([(1, 128)], [(1, 128), ((1, 7), 128), ((7, 1), 128)]),
    reduction_b=(384, 256, (256, 256)),
    c=([(1, 192)], [(1, 192), ((1, 3), 192), ((3, 1), 192)]),
)
"""Figures 10 to 15."""

FACENET = replace(V1, repeats=(5, 10, 6), open_end=True)
"""The variant that FaceNet's re-implementations train on faces."""

V2_PRINTED = Recipe(
    stem=StemV4,
    n_stem=384,
    a=([(1, 32)], [(1, 32), (3, 32)], [(1, 32), (3, 48), (3, 64)]),
    reduction_a=(384, (256, 256, 384)),
    b=([(1, 192)], [(1, 128), ((1, 7), 160), ((7, 1), 192)]),
    reduction_b=(384, 288, (288, 320)),
    c=([(1, 192)], [(1, 192), ((1, 3), 224), ((3, 1), 256)]),
)
"""Figures 15 to 19; their widths 1154 and 2048 do not add up, the branches give 1152 and 2144."""

V2 = replace(V2_PRINTED, stem=stem_v2, n_stem=320, repeats=(10, 20, 10), open_end=True, top=1536)
"""The released network (TF-slim), whose accuracy is the one quoted."""


class InceptionResNet(nn.Sequential):
    """Stem, A blocks, reduction, B blocks, reduction, C blocks, global average pooling, dropout, linear.

    `bottleneck` puts a linear layer of that width (with BN) before the classifier: FaceNet's embedding.
    """

    def __init__(self, recipe: Recipe, classes: int, bottleneck: int = 0) -> None:
        super().__init__()
        n_a, n_b, n_c = recipe.repeats
        n = recipe.n_stem
        self.stem = recipe.stem()
        self.inception_resnet_a = nn.Sequential(*(InceptionResidual(n, recipe.a, 0.17) for _ in range(n_a)))
        self.reduction_a = ReductionA(n, *recipe.reduction_a)
        n += recipe.reduction_a[0] + recipe.reduction_a[1][-1]
        self.inception_resnet_b = nn.Sequential(*(InceptionResidual(n, recipe.b, 0.1) for _ in range(n_b)))
        self.reduction_b = ReductionB(n, *recipe.reduction_b)
        n += recipe.reduction_b[0] + recipe.reduction_b[1] + recipe.reduction_b[2][-1]
        self.inception_resnet_c = nn.Sequential(*(InceptionResidual(n, recipe.c, 0.2) for _ in range(n_c)))
        if recipe.open_end:
            self.inception_resnet_c[-1] = InceptionResidual(n, recipe.c, scale=None)
        if recipe.top:
            self.conv = ConvBNReLU(n, recipe.top, 1)
            n = recipe.top
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)  # the paper keeps 0.8
        if bottleneck:
            self.embedding = nn.Sequential(nn.Linear(n, bottleneck, bias=False), nn.BatchNorm1d(bottleneck))
            n = bottleneck
        self.fc = nn.Linear(n, classes)


def build_v1(classes: int = 1000, facenet: bool = False) -> InceptionResNet:
    """The network of the paper's figures, or the `facenet` variant with its 512 numbers for a face."""
    return InceptionResNet(FACENET, classes, bottleneck=512) if facenet else InceptionResNet(V1, classes)


def build_v2(classes: int = 1000, as_printed: bool = False) -> InceptionResNet:
    """The released network, or the smaller one that the paper's figures describe."""
    return InceptionResNet(V2_PRINTED if as_printed else V2, classes)


def _stages(a: int, b: int, c: int, *head: str) -> tuple[Stage, ...]:
    return (
        Stage("stem", ("stem",)),
        Stage(f"{a} x A", ("inception_resnet_a",)),
        Stage("reduction A", ("reduction_a",)),
        Stage(f"{b} x B", ("inception_resnet_b",)),
        Stage("reduction B", ("reduction_b",)),
        Stage(f"{c} x C", ("inception_resnet_c",)),
        Stage("head", (*head, "avgpool", "flatten", "dropout", "fc")),
    )


_spec = partial(
    NetworkSpec,
    family="inception",
    year=2016,
    paper=PAPER,
    input_shape=(3, 299, 299),
    classes=1000,
    lesson="inception-resnet",
)
TABLE_2 = "Szegedy et al. 2016, Table 2"

SPECS = (
    _spec(
        slug="inception-resnet-v1",
        title="Inception-ResNet v1",
        build=build_v1,
        stages=_stages(5, 10, 5),
        cam_layer="inception_resnet_c",
    ),
    _spec(
        slug="inception-resnet-v2",
        milestone=11,
        title="Inception-ResNet v2",
        build=build_v2,
        stages=_stages(10, 20, 10, "conv"),
        cam_layer="conv",
        published=(
            Published.errors("ImageNet", 19.9, 4.9, "1 crop 299", TABLE_2),
            Published("ImageNet", 80.434, 95.312, "1 crop 299", "timm inception_resnet_v2.tf_in1k"),
        ),
    ),
)
