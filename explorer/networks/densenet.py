"""DenseNet: every layer reads the maps of all layers before it in its block, and adds only a few of its own.

Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks (CVPR 2017, arXiv 2016).
Where ResNet adds, DenseNet concatenates: features are reused instead of learned again, so the growth rate k (new maps a
layer) can be small. B: a 1x1 bottleneck to 4k maps before each 3x3. C: transitions halve the maps between blocks.
The ImageNet networks are torchvision's; the CIFAR ones are written here.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from explorer.networks._blocks import Concat
from explorer.networks._torchvision import torchvision_models
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


def build_torchvision(blocks: tuple[int, int, int, int], classes: int = 1000, growth: int = 32) -> nn.Module:
    """torchvision's DenseNet; `blocks` are the layers of the four dense blocks, and the stem has 2k maps."""
    network: nn.Module = torchvision_models().DenseNet(
        growth, blocks, num_init_features=2 * growth, num_classes=classes
    )
    return network


class DenseLayer(nn.Module):
    """Dense layer: BN, ReLU, 3x3 to k maps, then Concat with its input."""

    def __init__(self, n_in: int, growth: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(n_in)
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(n_in, growth, 3, padding=1, bias=False)
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:  # (B, n_in, H, W)
        new = self.conv(self.relu(self.norm(x)))  # (B, k, H, W)
        joined: Tensor = self.concat(x, new)
        return joined  # (B, n_in + k, H, W)


class BottleneckLayer(nn.Module):
    """Dense layer with bottleneck: BN, ReLU, 1x1 to 4k maps, BN, ReLU, 3x3 to k maps, then Concat with its input."""

    def __init__(self, n_in: int, growth: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(n_in)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(n_in, 4 * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(4 * growth)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False)
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:  # (B, n_in, H, W)
        squeezed = self.conv1(self.relu1(self.norm1(x)))  # (B, 4k, H, W)
        new = self.conv2(self.relu2(self.norm2(squeezed)))  # (B, k, H, W)
        joined: Tensor = self.concat(x, new)
        return joined  # (B, n_in + k, H, W)


class Transition(nn.Module):
    """Transition: BN, ReLU, 1x1, 2x2 average pooling."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(n_in)
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(n_in, n_out, 1, bias=False)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:  # (B, n_in, H, W)
        pooled: Tensor = self.pool(self.conv(self.relu(self.norm(x))))
        return pooled  # (B, n_out, H/2, W/2)


class DenseNetCifar(nn.Sequential):
    """DenseNet for 32 x 32 images: three equal dense blocks; `depth` counts all convolutions and the classifier.

    With `bottleneck` it is DenseNet-BC (compression 1/2, stem of 2k maps), without it the basic DenseNet (stem of 16).
    The paper's dropout of 0.2, used only where it trains without augmentation, is left out.
    """

    def __init__(self, classes: int = 10, growth: int = 12, depth: int = 100, bottleneck: bool = True) -> None:
        super().__init__()
        layer: type[nn.Module] = BottleneckLayer if bottleneck else DenseLayer
        layers = (depth - 4) // (6 if bottleneck else 3)  # 4: the stem, two transitions, the classifier
        width = 2 * growth if bottleneck else 16
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)  # (B, width, 32, 32)
        for number in (1, 2, 3):
            block = nn.Sequential(*(layer(width + i * growth, growth) for i in range(layers)))
            self.add_module(f"dense{number}", block)
            width += layers * growth
            if number < 3:
                n_out = width // 2 if bottleneck else width
                self.add_module(f"trans{number}", Transition(width, n_out))
                width = n_out
        self.norm = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(width, classes)


densenet = partial(
    NetworkSpec,
    family="densenet",
    year=2016,
    paper=Paper(
        "Huang, Liu, van der Maaten, Weinberger", "Densely Connected Convolutional Networks", "CVPR 2017", "1608.06993"
    ),
    lesson="densenet",
)
torchvision_densenet = partial(
    densenet,
    input_shape=(3, 224, 224),
    classes=1000,
    stages=(
        Stage("stem", ("features.conv0", "features.norm0", "features.relu0", "features.pool0")),
        Stage("dense block 1", ("features.denseblock1",)),
        Stage("transition 1", ("features.transition1",)),
        Stage("dense block 2", ("features.denseblock2",)),
        Stage("transition 2", ("features.transition2",)),
        Stage("dense block 3", ("features.denseblock3",)),
        Stage("transition 3", ("features.transition3",)),
        Stage("dense block 4", ("features.denseblock4",)),
        Stage("head", ("features.norm5", "classifier")),
    ),
    cam_layer="features.norm5",
    controls=(Control("growth", 32, (12, 24, 32, 48)),),
)
one_crop = partial(Published, "ImageNet", protocol="1 crop 224 (resize 256)", source="torchvision IMAGENET1K_V1")
paper = partial(Published.errors, "ImageNet", source="Huang et al. 2016, Table 3")
cifar = partial(Published.errors, "CIFAR-10", top5=None, source="Huang et al. 2016, Table 2")

SPECS = (
    torchvision_densenet(
        slug="densenet121",
        torchvision="densenet121",
        milestone=9,
        title="DenseNet-121",
        build=partial(build_torchvision, (6, 12, 24, 16)),
        published=(
            one_crop(74.434, 91.972),
            paper(25.02, 7.71, "1 crop 224"),
            paper(23.61, 6.66, "10-crop"),
        ),
    ),
    torchvision_densenet(
        slug="densenet169",
        torchvision="densenet169",
        title="DenseNet-169",
        build=partial(build_torchvision, (6, 12, 32, 32)),
        published=(
            one_crop(75.6, 92.806),
            paper(23.80, 6.85, "1 crop 224"),
            paper(22.08, 5.92, "10-crop"),
        ),
    ),
    torchvision_densenet(
        slug="densenet201",
        torchvision="densenet201",
        title="DenseNet-201",
        build=partial(build_torchvision, (6, 12, 48, 32)),
        published=(
            one_crop(76.896, 93.37),
            paper(22.58, 6.34, "1 crop 224"),
            paper(21.46, 5.54, "10-crop"),
        ),
    ),
    torchvision_densenet(
        slug="densenet161",
        torchvision="densenet161",
        title="DenseNet-161",
        build=partial(build_torchvision, (6, 12, 36, 24), growth=48),
        controls=(Control("growth", 48, (12, 24, 32, 48)),),
        published=(
            one_crop(77.138, 93.56),
            paper(22.2, None, "1 crop 224", source="authors' DenseNet README"),
        ),
    ),
    densenet(
        slug="densenet-bc-100-12",
        title="DenseNet-BC (L=100, k=12)",
        build=DenseNetCifar,
        input_shape=(3, 32, 32),
        classes=10,
        stages=(
            Stage("stem", ("conv1",)),
            Stage("dense block 1", ("dense1",)),
            Stage("transition 1", ("trans1",)),
            Stage("dense block 2", ("dense2",)),
            Stage("transition 2", ("trans2",)),
            Stage("dense block 3", ("dense3",)),
            Stage("head", ("norm", "relu", "gap", "flatten", "fc")),
        ),
        cam_layer="relu",
        controls=(Control("growth", 12, (12, 24, 40)), Control("depth", 100, (40, 58, 76, 100, 190, 250))),
        published=(
            cifar(4.51, protocol="test set, trained with augmentation"),
            cifar(5.92, protocol="test set, no augmentation"),
        ),
    ),
)
