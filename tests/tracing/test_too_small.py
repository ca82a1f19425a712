"""An input too small is refused with the layer that cannot run, both shapes, and the smallest size that works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from explorer.errors import ShapeMismatch
from explorer.networks import network, networks
from explorer.networks._blocks import Add
from explorer.records import NetworkInstance, OptionValue, Pair, ShapeTrace, Stage
from explorer.tracing import OperationFailed, build_on_meta, sizes_at, smallest_side, trace_module, trace_shapes
from tests.random_weights import on_meta, smallest_of

Traced = Callable[[str], ShapeTrace]

every_network = pytest.mark.parametrize("slug", networks())


def smallest(slug: str) -> int:
    side = smallest_of(slug)
    assert side is not None
    return side


def run(slug: str, module: nn.Module, size: Pair) -> ShapeTrace | None:
    """A real trace at this size, or None where it does not get to the end."""
    spec = network(slug)
    try:
        return trace_module(module, (spec.input_shape[0], *size), spec.stages)
    except OperationFailed:
        return None


def runs(slug: str, module: nn.Module, side: int) -> bool:
    return run(slug, module, (side, side)) is not None


def smaller_than(side: int) -> list[int]:
    """All smaller sides where they are few; where they are many, the nearest and a sample of the others."""
    return sorted(
        {*range(1, min(side, 6)), side - 2, side - 1, side // 4, side // 2, 3 * side // 4} & {*range(1, side)}
    )


@every_network
def test_the_smallest_side_is_the_first_that_runs(slug: str, traced: Traced) -> None:
    side = smallest(slug)
    at_smallest = run(slug, on_meta(slug), (side, side))
    assert at_smallest is not None
    check_sizes(sizes_at(traced(slug), (side, side)), at_smallest)
    assert [n for n in smaller_than(side) if runs(slug, on_meta(slug), n)] == []


def check_sizes(worked_out: list[Pair] | None, real: ShapeTrace) -> None:
    """Sizes worked out from a trace at another input are those of a real trace at this one."""
    assert worked_out is not None
    volumes = [(layer.index, layer.out_shape[1:]) for layer in real.layers if len(layer.out_shape) == 3]
    assert [(i, worked_out[i]) for i, _ in volumes] == volumes


@every_network
def test_sizes_are_worked_out_for_inputs_that_are_not_square(slug: str, traced: Traced) -> None:
    _, height, width = network(slug).input_shape
    size = height + 37, width + 5
    worked_out, real = sizes_at(traced(slug), size), run(slug, on_meta(slug), size)
    if real is None:
        assert worked_out is None
    else:
        check_sizes(worked_out, real)


@pytest.mark.parametrize(
    "slug", ["lenet5", "nin-imagenet", "squeezenet1-1", "densenet-bc-100-12", "googlenet-torchvision"]
)
def test_no_smaller_side_runs_at_all(slug: str) -> None:
    assert [n for n in range(1, smallest(slug)) if runs(slug, on_meta(slug), n)] == []


def test_some_networks_take_any_size_and_some_do_not() -> None:
    """Those with padding everywhere and a global pooling do."""
    assert smallest("resnet50") == smallest("mobilenet-v2") == smallest("efficientnet-b0") == 1
    assert (smallest("lenet5"), smallest("vgg16"), smallest("alexnet"), smallest("inception-v3")) == (28, 32, 227, 75)


TOO_SMALL = {
    "alexnet": "features",
    "alexnet-bn-tanh": "features",
    "alexnet-torchvision": "window",
    "densenet-bc-100-12": "window",
    "densenet121": "window",
    "googlenet": "window",
    "googlenet-torchvision": "window",
    "inception-resnet-v1": "window",
    "inception-v3": "window",
    "inception-v4": "window",
    "lenet5": "features",
    "lenet5-1998": "window",
    "nin-cifar10": "window",
    "nin-imagenet": "window",
    "squeezenet1-0": "window",
    "squeezenet1-1": "window",
    "vgg11": "window",
    "vgg16-c": "features",
}
"""Network -> what stops it when one pixel is missing: a window that does not fit, or weights for another grid."""


def refusal(slug: str, size: Pair) -> ShapeMismatch:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(NetworkInstance.of(network(slug), size=size))
    return caught.value


@pytest.mark.parametrize(("slug", "reason"), TOO_SMALL.items())
def test_the_message_says_what_where_and_what_to_do(slug: str, reason: str) -> None:
    error = refusal(slug, (smallest(slug) - 1,) * 2)
    assert (error.network, error.reason, error.smallest) == (network(slug).title, reason, smallest(slug))
    assert error.layer in dict(on_meta(slug).named_modules())
    text = str(error)
    expected = [error.network, f"layer {error.layer} ", f"{error.smallest}x{error.smallest}", *error.values.values()]
    assert [part for part in expected if part not in text] == []


WINDOWS = ("lenet5-1998", "vgg11", "alexnet-torchvision", "densenet-bc-100-12")
ROUNDING_UP = ("nin-cifar10", "nin-imagenet", "squeezenet1-0", "squeezenet1-1", "googlenet", "googlenet-torchvision")


@pytest.mark.parametrize("slug", [*WINDOWS, *ROUNDING_UP])
def test_what_a_window_needs_is_the_least_it_takes(slug: str) -> None:
    """Asked of the layer itself: it runs with what the message asks for, and with a row less it does not."""
    for side in {smallest(slug) - 1, (smallest(slug) + 1) // 2}:
        error = refusal(slug, (side, side))
        layer = on_meta(slug).get_submodule(error.layer)
        rows, columns = map(int, error.values["needs"].split("×"))
        channels = int(error.values["got"].split("×")[-1])
        assert fits(layer, channels, rows, columns), error
        assert not fits(layer, channels, rows - 1, columns), error
        assert not fits(layer, channels, rows, columns - 1), error


def fits(layer: nn.Module, channels: int, rows: int, columns: int) -> bool:
    try:
        layer(torch.empty(1, channels, rows, columns, device="meta"))
    except RuntimeError:
        return False
    return True


def test_lenet_without_padding_asks_for_its_frame() -> None:
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(NetworkInstance.of(network("lenet5"), options={"padding": 0}))
    error = caught.value
    assert (error.layer, error.reason, error.values) == ("c5", "features", {"needs": "400", "got": "256"})
    assert error.smallest == 32
    assert "32x32" in str(error)


def test_a_pooling_that_does_not_fit_says_what_would() -> None:
    error = refusal("vgg16", (31, 31))
    assert (error.layer, error.reason, error.smallest) == ("features.30", "window", 32)
    assert error.values == {"needs": "2×2", "kernel": "2×2", "got": "1×1×512"}


def test_a_convolution_that_does_not_fit_says_what_would() -> None:
    error = refusal("lenet5-1998", (4, 20))
    assert (error.layer, error.reason) == ("c1", "window")
    assert error.values == {"needs": "5×5", "kernel": "5×5", "got": "4×20×1"}


def test_an_input_too_large_for_a_flattened_grid_is_refused_as_well() -> None:
    error = refusal("lenet5", (40, 40))
    assert (error.layer, error.reason, error.values["needs"], error.smallest) == ("c5", "features", "400", 28)
    assert error.values["got"] == "1,024"


class Parting(nn.Module):
    """Two ways to halve a volume, which disagree on odd sizes."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, stride=2, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.add = Add()
        self.fc = nn.Linear(3, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.add(self.conv(x), self.pool(x)).mean((2, 3)))  # type: ignore[no-any-return]


PARTING = replace(
    network("resnet18"),
    build=Parting,
    input_shape=(3, 8, 8),
    classes=2,
    controls=(),
    stages=(Stage("all", ("conv", "pool", "add", "fc")),),
)


def test_volumes_that_do_not_meet_are_refused() -> None:
    trace = trace_shapes(NetworkInstance.of(PARTING), PARTING)
    assert [sizes_at(trace, (n, n)) is not None for n in range(1, 9)] == [n % 2 == 0 for n in range(1, 9)]
    assert smallest_side(NetworkInstance.of(PARTING), PARTING) == 2
    with pytest.raises(ShapeMismatch) as caught:
        trace_shapes(NetworkInstance.of(PARTING, size=(7, 7)), PARTING)
    assert (caught.value.layer, caught.value.reason, caught.value.smallest) == ("add", "merge", 2)
    assert caught.value.values["got"] in str(caught.value)


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
def test_the_smallest_side_with_options(slug: str, options: dict[str, OptionValue]) -> None:
    spec = network(slug)
    side = smallest_side(NetworkInstance.of(spec, options=options), spec)
    module = build_on_meta(NetworkInstance.of(spec, options=options))
    assert side is not None
    assert runs(slug, module, side)
    assert [n for n in smaller_than(side) if runs(slug, module, n)] == []
