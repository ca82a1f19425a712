"""Cached calls of the page about separable convolutions, inverted blocks, scaling and dense blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from explorer.records import InputImage, LinkedView, NetworkInstance
from explorer.records.efficient import (
    Bottlenecked,
    GatedAccuracy,
    GateLayer,
    InvertedBlock,
    ReadWeights,
    Reuse,
    SeparableFit,
)
from explorer.ui.cached import models as cached_models, networks as cached
from explorer.ui.cached.keeping import kept
from explorer.weights import lab_runs

if TYPE_CHECKING:
    from explorer.blocks.spiral import Spread

TRAINED = "cifar-he-cifar-resnet20-seed0"
"""The run whose 3x3 kernels are approximated: He et al.'s ResNet-20."""

WITH_GATES = ("mobilenet-v3-small", "mobilenet-v3-large", "efficientnet-b0", "efficientnet-b1")
"""Published networks with squeeze-and-excitation, offered where their weights are here."""

SEEDS = 20


@kept(max_entries=100)
def two_steps(drawn: int) -> LinkedView:
    """The course's example in numbers drawn from a seed."""
    from explorer.blocks.separable import two_steps as computed

    return computed(drawn)


@kept(max_entries=32)
def fits(layer: str) -> tuple[SeparableFit, SeparableFit]:
    """The best separable pair of a trained kernel, and of one of its shape before training."""
    from explorer.blocks.separable import closest_pair, random_kernel, trained_kernel

    kernel = trained_kernel(TRAINED, layer)
    return closest_pair(kernel), closest_pair(random_kernel(kernel.shape, 0))


@kept(max_entries=1)
def inverted_blocks() -> tuple[InvertedBlock, ...]:
    """The 17 blocks of MobileNet v2 as they were traced; needs no torch where the trace is recorded."""
    from explorer.blocks.inverted import traced_blocks

    return traced_blocks(cached.trace(NetworkInstance.of(cached.spec("mobilenet-v2"))))


@kept(max_entries=512)
def spiral(n: int, activation: str, seed: int) -> Bottlenecked:
    """The spiral through n dimensions and back."""
    from explorer.blocks.spiral import through

    return through(n, activation, seed)


@kept(max_entries=8)
def spiral_errors(activation: str) -> Spread:
    """Errors and lost points over all n, of twenty random matrices each."""
    from explorer.blocks.spiral import errors

    return errors(activation, SEEDS, 30)


# --- gates ------------------------------------------------------------------------------------------------------------


def gated_models() -> tuple[str, ...]:
    """The models with gates that are here: those that ship, then published ones whose weights are on this machine."""
    from explorer.models import is_here

    shipped = [f"recorded:{run.name}" for name in ("shapes-gates", "cifar-gates") for run in lab_runs(name)]
    return (*shipped, *(f"pretrained:{slug}" for slug in WITH_GATES if is_here(slug)))


@kept(max_entries=16)
def gates(model_id: str, image: InputImage) -> tuple[GateLayer, ...]:
    """Every module's gates for an image, and their spread over other images. Raises `ExplorerError`."""
    from explorer.inspection.gates import gates as computed, other_images

    model = cached_models.model(model_id)
    return computed(model, image.pixels, other_images(model))


@kept(max_entries=4)
def gated_accuracy(model_id: str) -> GatedAccuracy | None:
    """Accuracy with gates free, fixed, exchanged and open; None where the test set is not here."""
    from explorer.inspection.gates import gated_accuracy as computed, test_set

    dataset = test_set(model_id)
    return computed(cached_models.model(model_id), dataset) if dataset else None


# --- scaling and dense blocks -----------------------------------------------------------------------------------------


@kept(max_entries=1)
def lites() -> tuple[tuple[str, int, int, float], ...]:
    """EfficientNet-Lite0 to 2: title, traced parameters and multiply-adds, published accuracy in percent."""
    found = []
    for number in range(3):
        spec = cached.spec(f"efficientnet-lite{number}")
        trace = cached.trace(NetworkInstance.of(spec))
        found.append((spec.title.removeprefix("EfficientNet-"), trace.parameters, trace.macs, spec.published[0].top1))
    return tuple((title, parameters, macs, float(top1 or 0)) for title, parameters, macs, top1 in found)


@kept(max_entries=1)
def table_2() -> tuple[tuple[str, float], ...]:
    """EfficientNet-B0 to B7 and their accuracy in percent in the paper's Table 2 (later arXiv version)."""
    specs = [cached.spec(f"efficientnet-b{number}") for number in range(8)]
    return tuple(
        (spec.title.removeprefix("EfficientNet-"), each.top1 or 0.0)
        for spec in specs
        for each in spec.published
        if "Table 2" in each.source
    )


@kept(max_entries=6)
def who_reads_whom(block: int, trained: bool) -> ReadWeights:
    """Mean absolute weights of the recorded DenseNet-BC, or of one before training."""
    from explorer.blocks.reading import untrained, who_reads_whom as computed

    return computed(block) if trained else untrained(block)


@kept(max_entries=64)
def reuse(k0: int, growth: int, layers: int) -> Reuse:
    """What is left of every layer after a dense block, and after one that adds; mean of five random draws."""
    from explorer.blocks.reading import mean_reuse

    return mean_reuse(k0, growth, layers, 5)


def gates_code() -> tuple[Callable[..., object]]:
    """What computes gates."""
    from explorer.inspection.gates import gates as computed

    return (computed,)
