"""Pre-activation ResNet (He, Zhang, Ren, Sun 2016, arXiv:1603.05027).

BN and ReLU move from behind the sum to the front of each unit, so that nothing but sums lies on the way from any unit
to any later one: x_L = x_l + the sum of all F(x_i) between. 1001 layers train, and better than 110 did.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from torch import Tensor, nn

from explorer.networks._blocks import Add
from explorer.networks._residual import ZeroPadShortcut
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


class PreActUnit(nn.Module):
    """BN, ReLU, `body`, add. A projection takes the activated volume; an identity or zero padding takes x itself.

    The very first unit has no BN and ReLU of its own: they are the last layers of the stem, before the paths split.
    `residual=False` gives the plain twin.
    """

    def __init__(
        self, n_in: int, n_out: int, stride: int, body: nn.Sequential, *, shortcut: str, first: bool, residual: bool
    ) -> None:
        super().__init__()
        activation = OrderedDict[str, nn.Module](bn1=nn.BatchNorm2d(n_in), relu1=nn.ReLU())
        self.activation = None if first else nn.Sequential(activation)
        self.body = body
        widens = residual and n_in != n_out
        self.projection = nn.Conv2d(n_in, n_out, 1, stride, bias=False) if widens and shortcut == "B" else None
        self.pad = ZeroPadShortcut(n_in, n_out, stride) if widens and shortcut == "A" else None
        self.add = Add() if residual else None

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        activated: Tensor = x if self.activation is None else self.activation(x)
        out: Tensor = self.body(activated)  # (B, C', H/s, W/s)
        if self.add is None:
            return out
        if self.projection is not None:
            out = self.add(out, self.projection(activated))
        elif self.pad is not None:
            out = self.add(out, self.pad(x))
        else:
            out = self.add(out, x)
        return out  # (B, C', H/s, W/s)


class PreActBasic(PreActUnit):
    """Basic unit: BN, ReLU, 3x3, BN, ReLU, 3x3, add."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        stride: int = 1,
        *,
        shortcut: str = "B",
        first: bool = False,
        residual: bool = True,
    ) -> None:
        body = OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(n_in, n_out, 3, stride, padding=1, bias=False),
            bn2=nn.BatchNorm2d(n_out),
            relu2=nn.ReLU(),
            conv2=nn.Conv2d(n_out, n_out, 3, padding=1, bias=False),
        )
        super().__init__(n_in, n_out, stride, nn.Sequential(body), shortcut=shortcut, first=first, residual=residual)


class PreActBottleneck(PreActUnit):
    """Bottleneck unit: BN, ReLU, 1x1 (a quarter of the width), BN, ReLU, 3x3, BN, ReLU, 1x1, add."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        stride: int = 1,
        *,
        stride_at: str = "1x1",
        first: bool = False,
        residual: bool = True,
    ) -> None:
        width = n_out // 4
        stride_1x1, stride_3x3 = (stride, 1) if stride_at == "1x1" else (1, stride)
        body = OrderedDict[str, nn.Module](
            conv1=nn.Conv2d(n_in, width, 1, stride_1x1, bias=False),
            bn2=nn.BatchNorm2d(width),
            relu2=nn.ReLU(),
            conv2=nn.Conv2d(width, width, 3, stride_3x3, padding=1, bias=False),
            bn3=nn.BatchNorm2d(width),
            relu3=nn.ReLU(),
            conv3=nn.Conv2d(width, n_out, 1, bias=False),
        )
        super().__init__(n_in, n_out, stride, nn.Sequential(body), shortcut="B", first=first, residual=residual)


class PreActResNet(nn.Sequential):
    """Stem (ending in BN, ReLU), stages of units, BN, ReLU, global average pooling, linear.

    `small` is the stem for 32x32 images (3x3, 16 channels) instead of ImageNet's (7x7/2, 64 channels, max pool).
    """

    def __init__(
        self,
        unit: Callable[..., PreActUnit],
        repeats: Sequence[int],
        widths: Sequence[int],
        *,
        small: bool,
        classes: int,
    ) -> None:
        super().__init__()
        n_in = 16 if small else 64
        kernel, stride = (3, 1) if small else (7, 2)
        self.conv1 = nn.Conv2d(3, n_in, kernel, stride, padding=kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(n_in)
        self.relu1 = nn.ReLU()
        if not small:
            self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        for stage, (n, n_out) in enumerate(zip(repeats, widths, strict=True), start=1):
            head = unit(n_in, n_out, 1 if stage == 1 else 2, first=stage == 1)
            self.add_module(f"layer{stage}", nn.Sequential(head, *(unit(n_out, n_out) for _ in range(n - 1))))
            n_in = n_out
        self.last_bn = nn.BatchNorm2d(n_in)
        self.last_relu = nn.ReLU()
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(n_in, classes)


def build_cifar(depth: int, classes: int = 10, residual: bool = True, bottleneck: bool = False) -> PreActResNet:
    """6n + 2 layers of basic units with zero-padding shortcuts, or 9n + 2 layers of bottleneck units."""
    if bottleneck:
        unit: Callable[..., PreActUnit] = partial(PreActBottleneck, residual=residual)
        return PreActResNet(unit, [(depth - 2) // 9] * 3, (64, 128, 256), small=True, classes=classes)
    unit = partial(PreActBasic, shortcut="A", residual=residual)
    return PreActResNet(unit, [(depth - 2) // 6] * 3, (16, 32, 64), small=True, classes=classes)


REPEATS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}


def build(depth: int, classes: int = 1000, residual: bool = True, stride_at: str = "1x1") -> PreActResNet:
    """The ImageNet network of 18, 34 (basic units), 50, 101, 152 or 200 layers (bottleneck units)."""
    if depth < 50:
        unit: Callable[..., PreActUnit] = partial(PreActBasic, residual=residual)
        widths = (64, 128, 256, 512)
    else:
        unit = partial(PreActBottleneck, residual=residual, stride_at=stride_at)
        widths = (256, 512, 1024, 2048)
    return PreActResNet(unit, REPEATS[depth], widths, small=False, classes=classes)


PAPER = Paper("He, Zhang, Ren, Sun", "Identity Mappings in Deep Residual Networks", "ECCV 2016", "1603.05027")
RESIDUAL = Control("residual", True, (True, False))
STRIDE_AT = Control("stride_at", "1x1", ("1x1", "3x3"))
HEAD = Stage("head", ("last_bn", "last_relu", "avgpool", "flatten", "fc"))
CIFAR_STAGES = (
    Stage("stem", ("conv1", "bn1", "relu1")),
    Stage("32x32", ("layer1",)),
    Stage("16x16", ("layer2",)),
    Stage("8x8", ("layer3",)),
    HEAD,
)
IMAGENET_STAGES = (
    Stage("stem", ("conv1", "bn1", "relu1", "maxpool")),
    Stage("conv2_x", ("layer1",)),
    Stage("conv3_x", ("layer2",)),
    Stage("conv4_x", ("layer3",)),
    Stage("conv5_x", ("layer4",)),
    HEAD,
)


def _cifar_spec(depth: int, bottleneck: bool, published: tuple[Published, ...]) -> NetworkSpec:
    return NetworkSpec(
        slug=f"preact-resnet{depth}-cifar",
        title=f"Pre-activation ResNet-{depth} (CIFAR-10)",
        family="resnet",
        year=2016,
        paper=PAPER,
        build=partial(build_cifar, bottleneck=bottleneck, depth=depth),
        input_shape=(3, 32, 32),
        classes=10,
        stages=CIFAR_STAGES,
        cam_layer="last_relu",
        lesson="preact-resnet",
        controls=(RESIDUAL,),
        published=published,
    )


def _imagenet_spec(depth: int, published: tuple[Published, ...]) -> NetworkSpec:
    return NetworkSpec(
        slug=f"preact-resnet{depth}",
        title=f"Pre-activation ResNet-{depth}",
        family="resnet",
        year=2016,
        paper=PAPER,
        build=partial(build, depth=depth),
        input_shape=(3, 224, 224),
        classes=1000,
        stages=IMAGENET_STAGES,
        cam_layer="last_relu",
        lesson="preact-resnet",
        controls=(RESIDUAL, STRIDE_AT),
        published=published,
    )


def _test_error(percent: float, protocol: str, source: str) -> Published:
    return Published.errors("CIFAR-10", percent, None, protocol, source)


def _one_crop_320(top1: float, top5: float, note: str = "") -> Published:
    return Published.errors("ImageNet", top1, top5, f"1 crop 320{note}", "He et al. 2016, Table 5")


# Wightman, Touvron, Jégou 2021 (arXiv:2110.00476) train a ResNet-50 several points higher by their recipe A1 alone.
TIMM = Published(
    "ImageNet", 81.406, 95.712, "1 crop 288, recipe of 2021 (A1), stride at 3x3", "timm resnetv2_50.a1h_in1k"
)
README = "KaimingHe/resnet-1k-layers README"
SPECS = (
    _cifar_spec(110, False, (_test_error(6.37, "test set", "He et al. 2016, Table 3"),)),
    _cifar_spec(164, True, (_test_error(5.46, "test set", "He et al. 2016, Table 4"),)),
    _cifar_spec(
        1001,
        True,
        (
            _test_error(4.92, "test set, batch 128", README),
            _test_error(4.62, "test set, batch 64", README),
        ),
    ),
    _imagenet_spec(50, (TIMM,)),
    replace(
        _imagenet_spec(200, (_one_crop_320(20.7, 5.3), _one_crop_320(20.1, 4.8, ", scale and aspect ratio augmented"))),
        milestone=12,
    ),
)
