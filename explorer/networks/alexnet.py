"""AlexNet: five convolutions and three fully connected layers; the network that won ILSVRC-2012.

Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks (NIPS 2012).
LeNet's plan made large: ReLU instead of tanh, dropout, overlapping pooling, local response normalisation, and two GPUs
that each held half of the maps (today: groups=2). Three builds: the paper's, torchvision's, and a form with batch
normalisation and tanh for 10 classes that many tutorials use.
"""

from __future__ import annotations

from torch import nn

from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


def response_norm() -> nn.LocalResponseNorm:
    """The paper's k = 2, n = 5, alpha = 1e-4, beta = 0.75. PyTorch divides alpha by n, so alpha is given n times."""
    return nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0)


class AlexNet(nn.Sequential):
    """AlexNet as published. The paper says 224 x 224, but its 55 x 55 maps need 227.

    With `groups` 2, conv2, conv4 and conv5 see only the maps of their own GPU; `lrn` False leaves out norm1 and norm2.
    """

    def __init__(self, classes: int = 1000, groups: int = 2, lrn: bool = True) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)  # (B, 96, 55, 55)
        self.relu1 = nn.ReLU()
        if lrn:
            self.norm1 = response_norm()
        self.pool1 = nn.MaxPool2d(3, stride=2)  # (B, 96, 27, 27)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2, groups=groups)  # (B, 256, 27, 27)
        self.relu2 = nn.ReLU()
        if lrn:
            self.norm2 = response_norm()
        self.pool2 = nn.MaxPool2d(3, stride=2)  # (B, 256, 13, 13)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)  # (B, 384, 13, 13)
        self.relu3 = nn.ReLU()
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1, groups=groups)
        self.relu4 = nn.ReLU()
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1, groups=groups)  # (B, 256, 13, 13)
        self.relu5 = nn.ReLU()
        self.pool5 = nn.MaxPool2d(3, stride=2)  # (B, 256, 6, 6)
        self.flatten = nn.Flatten()
        self.fc6 = nn.Linear(256 * 6 * 6, 4096)
        self.relu6 = nn.ReLU()
        self.drop6 = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.relu7 = nn.ReLU()
        self.drop7 = nn.Dropout(0.5)
        self.fc8 = nn.Linear(4096, classes)


class AlexNetBNTanh(nn.Sequential):
    """AlexNet of the tutorials: BN after every ReLU, no groups, tanh in the fully connected layers, a 2x2 last pool."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=4)  # (B, 96, 55, 55)
        self.relu1 = nn.ReLU()
        self.bn1 = nn.BatchNorm2d(96)
        self.pool1 = nn.MaxPool2d(3, stride=2)  # (B, 96, 27, 27)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2)  # (B, 256, 27, 27)
        self.relu2 = nn.ReLU()
        self.bn2 = nn.BatchNorm2d(256)
        self.pool2 = nn.MaxPool2d(3, stride=2)  # (B, 256, 13, 13)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)  # (B, 384, 13, 13)
        self.relu3 = nn.ReLU()
        self.bn3 = nn.BatchNorm2d(384)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.relu4 = nn.ReLU()
        self.bn4 = nn.BatchNorm2d(384)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)  # (B, 256, 13, 13)
        self.relu5 = nn.ReLU()
        self.bn5 = nn.BatchNorm2d(256)
        self.pool5 = nn.MaxPool2d(2)  # (B, 256, 6, 6)
        self.flatten = nn.Flatten()
        self.fc6 = nn.Linear(256 * 6 * 6, 4096)
        self.t6 = nn.Tanh()
        self.drop6 = nn.Dropout(0.5)
        self.fc7 = nn.Linear(4096, 4096)
        self.t7 = nn.Tanh()
        self.drop7 = nn.Dropout(0.5)
        self.fc8 = nn.Linear(4096, classes)


def build_torchvision(classes: int = 1000) -> nn.Module:
    """The narrower net of a later paper (64-192-384-256-256 maps, 224 x 224), which most code calls AlexNet."""
    return of_torchvision("alexnet", classes)


PAPER = Paper(
    "Krizhevsky, Sutskever, Hinton",
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "NIPS 2012",
)

SPECS = (
    NetworkSpec(
        slug="alexnet",
        milestone=2,
        title="AlexNet",
        family="alexnet",
        year=2012,
        paper=PAPER,
        build=AlexNet,
        input_shape=(3, 227, 227),
        classes=1000,
        stages=(
            Stage("conv1", ("conv1", "relu1", "norm1", "pool1")),
            Stage("conv2", ("conv2", "relu2", "norm2", "pool2")),
            Stage("conv3", ("conv3", "relu3")),
            Stage("conv4", ("conv4", "relu4")),
            Stage("conv5", ("conv5", "relu5", "pool5")),
            Stage("head", ("flatten", "fc6", "relu6", "drop6", "fc7", "relu7", "drop7", "fc8")),
        ),
        cam_layer="relu5",
        lesson="alexnet",
        controls=(Control("groups", 2, (1, 2)), Control("lrn", True, (False, True))),
        published=(
            Published.errors("ImageNet", 40.7, 18.2, "10-crop", "Krizhevsky et al. 2012, Table 2"),
            Published.errors("ImageNet", 38.1, 16.4, "5 networks", "Krizhevsky et al. 2012, Table 2"),
            Published("ImageNet", 57.1, 80.2, "centre crop", "Caffe re-implementation, bvlc_alexnet readme"),
        ),
    ),
    NetworkSpec(
        slug="alexnet-torchvision",
        torchvision="alexnet",
        title="AlexNet (torchvision)",
        family="alexnet",
        year=2014,
        paper=Paper(
            "Krizhevsky", "One weird trick for parallelizing convolutional neural networks", "arXiv 2014", "1404.5997"
        ),
        build=build_torchvision,
        input_shape=(3, 224, 224),
        classes=1000,
        stages=(
            Stage("conv1", ("features.0", "features.1", "features.2")),
            Stage("conv2", ("features.3", "features.4", "features.5")),
            Stage("conv3", ("features.6", "features.7")),
            Stage("conv4", ("features.8", "features.9")),
            Stage("conv5", ("features.10", "features.11", "features.12")),
            Stage("head", ("avgpool", "classifier")),
        ),
        cam_layer="features.11",
        lesson="alexnet",
        published=(Published("ImageNet", 56.522, 79.066, "1 crop 224 (resize 256)", "torchvision IMAGENET1K_V1"),),
    ),
    NetworkSpec(
        slug="alexnet-bn-tanh",
        title="AlexNet (BN, tanh)",
        family="alexnet",
        year=2015,  # no paper of its own; not before batch normalisation
        paper=PAPER,
        build=AlexNetBNTanh,
        input_shape=(3, 227, 227),
        classes=10,
        stages=(
            Stage("conv1", ("conv1", "relu1", "bn1", "pool1")),
            Stage("conv2", ("conv2", "relu2", "bn2", "pool2")),
            Stage("conv3", ("conv3", "relu3", "bn3")),
            Stage("conv4", ("conv4", "relu4", "bn4")),
            Stage("conv5", ("conv5", "relu5", "bn5", "pool5")),
            Stage("head", ("flatten", "fc6", "t6", "drop6", "fc7", "t7", "drop7", "fc8")),
        ),
        cam_layer="bn5",
        lesson="alexnet",
    ),
)
