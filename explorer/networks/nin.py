"""Network in Network (NiN): 1x1 convolutions as small MLPs at every position, and no fully connected layer.

Lin, Chen, Yan: Network In Network (ICLR 2014, arXiv 2013).
Each "mlpconv" is a convolution followed by two 1x1 convolutions: the same small fully connected net at every position.
The last one has a map a class; its average over the map is the score (global average pooling), which has no weights to
overfit. The filter counts are those of the released configurations; the paper does not print them.
"""

from __future__ import annotations

from torch import Tensor, nn

from explorer.records import NetworkSpec, Paper, Published, Stage


class MLPConv(nn.Module):
    """Mlpconv: kxk, ReLU, 1x1, ReLU, 1x1, ReLU. The 1x1 are the "cccp" (cascaded cross channel pooling) layers."""

    def __init__(
        self, n_in: int, widths: tuple[int, int, int], kernel: int, *, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_in, widths[0], kernel, stride, padding)
        self.relu0 = nn.ReLU()
        self.cccp1 = nn.Conv2d(widths[0], widths[1], 1)
        self.relu1 = nn.ReLU()
        self.cccp2 = nn.Conv2d(widths[1], widths[2], 1)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # (B, n_in, H, W)
        x = self.relu0(self.conv(x))
        x = self.relu1(self.cccp1(x))
        x = self.relu2(self.cccp2(x))
        return x  # (B, widths[2], H', W')


class NiNCifar(nn.Sequential):
    """NiN for 32 x 32 images: three mlpconv layers. Pooling rounds up: 32, 16, 8."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.mlp1 = MLPConv(3, (192, 160, 96), 5, padding=2)  # (B, 96, 32, 32)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)  # (B, 96, 16, 16)
        self.drop1 = nn.Dropout(0.5)
        self.mlp2 = MLPConv(96, (192, 192, 192), 5, padding=2)
        self.pool2 = nn.AvgPool2d(3, stride=2, ceil_mode=True)  # (B, 192, 8, 8)
        self.drop2 = nn.Dropout(0.5)
        self.mlp3 = MLPConv(192, (192, 192, classes), 3, padding=1)  # (B, classes, 8, 8)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()


class NiNImageNet(nn.Sequential):
    """NiN for ImageNet as in the Caffe model zoo: AlexNet's geometry, four mlpconv layers.

    `channels` and `hidden` (the width of the last mlpconv before its class maps) serve the versions of textbooks.
    """

    def __init__(self, classes: int = 1000, channels: int = 3, hidden: int = 1024, ceil_mode: bool = True) -> None:
        super().__init__()
        self.mlp1 = MLPConv(channels, (96, 96, 96), 11, stride=4)  # (B, 96, 54, 54)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=ceil_mode)  # (B, 96, 27, 27)
        self.mlp2 = MLPConv(96, (256, 256, 256), 5, padding=2)
        self.pool2 = nn.MaxPool2d(3, stride=2, ceil_mode=ceil_mode)  # (B, 256, 13, 13)
        self.mlp3 = MLPConv(256, (384, 384, 384), 3, padding=1)
        self.pool3 = nn.MaxPool2d(3, stride=2, ceil_mode=ceil_mode)  # (B, 384, 6, 6)
        self.drop = nn.Dropout(0.5)
        self.mlp4 = MLPConv(384, (hidden, hidden, classes), 3, padding=1)  # (B, classes, 6, 6)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()


PAPER = Paper("Lin, Chen, Yan", "Network In Network", "ICLR 2014", "1312.4400")

SPECS = (
    NetworkSpec(
        slug="nin-cifar10",
        milestone=3,
        title="NiN (CIFAR-10)",
        family="nin",
        year=2013,
        paper=PAPER,
        build=NiNCifar,
        input_shape=(3, 32, 32),
        classes=10,
        stages=(
            Stage("mlpconv1", ("mlp1", "pool1", "drop1")),
            Stage("mlpconv2", ("mlp2", "pool2", "drop2")),
            Stage("mlpconv3", ("mlp3",)),
            Stage("head", ("gap", "flatten")),
        ),
        cam_layer="mlp3",
        lesson="nin",
        published=(
            Published.errors("CIFAR-10", 8.81, None, "test set, trained with augmentation", "Lin et al. 2013, Table 1"),
            Published.errors("CIFAR-10", 10.41, None, "test set, no augmentation", "Lin et al. 2013, Table 1"),
        ),
    ),
    NetworkSpec(
        slug="nin-imagenet",
        title="NiN (ImageNet)",
        family="nin",
        year=2013,
        paper=PAPER,
        build=NiNImageNet,
        input_shape=(3, 224, 224),
        classes=1000,
        stages=(
            Stage("mlpconv1", ("mlp1", "pool1")),
            Stage("mlpconv2", ("mlp2", "pool2")),
            Stage("mlpconv3", ("mlp3", "pool3")),
            Stage("mlpconv4", ("drop", "mlp4")),
            Stage("head", ("gap", "flatten")),
        ),
        cam_layer="mlp4",
        lesson="nin",
        published=(Published("ImageNet", 59.36, None, "validation set", "Caffe model zoo, NIN-Imagenet"),),
    ),
)
