"""The block that a network is built of, and where its parameters sit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from explorer.folding import PLACES, outline, parameters_by_place, telling_block
from explorer.networks import networks
from explorer.records import ShapeTrace

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())

RESIDUAL = (
    "cifar-resnet",
    "thin-resnet",
    "resnet",
    "preact",
    "inception-resnet",
    "mobilenet-v2",
    "mobilenet-v3",
    "eff",
)


@every_network
def test_a_network_with_skips_shows_a_block_that_adds_its_input_untouched(slug: str, traced: Traced) -> None:
    found = telling_block(traced(slug))
    assert (found is not None and found.ideas[0] == "residual") == slug.startswith(RESIDUAL)
    if found and found.ideas[0] == "residual":
        (source,) = {layer.inputs[0] for layer in found.graph.nodes[0].layers[:1]}
        sums = [node.layers[0] for node in found.graph.nodes if node.kind == "add"]
        assert any(source in addition.inputs for addition in sums)


@every_network
def test_it_is_one_of_several_and_belongs_to_a_fold(slug: str, traced: Traced) -> None:
    found = telling_block(traced(slug))
    if found is None:
        return
    blocks = {layer.block for layer in traced(slug).layers if layer.block_type == found.graph.type}
    assert found.alike == len(blocks) > 1
    assert found.graph.block in blocks
    (fold,) = [segment for segment in outline(traced(slug), "block") if segment.label == found.fold]
    assert fold.type == found.graph.type


@pytest.mark.parametrize("slug", ["lenet5", "lenet5-1998", "alexnet", "vgg16", "vgg19"])
def test_single_layers_and_blocks_that_all_differ_show_none(slug: str, traced: Traced) -> None:
    assert telling_block(traced(slug)) is None


@pytest.mark.parametrize(
    ("slug", "ideas"),
    [
        ("resnet34", ("residual",)),
        ("resnet50", ("residual", "bottleneck")),
        ("mobilenet-v2", ("residual", "inverted")),
        ("efficientnet-b7", ("residual", "inverted", "gate")),
        ("inception-resnet-v2", ("residual", "branches")),
        ("inception-v4", ("branches",)),
        ("squeezenet1-0", ("branches",)),
        ("densenet121", ("dense",)),
        ("mobilenet-v1", ("separable",)),
        ("plain34", ("chain",)),
        ("nin-cifar10", ("chain",)),
    ],
)
def test_its_ideas_are_those_of_the_paper(slug: str, ideas: tuple[str, ...], traced: Traced) -> None:
    found = telling_block(traced(slug))
    assert found is not None
    assert found.ideas == ideas


@every_network
def test_no_parameter_is_left_without_a_place(slug: str, traced: Traced) -> None:
    found = parameters_by_place(traced(slug))
    assert tuple(found) == PLACES
    assert sum(found.values()) == traced(slug).parameters


def test_the_places_of_vgg_16(traced: Traced) -> None:
    """Simonyan & Zisserman 2015, table 1, D: 3 x 3 convolutions, halves of six and seven; three dense layers."""
    widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    each = [9 * read * made + made for read, made in pairwise(widths)]
    dense = (25_088 + 1) * 4_096 + (4_096 + 1) * 4_096 + (4_096 + 1) * 1_000
    assert parameters_by_place(traced("vgg16")) == {"early": sum(each[:6]), "late": sum(each[6:]), "dense": dense}
