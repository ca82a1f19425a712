"""BN-Inception, or Inception v2 (Ioffe, Szegedy 2015, arXiv:1502.03167).

The network batch normalisation was introduced with: GoogLeNet with BN behind every convolution, its 5x5 filters
replaced by two 3x3, and stride-2 modules instead of max pools between the stages. Trained with higher rates, it reached
GoogLeNet's accuracy in a fourteenth of the steps, without dropout and local response normalisation.
"""

from __future__ import annotations

from torch import nn

from explorer.networks._inception import Branches
from explorer.records import NetworkSpec, Paper, Published, Stage

Widths = tuple[int, int, int, int, int, str, int]

MODULES: dict[str, Widths] = {
    "3a": (64, 64, 64, 64, 96, "avg", 32),
    "3b": (64, 64, 96, 64, 96, "avg", 64),
    "3c": (0, 128, 160, 64, 96, "max", 0),
    "4a": (224, 64, 96, 96, 128, "avg", 128),
    "4b": (192, 96, 128, 96, 128, "avg", 128),
    "4c": (160, 128, 160, 128, 160, "avg", 128),
    "4d": (96, 128, 192, 160, 192, "avg", 128),
    "4e": (0, 128, 192, 192, 256, "max", 0),
    "5a": (352, 192, 320, 160, 224, "avg", 128),
    "5b": (352, 192, 320, 192, 224, "max", 128),
}
"""Figure 5 as printed: 1x1, reduce and 3x3, reduce and double 3x3, kind of pooling, its projection.

3c and 4e have stride 2, no 1x1 branch, and a pooling without projection. The branches of 4c and 4d add up to 608
channels, where the figure's own output column says 576.
"""


class Conv(nn.Sequential):
    """Convolution, BN, ReLU; a bias before BN is redundant, but Caffe's network has one."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int = 1, *, bias: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, padding=kernel // 2, bias=bias)
        self.bn = nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU()


class SeparableConv(nn.Sequential):
    """The paper's first layer: 7x7/2 on each colour alone (8 filters a colour), 1x1, BN, ReLU."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(n_in, 8 * n_in, 7, stride=2, padding=3, groups=n_in, bias=False)
        self.pointwise = nn.Conv2d(8 * n_in, n_out, 1, bias=False)
        self.bn = nn.BatchNorm2d(n_out)
        self.relu = nn.ReLU()


class Inception(Branches):
    """1x1 | 1x1, 3x3 | 1x1, 3x3, 3x3 | pool, 1x1; then concat. Without a 1x1 branch it has stride 2."""

    def __init__(self, n_in: int, widths: Widths, bias: bool) -> None:
        n1x1, reduce3, n3, reduce33, n33, kind, proj = widths
        stride = 1 if n1x1 else 2
        pool = (nn.AvgPool2d if kind == "avg" else nn.MaxPool2d)(3, stride, padding=1)
        branches: dict[str, nn.Module] = {"1x1": Conv(n_in, n1x1, 1, bias=bias)} if n1x1 else {}
        branches["3x3"] = nn.Sequential(Conv(n_in, reduce3, 1, bias=bias), Conv(reduce3, n3, 3, stride, bias=bias))
        branches["double_3x3"] = nn.Sequential(
            Conv(n_in, reduce33, 1, bias=bias), Conv(reduce33, n33, 3, bias=bias), Conv(n33, n33, 3, stride, bias=bias)
        )
        branches["pool"] = nn.Sequential(pool, Conv(n_in, proj, 1, bias=bias)) if proj else pool
        super().__init__(branches)
        self.n_out = n1x1 + n3 + n33 + (proj or n_in)


class BNInception(nn.Sequential):
    """Stem, ten Inception modules, global average pooling, linear."""

    def __init__(self, classes: int, conv_bias: bool, separable_stem: bool, proj_4c_4d: int) -> None:
        super().__init__()
        self.conv1 = SeparableConv(3, 64) if separable_stem else Conv(3, 64, 7, stride=2, bias=conv_bias)
        self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2_reduce = Conv(64, 64, 1, bias=conv_bias)
        self.conv2 = Conv(64, 192, 3, bias=conv_bias)
        self.pool2 = nn.MaxPool2d(3, stride=2, padding=1)
        n_in = 192
        for name, widths in MODULES.items():
            if name in ("4c", "4d"):
                widths = (*widths[:-1], proj_4c_4d)
            module = Inception(n_in, widths, conv_bias)
            self.add_module(f"inception{name}", module)
            n_in = module.n_out
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(n_in, classes)


def build(
    classes: int = 1000, conv_bias: bool = False, separable_stem: bool = False, proj_4c_4d: int = 128
) -> BNInception:
    """Figure 5 as printed, with a plain first convolution.

    Caffe's network has `conv_bias`; TF-slim's has `proj_4c_4d=96`, which makes the widths add up to the printed 576,
    and the `separable_stem` that the paper's text describes.
    """
    return BNInception(classes, conv_bias, separable_stem, proj_4c_4d)


SPECS = (
    NetworkSpec(
        slug="bn-inception",
        milestone=6,
        title="BN-Inception (v2)",
        family="inception",
        year=2015,
        paper=Paper(
            "Ioffe, Szegedy",
            "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift",
            "ICML 2015",
            "1502.03167",
        ),
        build=build,
        input_shape=(3, 224, 224),
        classes=1000,
        stages=(
            Stage("stem", ("conv1", "pool1", "conv2_reduce", "conv2", "pool2")),
            Stage("inception 3a-3c", ("inception3a", "inception3b", "inception3c")),
            Stage("inception 4a-4e", tuple(f"inception4{letter}" for letter in "abcde")),
            Stage("inception 5a-5b", ("inception5a", "inception5b")),
            Stage("head", ("avgpool", "flatten", "fc")),
        ),
        cam_layer="inception5b",
        lesson="bn-inception",
        published=(
            Published.errors("ImageNet", 25.2, 7.82, "1 crop 224", "Ioffe & Szegedy 2015, Figure 4"),
            Published.errors("ImageNet", 21.99, 5.82, "144 crops", "Ioffe & Szegedy 2015, Figure 4"),
            Published("ImageNet", 73.524, 91.562, "1 crop 224, Caffe's network", "Cadene pretrained-models README"),
            Published("ImageNet", 73.9, 91.8, "1 crop 224, TF-slim's network", "TF-slim README"),
        ),
    ),
)
