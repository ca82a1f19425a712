"""EfficientNet: one small network found by search, then scaled in depth, width and resolution together.

Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks (ICML 2019).
Compound scaling: with one number phi, depth grows by alpha^phi, width by beta^phi and the side of the input by
gamma^phi, where alpha = 1.2, beta = 1.1, gamma = 1.15. As alpha * beta^2 * gamma^2 is about 2, each step of phi costs
about twice the multiply-adds. B0 to B7 are torchvision's, with the rounded values of the released networks;
EfficientNet(phi) is the power law itself. Its resolution is the input size: 224 * 1.15^phi pixels.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from torch import nn

from explorer.arithmetic.compound import ROWS
from explorer.networks._torchvision import of_torchvision, torchvision_models
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

ALPHA, BETA = 1.2, 1.1


def build_torchvision(version: str, classes: int = 1000) -> nn.Module:
    """torchvision's EfficientNet, "b0" to "b7"."""
    return of_torchvision(f"efficientnet_{version}", classes)


def build_scaled(classes: int = 1000, phi: float = 1.0) -> nn.Module:
    """B0 with depth times 1.2^phi (rounded up) and width times 1.1^phi (rounded to multiples of 8)."""
    theirs = torchvision_models().efficientnet
    scaled = partial(theirs.MBConvConfig, width_mult=BETA**phi, depth_mult=ALPHA**phi)
    network: nn.Module = theirs.EfficientNet([scaled(*row) for row in ROWS], dropout=0.2, num_classes=classes)
    return network


efficientnet = partial(
    NetworkSpec,
    family="efficientnet",
    year=2019,
    paper=Paper(
        "Tan, Le",
        "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        "ICML 2019",
        "1905.11946",
    ),
    classes=1000,
    stages=(
        Stage("stem", ("features.0",)),
        *(Stage(f"stage{number + 1}", (f"features.{number}",)) for number in range(1, 8)),
        Stage("head", ("features.8", "avgpool", "classifier")),
    ),
    cam_layer="features.8",
    lesson="efficientnet",
)


def released(version: str, side: int, *published: Published) -> NetworkSpec:
    """The spec of B0 ... B7, with `side` x `side` input."""
    return efficientnet(
        slug=f"efficientnet-{version}",
        torchvision=f"efficientnet_{version}",
        title=f"EfficientNet-{version.upper()}",
        build=partial(build_torchvision, version),
        input_shape=(3, side, side),
        published=published,
    )


def torchvision_v1(top1: float, top5: float, crop: int, resize: int) -> Published:
    """Accuracy of torchvision's first weights."""
    return Published("ImageNet", top1, top5, f"1 crop {crop} (resize {resize})", "torchvision IMAGENET1K_V1")


def table_2(top1: float, crop: int) -> Published:
    """Accuracy in the paper's later version, trained with AutoAugment."""
    return Published("ImageNet", top1, None, f"1 crop {crop}", "Tan & Le 2019, Table 2 (later arXiv version)")


SPECS = (
    replace(released("b0", 224, torchvision_v1(77.692, 93.532, 224, 256), table_2(77.1, 224)), milestone=17),
    released(
        "b1",
        240,
        torchvision_v1(78.642, 94.186, 240, 256),
        Published("ImageNet", 79.838, 94.934, "1 crop 240 (resize 255)", "torchvision IMAGENET1K_V2"),
        table_2(79.1, 240),
    ),
    released("b2", 260, torchvision_v1(80.608, 95.31, 288, 288), table_2(80.1, 260)),
    released("b3", 300, torchvision_v1(82.008, 96.054, 300, 320), table_2(81.6, 300)),
    released("b4", 380, torchvision_v1(83.384, 96.594, 380, 384), table_2(82.9, 380)),
    released("b5", 456, torchvision_v1(83.444, 96.628, 456, 456), table_2(83.6, 456)),
    released("b6", 528, torchvision_v1(84.008, 96.916, 528, 528), table_2(84.0, 528)),
    released("b7", 600, torchvision_v1(84.122, 96.908, 600, 600), table_2(84.3, 600)),
    efficientnet(
        slug="efficientnet-phi",
        title="EfficientNet(phi)",
        build=build_scaled,
        input_shape=(3, 224, 224),
        controls=(Control("phi", 1.0, low=0.0, high=7.0, step=0.5),),
    ),
)
