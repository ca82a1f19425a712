"""Cached calls of the page *1x1 and Inception*."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.records import BlockGraph, InputImage, NetworkInstance, Pair
from explorer.records.inception import (
    AuxiliaryReach,
    BranchMaps,
    InceptionWidths,
    PointwiseLayer,
    RankCurve,
    SeparableShare,
    SumGrowth,
    SumTraining,
)
from explorer.ui.cached import networks
from explorer.ui.cached.keeping import kept
from explorer.ui.cached.models import model

LITE = "pretrained:efficientnet-lite0"
POINTWISE = "stage2.0.project.conv"
"""The first 1x1 convolution of EfficientNet-Lite0: 32 channels become 16, at 112 x 112."""

SQUEEZED, SQUEEZED_SET = "recorded:shapes-short-cifar-resnet20-seed0", "shapes"
BLOCKS = {
    "v3-b": ("inception-v3", "Mixed_6b"),
    "v3-c": ("inception-v3", "Mixed_7b"),
    "v4-a": ("inception-v4", "inception_a.0"),
    "v4-b": ("inception-v4", "inception_b.0"),
    "v4-c": ("inception-v4", "inception_c.0"),
    "v4-reduction": ("inception-v4", "reduction_a"),
    "resnet-a": ("inception-resnet-v2", "inception_resnet_a.0"),
    "resnet-b": ("inception-resnet-v2", "inception_resnet_b.0"),
    "resnet-c": ("inception-resnet-v2", "inception_resnet_c.0"),
}
"""Blocks that are drawn: (network, path of the block)."""


def googlenet(*, aux: bool = False) -> NetworkInstance:
    """The paper's network, with or without its auxiliary heads."""
    return NetworkInstance.of(networks.spec("googlenet"), options={"aux": aux})


@kept(max_entries=1)
def modules() -> Mapping[str, tuple[Pair, InceptionWidths]]:
    """The nine modules of GoogLeNet: {block: (size, widths)}."""
    from explorer.arithmetic import module_widths

    return module_widths(networks.trace(googlenet()))


@kept(max_entries=16)
def pointwise(image: InputImage) -> PointwiseLayer:
    """A trained 1x1 convolution at work on an image."""
    from explorer.inspection import pointwise_layer

    return pointwise_layer(model(LITE), image.pixels, POINTWISE)


COURSE_ROW, COURSE_COLUMN = 40, 60
"""Where the 6 x 6 positions begin that stand for the course's 6 x 6 x 32."""


@kept(max_entries=1)
def course_example() -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]:
    """6 x 6 x 32 out of what a trained 1x1 convolution reads of the cat, row by row, and its first filter, 1 x 1 x 32.

    Rounded to two decimals, so that the products can be read.
    """
    from explorer.images import load

    layer = pointwise(InputImage("cat", load("cat")))
    part = layer.inputs[:, COURSE_ROW : COURSE_ROW + 6, COURSE_COLUMN : COURSE_COLUMN + 6]
    rounded = part.round(2).astype(float).round(2)
    weights = layer.weights[0].astype(float).round(2)
    return tuple(tuple(channel.ravel().tolist()) for channel in rounded), tuple(weights.tolist())


@kept(max_entries=32)
def maps_png(image: InputImage, *, inputs: bool) -> bytes:
    """The maps that this convolution reads, or gives, side by side."""
    from explorer.figures.maps import grid_png

    layer = pointwise(image)
    return grid_png(layer.inputs[:, ::2, ::2] if inputs else layer.outputs[:, ::2, ::2], columns=8)


@kept(max_entries=1)
def squeezed_layers() -> tuple[str, ...]:
    """The convolutions of the trained ResNet-20 that a bottleneck can be put in front of."""
    from explorer.inspection import wide_layers

    return wide_layers(model(SQUEEZED))


@kept(max_entries=32)
def rank_curve(path: str) -> RankCurve:
    """What a trained layer loses behind bottlenecks of several widths."""
    from explorer.inspection import rank_curve as measured

    return measured(model(SQUEEZED), SQUEEZED_SET, path)


@kept(max_entries=16)
def small_maps(which: str, number: int) -> BranchMaps:
    """The maps of a module of the small network for a test image of the drawn shapes, by branch."""
    from explorer.blocks.small_inception import branch_maps

    return branch_maps(which, number)


@kept(max_entries=64)
def example_png(number: int) -> bytes:
    """A test image of the drawn shapes, enlarged."""
    from explorer.figures.averaging import thumbnail_png
    from explorer.ui.cached.models import sample

    return thumbnail_png(sample("shapes", number).pixels)


@kept(max_entries=16)
def small_sheet(which: str, number: int) -> bytes:
    """The same maps as one image, each in the colour of its branch."""
    from explorer.figures.inception import branch_sheet

    return branch_sheet(small_maps(which, number), 16)


@kept(max_entries=8)
def googlenet_maps(model_id: str, image: InputImage, module: str) -> BranchMaps:
    """The maps of a module of torchvision's GoogLeNet for an image, by branch."""
    from explorer.inspection import branch_maps

    return branch_maps(model(model_id), image.pixels, module)


@kept(max_entries=8)
def googlenet_sheet(model_id: str, image: InputImage, module: str) -> bytes:
    """The same maps as one image, each in the colour of its branch."""
    from explorer.figures.inception import branch_sheet

    return branch_sheet(googlenet_maps(model_id, image, module), 24)


def googlenet_id() -> str:
    """torchvision's weights where they are on this machine, else random ones."""
    from explorer.models import is_here

    slug = "googlenet-torchvision"
    return f"pretrained:{slug}" if is_here(slug) else f"random:{slug}"


@kept(max_entries=64)
def reach(start: str, seed: int, *, normalised: bool) -> AuxiliaryReach:
    """Gradients of GoogLeNet's first step, by loss."""
    from explorer.blocks.auxiliary import auxiliary_reach

    return auxiliary_reach(start, seed, normalised=normalised)


@kept(max_entries=2)
def separable(side: int) -> SeparableShare:
    """How much of EfficientNet-Lite0's depthwise kernels a column times a row keeps."""
    from explorer.blocks.outer_products import separable_share
    from explorer.inspection import depthwise_kernels

    return separable_share(depthwise_kernels(model(LITE), side))


@kept(max_entries=128)
def growth(width: int, scales: tuple[float, ...]) -> tuple[SumGrowth, ...]:
    """What a sum of 40 blocks grows to, for several scales."""
    from explorer.blocks.residual_sum import growth as measured

    return measured(width, 40, scales)


@kept(max_entries=64)
def training(width: int, scale: float) -> SumTraining:
    """A short training of a sum of ten blocks."""
    from explorer.blocks.residual_sum import short_training

    return short_training(width, scale)


@kept(max_entries=16)
def block(code: str) -> BlockGraph:
    """The graph of one of `BLOCKS`."""
    from explorer.folding import block_graph

    slug, path = BLOCKS[code]
    return block_graph(networks.trace(NetworkInstance.of(networks.spec(slug))), path)
