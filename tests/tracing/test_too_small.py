"""An input too small is refused with the layer that cannot run, both shapes, and the smallest size that works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import pytest

from explorer.errors import ShapeMismatch
from explorer.networks import network, networks
from explorer.records import OptionValue, ShapeTrace
from explorer.tracing import OperationFailed, build_on_meta, sizes_at, smallest_side, trace_module, trace_shapes

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())


@cache
def smallest(slug: str) -> int:
    spec = network(slug)
    side = smallest_side(spec, classes=spec.classes, options=spec.options())
    assert side is not None
    return side


def runs(slug: str, side: int, options: Mapping[str, OptionValue] | None = None) -> bool:
    """Whether a real trace at this size gets to the end."""
    spec = network(slug)
    module = build_on_meta(spec, spec.classes, options)
    try:
        trace = trace_module(module, (spec.input_shape[0], side, side), spec.stages)
    except OperationFailed:
        return False
    return trace.layers[trace.heads[0]].out_shape == (spec.classes,)


@every_network
def test_the_smallest_side_is_the_first_that_runs(slug: str) -> None:
    side = smallest(slug)
    assert runs(slug, side)
    # All smaller ones where they are few; where they are many, the nearest and a sample of the others.
    smaller = {*range(1, min(side, 8)), *range(max(side - 3, 1), side), side // 4, side // 2, 3 * side // 4} - {0, side}
    assert [n for n in sorted(smaller) if runs(slug, n)] == []


@pytest.mark.parametrize(
    "slug", ["lenet5", "nin-imagenet", "squeezenet1-1", "densenet-bc-100-12", "googlenet-torchvision"]
)
def test_no_smaller_side_runs_at_all(slug: str) -> None:
    assert [n for n in range(1, smallest(slug)) if runs(slug, n)] == []


def refused() -> list[str]:
    """Networks with a size too small for them: those that pool without padding or flatten a grid."""
    return [slug for slug, spec in networks().items() if spec.family != "resnet" and not runs(slug, 1)]


@pytest.mark.parametrize("slug", refused())
def test_the_message_says_what_where_and_what_to_do(slug: str) -> None:
    spec, side = network(slug), smallest(slug)
    trace_shapes(spec, size=(side, side))
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(spec, size=(side - 1, side - 1))
    error = caught.value
    assert error.network == spec.title
    assert error.smallest == side
    module = build_on_meta(spec, spec.classes)
    assert error.layer in dict(module.named_modules())
    text = str(error)
    assert text.startswith(f"{spec.title} cannot run: layer {error.layer} needs {error.needs}, but got {error.got}.")
    assert text.endswith(f"The smallest input that works is {side} x {side}.")
    assert error.layer
    assert any(digit in error.needs for digit in "123456789")
    assert any(digit in error.got for digit in "123456789")


def test_networks_that_cannot_be_too_small_are_those_with_padding_everywhere() -> None:
    assert {"resnet50", "mobilenet-v2", "efficientnet-b0"} <= {slug for slug in networks() if smallest(slug) == 1}


def test_lenet_without_padding_asks_for_its_frame() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(network("lenet5"), options={"padding": 0})
    assert str(caught.value) == (
        "LeNet-5 cannot run: layer c5 needs 400 features, but got 256 features. "
        "The smallest input that works is 32 x 32."
    )


def test_a_pooling_that_does_not_fit_says_what_would() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(network("vgg16"), size=(31, 31))
    error = caught.value
    assert (error.layer, error.needs, error.got) == (
        "features.30",
        "at least 2 x 2 for its 2 x 2 window",
        "1 x 1 x 512",
    )
    assert error.smallest == 32


def test_a_convolution_that_does_not_fit_says_what_would() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(network("lenet5-1998"), size=(4, 20))
    error = caught.value
    assert (error.layer, error.needs, error.got) == ("c1", "at least 5 x 5 for its 5 x 5 window", "4 x 20 x 1")


def test_an_input_too_large_for_a_flattened_grid_is_refused_as_well() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(network("lenet5"), size=(40, 40))
    assert (caught.value.layer, caught.value.needs, caught.value.got) == ("c5", "400 features", "1024 features")
    assert caught.value.smallest == 28


@pytest.mark.parametrize(
    ("slug", "options"),
    [
        ("lenet5", {"padding": 0}),
        ("googlenet", {"aux": True}),
        ("googlenet-torchvision", {"aux": True}),
        ("inception-v3", {"aux": True}),
        ("alexnet", {"groups": 1, "lrn": False}),
        ("vgg11", {"batch_norm": True}),
    ],
)
def test_options_change_the_smallest_side(slug: str, options: dict[str, OptionValue]) -> None:
    spec = network(slug)
    side = smallest_side(spec, classes=spec.classes, options=spec.options(options))
    assert side is not None
    assert runs(slug, side, options)
    assert not any(runs(slug, n, options) for n in (side - 1, side // 2) if n)


@every_network
def test_sizes_worked_out_are_those_of_a_real_trace(slug: str, traced: Traced) -> None:
    spec, known = network(slug), traced(slug)
    own = spec.input_shape[1]
    for height, width in ((own, own), (smallest(slug), smallest(slug)), (own + 37, own + 5)):
        worked_out = sizes_at(known, (height, width))
        module = build_on_meta(spec, spec.classes)
        try:
            real = trace_module(module, (spec.input_shape[0], height, width), spec.stages)
        except OperationFailed:
            assert worked_out is None
            continue
        assert worked_out is not None
        volumes = [(layer.index, layer.out_shape[1:]) for layer in real.layers if len(layer.out_shape) == 3]
        assert [(i, worked_out[i]) for i, _ in volumes] == volumes
