"""MobileNets: depthwise separable convolutions, so that a network fits on a phone.

v1: Howard et al., MobileNets (arXiv 2017). A 3x3 on each map by itself (depthwise), then a 1x1 over the maps
(pointwise): about 1/n_C + 1/9 of the cost of a full 3x3. The width multiplier thins all layers at once.
v2: Sandler et al., MobileNetV2 (CVPR 2018). Inverted residual: expand 6x, filter depthwise, project without a
non-linearity, and add to the narrow input.
v3: Howard et al., Searching for MobileNetV3 (ICCV 2019). Found by search; squeeze-and-excitation, hard-swish, a
cheaper head. v1 is written here, v2 and v3 are torchvision's.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from explorer.networks._blocks import ConvBNReLU
from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


class DepthwiseSeparable(nn.Module):
    """Depthwise separable convolution: 3x3 depthwise, BN, ReLU, 1x1, BN, ReLU."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.dw = ConvBNReLU(n_in, n_in, 3, stride=stride, groups=n_in)
        self.pw = ConvBNReLU(n_in, n_out, 1)

    def forward(self, x: Tensor) -> Tensor:  # (B, n_in, H, W)
        mixed: Tensor = self.pw(self.dw(x))
        return mixed  # (B, n_out, H / stride, W / stride)


class MobileNetV1(nn.Sequential):
    """Table 1 of the paper; `width` multiplies the number of maps everywhere."""

    # maps and stride of dw1 ... dw13
    BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *5 * ((512, 1),), (1024, 2), (1024, 1))

    def __init__(self, classes: int = 1000, width: float = 1.0) -> None:
        super().__init__()
        n_in = int(32 * width)
        self.conv1 = ConvBNReLU(3, n_in, 3, stride=2)  # (B, 32, 112, 112)
        for number, (maps, stride) in enumerate(self.BLOCKS, start=1):
            n_out = int(maps * width)
            self.add_module(f"dw{number}", DepthwiseSeparable(n_in, n_out, stride))
            n_in = n_out
        self.gap = nn.AdaptiveAvgPool2d(1)  # (B, 1024, 1, 1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(n_in, classes)


def build_torchvision(version: str, classes: int = 1000, width: float = 1.0) -> nn.Module:
    """torchvision's MobileNet "v2", "v3_large" or "v3_small"; maps are rounded to multiples of 8."""
    return of_torchvision(f"mobilenet_{version}", classes, width_mult=width)


def features(first: int, last: int) -> tuple[str, ...]:
    """Paths of torchvision's numbered modules, `first` to `last` inclusive."""
    return tuple(f"features.{i}" for i in range(first, last + 1))


mobilenet = partial(NetworkSpec, family="mobilenet", input_shape=(3, 224, 224), classes=1000)
one_crop = partial(Published, "ImageNet", protocol="1 crop 224 (resize 256)", source="torchvision IMAGENET1K_V1")
one_crop_v2 = partial(Published, "ImageNet", protocol="1 crop 224 (resize 232)", source="torchvision IMAGENET1K_V2")
paper = partial(Published, "ImageNet", top5=None, protocol="1 crop 224")

V3_PAPER = Paper(
    "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam",
    "Searching for MobileNetV3",
    "ICCV 2019",
    "1905.02244",
)
V3_CONTROLS = (Control("width", 1.0, (0.35, 0.5, 0.75, 1.0, 1.25)),)

SPECS = (
    mobilenet(
        slug="mobilenet-v1",
        milestone=14,
        title="MobileNet v1",
        year=2017,
        paper=Paper(
            "Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam",
            "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
            "arXiv 2017",
            "1704.04861",
        ),
        build=MobileNetV1,
        stages=(
            Stage("stem", ("conv1",)),
            Stage("dw1", ("dw1",)),
            Stage("dw2-3", ("dw2", "dw3")),
            Stage("dw4-5", ("dw4", "dw5")),
            Stage("dw6-11", ("dw6", "dw7", "dw8", "dw9", "dw10", "dw11")),
            Stage("dw12-13", ("dw12", "dw13")),
            Stage("head", ("gap", "flatten", "fc")),
        ),
        cam_layer="dw13",
        lesson="mobilenet-v1",
        controls=(Control("width", 1.0, (0.25, 0.5, 0.75, 1.0)),),
        published=(
            paper(70.6, source="Howard et al. 2017, Table 6"),
            paper(68.4, source="Howard et al. 2017, Table 6, width 0.75"),
        ),
    ),
    mobilenet(
        slug="mobilenet-v2",
        torchvision="mobilenet_v2",
        milestone=15,
        title="MobileNet v2",
        year=2018,
        paper=Paper(
            "Sandler, Howard, Zhu, Zhmoginov, Chen",
            "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
            "CVPR 2018",
            "1801.04381",
        ),
        build=partial(build_torchvision, "v2"),
        stages=(
            Stage("stem", features(0, 0)),
            *(
                Stage(f"bottleneck{number}", features(first, last))
                for number, (first, last) in enumerate(
                    ((1, 1), (2, 3), (4, 6), (7, 10), (11, 13), (14, 16), (17, 17)), start=1
                )
            ),
            Stage("head", ("features.18", "classifier")),
        ),
        cam_layer="features.18",
        lesson="mobilenet-v2",
        controls=(Control("width", 1.0, (0.35, 0.5, 0.75, 1.0, 1.4)),),
        published=(
            one_crop(71.878, 90.286),
            one_crop_v2(72.154, 90.822),
            paper(72.0, source="Sandler et al. 2018, Table 4"),
        ),
    ),
    mobilenet(
        slug="mobilenet-v3-large",
        torchvision="mobilenet_v3_large",
        milestone=16,
        title="MobileNet v3-Large",
        year=2019,
        paper=V3_PAPER,
        build=partial(build_torchvision, "v3_large"),
        stages=(
            Stage("stem", features(0, 0)),
            Stage("bneck1", features(1, 1)),
            Stage("bneck2-3", features(2, 3)),
            Stage("bneck4-6", features(4, 6)),
            Stage("bneck7-10", features(7, 10)),
            Stage("bneck11-12", features(11, 12)),
            Stage("bneck13-15", features(13, 15)),
            Stage("head", ("features.16", "avgpool", "classifier")),
        ),
        cam_layer="features.16",
        lesson="mobilenet-v3",
        controls=V3_CONTROLS,
        published=(
            one_crop(74.042, 91.34),
            one_crop_v2(75.274, 92.566),
            paper(75.2, source="Howard et al. 2019, Table 3"),
        ),
    ),
    mobilenet(
        slug="mobilenet-v3-small",
        torchvision="mobilenet_v3_small",
        title="MobileNet v3-Small",
        year=2019,
        paper=V3_PAPER,
        build=partial(build_torchvision, "v3_small"),
        stages=(
            Stage("stem", features(0, 0)),
            Stage("bneck1", features(1, 1)),
            Stage("bneck2-3", features(2, 3)),
            Stage("bneck4-6", features(4, 6)),
            Stage("bneck7-8", features(7, 8)),
            Stage("bneck9-11", features(9, 11)),
            Stage("head", ("features.12", "avgpool", "classifier")),
        ),
        cam_layer="features.12",
        lesson="mobilenet-v3",
        controls=V3_CONTROLS,
        published=(one_crop(67.668, 87.402), paper(67.4, source="Howard et al. 2019, Table 3")),
    ),
)
