"""VGG: 3x3 convolutions, in five blocks separated by poolings, 11 to 19 weight layers deep.

Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition (ICLR 2015, arXiv 2014).
Two stacked 3x3 kernels see as much as one 5x5, three as much as one 7x7, with fewer weights and more non-linearities.
Each block halves height and width, and doubles the maps until there are 512. The letters are the columns of Table 1;
torchvision has A, B, D and E, the two others are written here.
"""

from __future__ import annotations

from functools import partial

from torch import nn

from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

WIDTHS = (64, 128, 256, 512, 512)
CONVS = {  # convolutions in each block
    "A": (1, 1, 2, 2, 2),
    "A-LRN": (1, 1, 2, 2, 2),
    "B": (2, 2, 2, 2, 2),
    "C": (2, 2, 3, 3, 3),
    "D": (2, 2, 3, 3, 3),
    "E": (2, 2, 4, 4, 4),
}
TORCHVISION = {"A": "vgg11", "B": "vgg13", "D": "vgg16", "E": "vgg19"}


class VGG(nn.Sequential):
    """Any column of Table 1 under the paper's names; used for A-LRN and C.

    A-LRN is A with local response normalisation after the first convolution; C is D with 1x1 kernels in place of the
    third 3x3 of a block: more non-linearity, but no wider a view.
    """

    def __init__(self, configuration: str, classes: int = 1000) -> None:
        super().__init__()
        n_in = 3
        for number, (convs, width) in enumerate(zip(CONVS[configuration], WIDTHS, strict=True), start=1):
            block = nn.Sequential()
            for i in range(1, convs + 1):
                kernel = 1 if configuration == "C" and i == 3 else 3
                block.add_module(f"conv{number}_{i}", nn.Conv2d(n_in, width, kernel, padding=kernel // 2))
                block.add_module(f"relu{number}_{i}", nn.ReLU())
                n_in = width
            if configuration == "A-LRN" and number == 1:
                # AlexNet's k = 2, n = 5, alpha = 1e-4, beta = 0.75; PyTorch divides alpha by n.
                block.add_module("lrn1", nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))
            block.add_module(f"pool{number}", nn.MaxPool2d(2))
            self.add_module(f"block{number}", block)  # (B, width, 224 / 2^number, 224 / 2^number)
        self.flatten = nn.Flatten()
        self.fc6 = nn.Linear(512 * 7 * 7, 4096)
        self.relu6 = nn.ReLU()
        self.drop6 = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU()
        self.drop7 = nn.Dropout(0.5)
        self.fc8 = nn.Linear(4096, classes)


def build_torchvision(configuration: str, classes: int = 1000, batch_norm: bool = False) -> nn.Module:
    """Column A, B, D or E. BN is put into one module with its convolution, so that other layers keep their numbers."""
    network = of_torchvision(TORCHVISION[configuration], classes, init_weights=False)
    if batch_norm:
        features = network.get_submodule("features")
        for name, layer in features.named_children():
            if isinstance(layer, nn.Conv2d):
                setattr(features, name, nn.Sequential(layer, nn.BatchNorm2d(layer.out_channels)))
    return network


def torchvision_stages(configuration: str) -> tuple[Stage, ...]:
    """Blocks of torchvision's flat `features`: a convolution and its ReLU take two numbers, the pooling one."""
    stages, start = [], 0
    for number, convs in enumerate(CONVS[configuration], start=1):
        end = start + 2 * convs + 1
        stages.append(Stage(f"conv{number}", tuple(f"features.{i}" for i in range(start, end))))
        start = end
    return (*stages, Stage("head", ("avgpool", "classifier")))


OWN_STAGES = (
    *(Stage(f"conv{number}", (f"block{number}",)) for number in range(1, 6)),
    Stage("head", ("flatten", "fc6", "relu6", "drop6", "fc7", "relu7", "drop7", "fc8")),
)

vgg = partial(
    NetworkSpec,
    family="vgg",
    year=2014,
    paper=Paper(
        "Simonyan, Zisserman",
        "Very Deep Convolutional Networks for Large-Scale Image Recognition",
        "ICLR 2015",
        "1409.1556",
    ),
    input_shape=(3, 224, 224),
    classes=1000,
    lesson="vgg",
)
torchvision_vgg = partial(vgg, controls=(Control("batch_norm", False, (False, True)),))

one_crop = partial(Published, "ImageNet", protocol="1 crop 224 (resize 256)", source="torchvision IMAGENET1K_V1")
one_crop_bn = partial(one_crop, source="torchvision IMAGENET1K_V1, with BN")
one_scale = partial(
    Published.errors, "ImageNet", protocol="dense, one scale 256", source="Simonyan & Zisserman 2014, Table 3"
)
many_scales = partial(
    Published.errors,
    "ImageNet",
    protocol="multi-crop and dense, several scales",
    source="Simonyan & Zisserman 2014, Table 5",
)

SPECS = (
    torchvision_vgg(
        slug="vgg11",
        torchvision="vgg11",
        title="VGG-11 (A)",
        build=partial(build_torchvision, "A"),
        stages=torchvision_stages("A"),
        cam_layer="features.19",
        published=(one_crop(69.02, 88.628), one_crop_bn(70.37, 89.81), one_scale(29.6, 10.4)),
    ),
    vgg(
        slug="vgg11-lrn",
        title="VGG-11 (A-LRN)",
        build=partial(VGG, "A-LRN"),
        stages=OWN_STAGES,
        cam_layer="block5.relu5_2",
        published=(one_scale(29.7, 10.5),),
    ),
    torchvision_vgg(
        slug="vgg13",
        torchvision="vgg13",
        title="VGG-13 (B)",
        build=partial(build_torchvision, "B"),
        stages=torchvision_stages("B"),
        cam_layer="features.23",
        published=(one_crop(69.928, 89.246), one_crop_bn(71.586, 90.374), one_scale(28.7, 9.9)),
    ),
    vgg(
        slug="vgg16-c",
        title="VGG-16 (C)",
        build=partial(VGG, "C"),
        stages=OWN_STAGES,
        cam_layer="block5.relu5_3",
        published=(
            one_scale(28.1, 9.4),
            one_scale(28.1, 9.3, protocol="dense, one scale 384"),
            one_scale(27.3, 8.8, protocol="dense, trained on 256 to 512, tested at 384"),
        ),
    ),
    torchvision_vgg(
        slug="vgg16",
        torchvision="vgg16",
        milestone=5,
        title="VGG-16 (D)",
        build=partial(build_torchvision, "D"),
        stages=torchvision_stages("D"),
        cam_layer="features.29",
        published=(
            one_crop(71.592, 90.382),
            one_crop_bn(73.36, 91.516),
            one_scale(27.0, 8.8),
            many_scales(24.4, 7.2),
        ),
    ),
    torchvision_vgg(
        slug="vgg19",
        torchvision="vgg19",
        title="VGG-19 (E)",
        build=partial(build_torchvision, "E"),
        stages=torchvision_stages("E"),
        cam_layer="features.35",
        published=(
            one_crop(72.376, 90.876),
            one_crop_bn(74.218, 91.842),
            one_scale(27.3, 9.0),
            many_scales(24.4, 7.1),
        ),
    ),
)
