"""LeNet-5: two convolutions with subsampling, then three fully connected layers, for handwritten digits.

LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition (Proceedings of the IEEE, 1998).
Small local kernels, weights shared over the image, and subsampling make features that do not mind a small shift. The
form usually taught joins C3 to every map of S2 and pools without weights (61,706 parameters). The network of 1998 has a
sparse C3, trainable subsampling, a scaled tanh and one fixed code per class at the output: exactly 60,000 parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from torch import Tensor, nn

from explorer.networks._blocks import Concat
from explorer.records import Control, NetworkSpec, Paper, Published, Stage

ACTIVATIONS: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}
POOLINGS: dict[str, type[nn.AvgPool2d | nn.MaxPool2d]] = {"avg": nn.AvgPool2d, "max": nn.MaxPool2d}


class LeNet5(nn.Sequential):
    """LeNet-5 as it is taught; `padding` 2 is for 28 x 28 digits, 0 for digits already centred in 32 x 32."""

    def __init__(
        self,
        classes: int = 10,
        activation: str = "relu",
        pooling: str = "max",
        padding: int = 2,
        channels: int = 1,
    ) -> None:
        super().__init__()
        act, pool = ACTIVATIONS[activation], POOLINGS[pooling]
        self.c1 = nn.Conv2d(channels, 6, 5, padding=padding)  # (B, 6, 28, 28)
        self.a1 = act()
        self.s2 = pool(2)  # (B, 6, 14, 14)
        self.c3 = nn.Conv2d(6, 16, 5)  # (B, 16, 10, 10)
        self.a3 = act()
        self.s4 = pool(2)  # (B, 16, 5, 5)
        self.flatten = nn.Flatten()
        self.c5 = nn.Linear(16 * 5 * 5, 120)
        self.a5 = act()
        self.f6 = nn.Linear(120, 84)
        self.a6 = act()
        self.out = nn.Linear(84, classes)


# --- the network of 1998 ----------------------------------------------------------------------------------------------

# Table I of the paper: the maps of S2 that each of the 16 maps of C3 reads. No two read the same ones, so they must
# learn different features; and it saves 900 weights.
C3_READS = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5), (0, 1, 2, 3, 4, 5)),
)

# The digits as 7 x 12 bitmaps: 84 dots, hence the 84 units of F6. The idea is the paper's, the drawings are ours.
BITMAPS = """
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
..###.. ...#... .#####. .#####. .....#. ####### ..####. ####### .#####. .#####.
.#...#. ..##... #.....# #.....# ....##. #...... .#..... ......# #.....# #.....#
#.....# .#.#... ......# ......# ...#.#. #...... #...... .....#. #.....# #.....#
#.....# ...#... ......# ......# ..#..#. #...... #...... .....#. #.....# #.....#
#.....# ...#... .....#. ..####. .#...#. ######. ######. ....#.. .#####. #.....#
#.....# ...#... ...##.. ......# #....#. ......# #.....# ....#.. #.....# .######
#.....# ...#... ..#.... ......# ####### ......# #.....# ...#... #.....# ......#
#.....# ...#... .#..... ......# .....#. ......# #.....# ...#... #.....# ......#
.#...#. ...#... #...... #.....# .....#. #.....# #.....# ..#.... #.....# .....#.
..###.. .#####. ####### .#####. .....#. .#####. .#####. ..#.... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def class_codes(classes: int) -> list[list[float]]:
    """Target codes, 84 signs per class: bitmaps of the digits, then random signs (which the paper also allows)."""
    rows = [line.split() for line in BITMAPS.split("\n") if line]  # 12 rows of 10 strips
    codes = ["".join(strips) for strips in zip(*rows, strict=True)]
    draw = Random(1998)
    codes += ["".join(draw.choices(".#", k=84)) for _ in range(classes - len(codes))]
    return [[1.0 if dot == "#" else -1.0 for dot in code] for code in codes[:classes]]


class Squash(nn.Module):
    """1.7159 tanh(2x / 3): steepest at 0, and it maps +1 and -1 to themselves, so the targets never saturate it."""

    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class Scale(nn.Module):
    """One trainable coefficient and bias per map; starts at 1/4, which turns a sum of four into their mean."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((maps, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return x * self.weight + self.bias


class Subsampling(nn.Module):
    """Sum of each 2x2 window, times a coefficient, plus a bias."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.sum = nn.AvgPool2d(2, divisor_override=1)
        self.scale = Scale(maps)

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        scaled: Tensor = self.scale(self.sum(x))
        return scaled  # (B, C, H/2, W/2)


class SparseConv(nn.Module):
    """Convolution whose output maps read only some of the input maps: one small convolution each, then Concat."""

    def __init__(self, reads: Sequence[tuple[int, ...]], kernel: int) -> None:
        super().__init__()
        self.reads = reads
        self.maps = nn.ModuleList(nn.Conv2d(len(sources), 1, kernel) for sources in reads)
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:  # (B, 6, H, W)
        maps = [conv(x[:, list(sources)]) for conv, sources in zip(self.maps, self.reads, strict=True)]
        joined: Tensor = self.concat(*maps)
        return joined  # (B, 16, H-4, W-4)


class RBF(nn.Module):
    """Euclidean radial basis functions: distance of F6 from the fixed code of each class.

    The paper's output is the squared distance, smallest for the answer; here it is negated, so that as in every other
    network the largest output wins.
    """

    codes: Tensor

    def __init__(self, codes: list[list[float]]) -> None:
        super().__init__()
        self.register_buffer("codes", torch.tensor(codes))  # (classes, 84)

    def forward(self, x: Tensor) -> Tensor:  # (B, 84)
        return -(x.unsqueeze(1) - self.codes).square().sum(dim=2)  # (B, classes)


class LeNet5Original(nn.Sequential):
    """LeNet-5 as published; its input is 32 x 32, so that strokes are not cut at the border."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, 5)  # (B, 6, 28, 28)
        self.a1 = Squash()
        self.s2 = Subsampling(6)  # (B, 6, 14, 14)
        self.a2 = Squash()
        self.c3 = SparseConv(C3_READS, 5)  # (B, 16, 10, 10)
        self.a3 = Squash()
        self.s4 = Subsampling(16)  # (B, 16, 5, 5)
        self.a4 = Squash()
        self.c5 = nn.Conv2d(16, 120, 5)  # (B, 120, 1, 1)
        self.a5 = Squash()
        self.flatten = nn.Flatten()
        self.f6 = nn.Linear(120, 84)
        self.a6 = Squash()
        self.out = RBF(class_codes(classes))


PAPER = Paper(
    "LeCun, Bottou, Bengio, Haffner",
    "Gradient-Based Learning Applied to Document Recognition",
    "Proceedings of the IEEE 86(11), 1998",
)

SPECS = (
    NetworkSpec(
        slug="lenet5-1998",
        milestone=1,
        title="LeNet-5 (1998)",
        family="lenet",
        year=1998,
        paper=PAPER,
        build=LeNet5Original,
        input_shape=(1, 32, 32),
        classes=10,
        stages=(
            Stage("C1", ("c1", "a1")),
            Stage("S2", ("s2", "a2")),
            Stage("C3", ("c3", "a3")),
            Stage("S4", ("s4", "a4")),
            Stage("C5", ("c5", "a5", "flatten")),
            Stage("F6", ("f6", "a6")),
            Stage("output", ("out",)),
        ),
        cam_layer="a3",
        lesson="lenet-1998",
        published=(
            Published.errors("MNIST", 0.95, None, "test set", "LeCun et al. 1998"),
            Published.errors("MNIST", 0.8, None, "test set, trained with distortions", "LeCun et al. 1998"),
        ),
    ),
    NetworkSpec(
        slug="lenet5",
        title="LeNet-5",
        family="lenet",
        year=1998,
        paper=PAPER,
        build=LeNet5,
        input_shape=(1, 28, 28),
        classes=10,
        stages=(
            Stage("C1", ("c1", "a1")),
            Stage("S2", ("s2",)),
            Stage("C3", ("c3", "a3")),
            Stage("S4", ("s4",)),
            Stage("C5", ("flatten", "c5", "a5")),
            Stage("F6", ("f6", "a6")),
            Stage("output", ("out",)),
        ),
        cam_layer="a3",
        lesson="lenet",
        controls=(
            Control("activation", "relu", ("sigmoid", "tanh", "relu")),
            Control("pooling", "max", ("avg", "max")),
            Control("padding", 2, (2, 0)),
        ),
        published=(
            Published.errors("MNIST", 0.95, None, "test set, measured on the form of 1998", "LeCun et al. 1998"),
        ),
    ),
)
