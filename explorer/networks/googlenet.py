"""GoogLeNet, or Inception v1 (Szegedy et al. 2014, arXiv:1409.4842), winner of ILSVRC 2014.

Instead of choosing a filter size, an Inception module runs 1x1, 3x3, 5x5 and pooling side by side and joins what they
give. A 1x1 convolution in front of the dear ones first makes the volume thin. 22 layers of weights in 7 million
parameters, and no fully connected layer but the classifier.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from explorer.networks._blocks import Concat
from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


class ConvReLU(nn.Sequential):
    """Convolution with bias, ReLU; padded so that a stride of 1 keeps height and width."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, n_out, kernel, stride, padding=kernel // 2)
        self.relu = nn.ReLU()


class Inception(nn.Module):
    """1x1 | 1x1, 3x3 | 1x1, 5x5 | 3x3 max pool, 1x1; then concat. The arguments are a row of the paper's Table 1."""

    def __init__(
        self, n_in: int, n1x1: int, reduce3x3: int, n3x3: int, reduce5x5: int, n5x5: int, pool_proj: int
    ) -> None:
        super().__init__()
        self.branch1x1 = ConvReLU(n_in, n1x1, 1)
        self.branch3x3 = nn.Sequential(ConvReLU(n_in, reduce3x3, 1), ConvReLU(reduce3x3, n3x3, 3))
        self.branch5x5 = nn.Sequential(ConvReLU(n_in, reduce5x5, 1), ConvReLU(reduce5x5, n5x5, 5))
        self.branch_pool = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), ConvReLU(n_in, pool_proj, 1))
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        joined: Tensor = self.concat(self.branch1x1(x), self.branch3x3(x), self.branch5x5(x), self.branch_pool(x))
        return joined  # (B, n1x1 + n3x3 + n5x5 + pool_proj, H, W)


class AuxiliaryHead(nn.Sequential):
    """Auxiliary classifier, for training only: 5x5/3 average pool, 1x1, linear, ReLU, dropout, linear."""

    def __init__(self, n_in: int, classes: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, stride=3)
        self.conv = ConvReLU(n_in, 128, 1)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, classes)


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(3, stride=2, ceil_mode=True)


class GoogLeNet(nn.Module):
    """The network of Table 1: stem, nine Inception modules, global average pooling, linear.

    The paper leaves the constants of local response normalisation open; PyTorch's defaults over 5 channels are Caffe's.
    """

    def __init__(self, classes: int, aux: bool) -> None:
        super().__init__()
        self.conv1 = ConvReLU(3, 64, 7, stride=2)
        self.pool1 = _pool()
        self.lrn1 = nn.LocalResponseNorm(5)
        self.conv2_reduce = ConvReLU(64, 64, 1)
        self.conv2 = ConvReLU(64, 192, 3)
        self.lrn2 = nn.LocalResponseNorm(5)
        self.pool2 = _pool()
        self.inception3a = Inception(192, 64, 96, 128, 16, 32, 32)
        self.inception3b = Inception(256, 128, 128, 192, 32, 96, 64)
        self.pool3 = _pool()
        self.inception4a = Inception(480, 192, 96, 208, 16, 48, 64)
        self.inception4b = Inception(512, 160, 112, 224, 24, 64, 64)
        self.inception4c = Inception(512, 128, 128, 256, 24, 64, 64)
        self.inception4d = Inception(512, 112, 144, 288, 32, 64, 64)
        self.inception4e = Inception(528, 256, 160, 320, 32, 128, 128)
        self.pool4 = _pool()
        self.inception5a = Inception(832, 256, 160, 320, 32, 128, 128)
        self.inception5b = Inception(832, 384, 192, 384, 48, 128, 128)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.4)
        self.fc = nn.Linear(1024, classes)
        self.aux1 = AuxiliaryHead(512, classes) if aux else None
        self.aux2 = AuxiliaryHead(528, classes) if aux else None

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor, Tensor]:  # (B, 3, 224, 224)
        x = self.lrn1(self.pool1(self.conv1(x)))  # (B, 64, 56, 56)
        x = self.pool2(self.lrn2(self.conv2(self.conv2_reduce(x))))  # (B, 192, 28, 28)
        x = self.inception3b(self.inception3a(x))  # (B, 480, 28, 28)
        x = self.inception4a(self.pool3(x))  # (B, 512, 14, 14)
        aux1: Tensor | None = self.aux1(x) if self.aux1 is not None and self.training else None
        x = self.inception4d(self.inception4c(self.inception4b(x)))  # (B, 528, 14, 14)
        aux2: Tensor | None = self.aux2(x) if self.aux2 is not None and self.training else None
        x = self.pool4(self.inception4e(x))  # (B, 832, 7, 7)
        x = self.inception5b(self.inception5a(x))  # (B, 1024, 7, 7)
        x = self.avgpool(x).flatten(1)  # (B, 1024)
        logits: Tensor = self.fc(self.dropout(x))  # (B, classes)
        return logits if aux1 is None or aux2 is None else (logits, aux1, aux2)


def build(classes: int = 1000, aux: bool = False) -> GoogLeNet:
    """The paper's network. With `aux`, training returns (logits, auxiliary after 4a, auxiliary after 4d)."""
    return GoogLeNet(classes, aux)


def build_torchvision(classes: int = 1000, aux: bool = False) -> nn.Module:
    """torchvision's: BN instead of LRN, and 3x3 where the paper says 5x5 (a known error, kept for its weights)."""
    return of_torchvision("googlenet", classes, aux_logits=aux, init_weights=False)


PAPER = Paper("Szegedy et al.", "Going Deeper with Convolutions", "CVPR 2015", "1409.4842")
AUX = Control("aux", False, (False, True))


def _stages(stem: tuple[str, ...], pool: str) -> tuple[Stage, ...]:
    return (
        Stage("stem", stem),
        Stage("inception 3a-3b", ("inception3a", "inception3b")),
        Stage("inception 4a-4e", (f"{pool}3", *(f"inception4{letter}" for letter in "abcde"))),
        Stage("inception 5a-5b", (f"{pool}4", "inception5a", "inception5b")),
        Stage("auxiliary heads", ("aux1", "aux2")),
        Stage("head", ("avgpool", "dropout", "fc")),
    )


_spec = partial(
    NetworkSpec,
    family="inception",
    year=2014,
    paper=PAPER,
    input_shape=(3, 224, 224),
    classes=1000,
    cam_layer="inception5b",
    lesson="googlenet",
    controls=(AUX,),
)

SPECS = (
    _spec(
        slug="googlenet",
        milestone=4,
        title="GoogLeNet (paper)",
        build=build,
        stages=_stages(("conv1", "pool1", "lrn1", "conv2_reduce", "conv2", "lrn2", "pool2"), "pool"),
        published=(
            Published.errors("ImageNet", None, 10.07, "1 crop 224", "Szegedy et al. 2014, Table 3"),
            Published.errors("ImageNet", None, 6.67, "7 networks x 144 crops", "Szegedy et al. 2014, Table 2"),
            Published("ImageNet", 68.7, 88.9, "1 crop 224, Caffe's re-implementation", "BVLC GoogLeNet readme"),
            Published("ImageNet", 69.8, 89.6, "1 crop 224, TF-slim's re-implementation", "TF-slim README"),
        ),
    ),
    _spec(
        slug="googlenet-torchvision",
        torchvision="googlenet",
        halves=True,
        title="GoogLeNet (torchvision)",
        build=build_torchvision,
        stages=_stages(("conv1", "maxpool1", "conv2", "conv3", "maxpool2"), "maxpool"),
        published=(Published("ImageNet", 69.778, 89.53, "1 crop 224 (resize 256)", "torchvision IMAGENET1K_V1"),),
    ),
)
