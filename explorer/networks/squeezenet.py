"""SqueezeNet: AlexNet's accuracy with fifty times fewer parameters.

Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer: SqueezeNet (arXiv 2016).
A Fire module first squeezes the maps with 1x1 convolutions, then expands them with 1x1 and 3x3 side by side, so that
few 3x3 weights are needed; pooling comes late, so that the maps stay large. A last 1x1 convolution makes one map a
class. Version 1.1 starts smaller and pools earlier: 2.3 times fewer multiply-adds for the same accuracy.
"""

from __future__ import annotations

from torch import nn

from explorer.networks._torchvision import of_torchvision
from explorer.records import NetworkSpec, Paper, Published, Stage


def build_1_0(classes: int = 1000) -> nn.Module:
    """torchvision's SqueezeNet 1.0: 7x7 entry with 96 maps."""
    return of_torchvision("squeezenet1_0", classes)


def build_1_1(classes: int = 1000) -> nn.Module:
    """torchvision's SqueezeNet 1.1: 3x3 entry with 64 maps, each pooling one or two modules earlier."""
    return of_torchvision("squeezenet1_1", classes)


PAPER = Paper(
    "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
    "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
    "arXiv 2016",
    "1602.07360",
)

SPECS = (
    NetworkSpec(
        slug="squeezenet1-0",
        torchvision="squeezenet1_0",
        milestone=13,
        title="SqueezeNet 1.0",
        family="squeezenet",
        year=2016,
        paper=PAPER,
        build=build_1_0,
        input_shape=(3, 224, 224),
        classes=1000,
        stages=(
            Stage("stem", ("features.0", "features.1", "features.2")),
            Stage("fire2-4", ("features.3", "features.4", "features.5", "features.6")),
            Stage("fire5-8", ("features.7", "features.8", "features.9", "features.10", "features.11")),
            Stage("fire9", ("features.12",)),
            Stage("head", ("classifier",)),
        ),
        cam_layer="classifier.2",
        lesson="squeezenet",
        published=(Published("ImageNet", 58.092, 80.42, "1 crop 224 (resize 256)", "torchvision IMAGENET1K_V1"),),
    ),
    NetworkSpec(
        slug="squeezenet1-1",
        torchvision="squeezenet1_1",
        title="SqueezeNet 1.1",
        family="squeezenet",
        year=2016,
        paper=PAPER,
        build=build_1_1,
        input_shape=(3, 224, 224),
        classes=1000,
        stages=(
            Stage("stem", ("features.0", "features.1", "features.2")),
            Stage("fire2-3", ("features.3", "features.4", "features.5")),
            Stage("fire4-5", ("features.6", "features.7", "features.8")),
            Stage("fire6-9", ("features.9", "features.10", "features.11", "features.12")),
            Stage("head", ("classifier",)),
        ),
        cam_layer="classifier.2",
        lesson="squeezenet",
        published=(Published("ImageNet", 58.178, 80.624, "1 crop 224 (resize 256)", "torchvision IMAGENET1K_V1"),),
    ),
)
