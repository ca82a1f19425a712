"""Inception v3 (Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2015, arXiv:1512.00567).

Large filters fall apart into cheap ones: 5x5 into two 3x3, nxn into 1xn and nx1; grids shrink by a convolution and a
pooling side by side. torchvision's network, whose source keeps TensorFlow's names (Mixed_5b ...).
"""

from __future__ import annotations

from torch import nn

from explorer.networks._torchvision import of_torchvision
from explorer.records import Control, NetworkSpec, Paper, Published, Stage


def build(classes: int = 1000, aux: bool = False) -> nn.Module:
    """torchvision's network. With `aux`, training returns (logits, auxiliary after Mixed_6e)."""
    return of_torchvision("inception_v3", classes, aux_logits=aux, init_weights=False)


STEM = ("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "maxpool1", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "maxpool2")

SPECS = (
    NetworkSpec(
        slug="inception-v3",
        torchvision="inception_v3",
        halves=True,
        milestone=7,
        title="Inception v3",
        family="inception",
        year=2015,
        paper=Paper(
            "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
            "Rethinking the Inception Architecture for Computer Vision",
            "CVPR 2016",
            "1512.00567",
        ),
        build=build,
        input_shape=(3, 299, 299),
        classes=1000,
        stages=(
            Stage("stem", STEM),
            Stage("mixed 5b-5d", ("Mixed_5b", "Mixed_5c", "Mixed_5d")),
            Stage("mixed 6a-6e", tuple(f"Mixed_6{letter}" for letter in "abcde")),
            Stage("auxiliary head", ("AuxLogits",)),
            Stage("mixed 7a-7c", ("Mixed_7a", "Mixed_7b", "Mixed_7c")),
            Stage("head", ("avgpool", "dropout", "fc")),
        ),
        cam_layer="Mixed_7c",
        lesson="inception-v3",
        controls=(Control("aux", False, (False, True)),),
        published=(
            Published("ImageNet", 77.294, 93.45, "1 crop 299 (resize 342)", "torchvision IMAGENET1K_V1"),
            Published.errors("ImageNet", 21.2, 5.6, "1 crop 299", "Szegedy et al. 2015"),
            Published("ImageNet", 78.0, 93.9, "1 crop 299, TF-slim's network", "TF-slim README"),
        ),
    ),
)
