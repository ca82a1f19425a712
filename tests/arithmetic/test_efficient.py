"""Separable, inverted, dense and scaled costs: the course's numbers, and every count against a traced network."""

from __future__ import annotations

from dataclasses import astuple
from fractions import Fraction
from math import ceil

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch import nn

from explorer import arithmetic
from explorer.arithmetic.compound import RELEASED, ROWS, SIDE, rounded
from explorer.networks import network
from explorer.networks.densenet import BottleneckLayer, DenseLayer, DenseNetCifar, Transition
from explorer.networks.efficientnet import ALPHA, BETA
from explorer.records import NetworkInstance, Stage
from explorer.tracing import trace_shapes
from explorer.tracing.recorder import trace_module

ALL = (Stage("all", ("",)),)


def weights(module: nn.Module) -> int:
    """The weights of the convolutions of a module, without biases."""
    return sum(each.weight.numel() for each in module.modules() if isinstance(each, nn.Conv2d))


def test_the_numbers_of_the_slide() -> None:
    whole = arithmetic.full(6, 3, 5, 3)
    first, second = arithmetic.separable(6, 3, 5, 3)
    assert (whole.macs.value, first.macs.value, second.macs.value) == (2160, 432, 240)
    assert (whole.weights.value, first.weights.value, second.weights.value) == (135, 27, 15)
    assert (first.before, first.after, second.after) == ((3, 6, 6), (3, 4, 4), (5, 4, 4))
    assert arithmetic.cost_ratio(5, 3) == Fraction(672, 2160)
    assert whole.macs.substituted == "4·4·3·3·3·5"


@given(
    st.integers(3, 20),
    st.integers(1, 9),
    st.integers(1, 9),
    st.sampled_from((1, 3, 5)),
    st.integers(1, 2),
    st.integers(0, 2),
)
@settings(max_examples=40, deadline=None)
def test_both_ways_cost_what_torch_modules_cost(side: int, n_in: int, n_out: int, f: int, s: int, p: int) -> None:
    if side + 2 * p < f:
        return
    both = arithmetic.separable(side, n_in, n_out, f, s=s, p=p)
    whole = arithmetic.full(side, n_in, n_out, f, s=s, p=p)
    pair = nn.Sequential(nn.Conv2d(n_in, n_in, f, s, p, groups=n_in, bias=False), nn.Conv2d(n_in, n_out, 1, bias=False))
    assert [step.weights.value for step in both] == [weights(each) for each in pair]
    traced = trace_module(pair.eval(), (n_in, side, side), ALL).layers
    assert [step.macs.value for step in both] == [layer.macs for layer in traced]
    assert [step.after for step in both] == [layer.out_shape for layer in traced]
    assert Fraction(sum(step.macs.value for step in both), whole.macs.value) == arithmetic.cost_ratio(n_out, f)


def test_inverted_blocks_are_those_of_the_traced_mobilenet() -> None:
    layers = trace_shapes(NetworkInstance.of(network("mobilenet-v2"))).layers
    blocks = {layer.block for layer in layers if layer.block and layer.kind == "depthwise"}
    assert len(blocks) == 17
    for name in blocks:
        convs = [layer for layer in layers if layer.block == name and layer.macs]
        middle = next(layer for layer in convs if layer.kind == "depthwise")
        n_in, n_out, wide = convs[0].in_shape[0], convs[-1].out_shape[0], middle.out_shape[0]
        assert middle.stride
        found = arithmetic.inverted(convs[0].in_shape[1], n_in, n_out, t=wide // n_in, s=middle.stride[0])
        assert [step.macs.value for step in found] == [layer.macs for layer in convs]
        assert [step.after for step in found] == [layer.out_shape for layer in convs]


def test_the_rows_are_those_of_torchvision() -> None:
    from torchvision.models import efficientnet as theirs

    rows, _ = theirs._efficientnet_conf("efficientnet_b0", width_mult=1.0, depth_mult=1.0)
    assert [astuple(row)[:6] for row in rows] == [*ROWS]
    assert (ALPHA, BETA) == (1.2, 1.1)


@pytest.mark.parametrize("version", RELEASED)
def test_a_released_network_is_counted_as_it_is_traced(version: str) -> None:
    width, depth, side = RELEASED[version]
    trace = trace_shapes(NetworkInstance.of(network(f"efficientnet-{version}")))
    found = arithmetic.counted(depth, width, side)
    assert (found.parameters, found.macs) == (trace.parameters, trace.macs)
    excited = sum(2 for layer in trace.layers if layer.kind == "multiply" and len(layer.in_shapes) == 2)
    assert found.layers == sum(layer.macs > 0 for layer in trace.layers) - excited


@given(st.floats(0, 7), st.integers(48, 320))
@settings(max_examples=15, deadline=None)
def test_any_phi_and_side_is_counted_as_it_is_traced(phi: float, side: int) -> None:
    spec = network("efficientnet-phi")
    trace = trace_shapes(NetworkInstance.of(spec, size=(side, side), options={"phi": phi}))
    found = arithmetic.counted(ALPHA**phi, BETA**phi, side)
    assert (found.parameters, found.macs) == (trace.parameters, trace.macs)


@given(st.floats(0.3, 4.0), st.floats(0.5, 3.0))
@settings(max_examples=15, deadline=None)
def test_depth_and_width_apart_are_counted_as_they_are_traced(depth: float, width: float) -> None:
    from torchvision.models import efficientnet as theirs

    rows = [theirs.MBConvConfig(*row, width_mult=width, depth_mult=depth) for row in ROWS]
    with torch.device("meta"):
        built = theirs.EfficientNet(rows, dropout=0.2)
    traced = trace_module(built.eval(), (3, 64, 64), ALL).layers
    found = arithmetic.counted(depth, width, 64)
    assert found.macs == sum(layer.macs for layer in traced)
    assert found.parameters == sum(each.numel() for each in built.parameters())
    assert found.layers >= sum(ceil(row[-1] * depth) for row in ROWS)


def test_the_surface_costs_two() -> None:
    alpha = arithmetic.depth_on_surface(1.1, 1.15)
    assert arithmetic.multiplied_cost(alpha, 1.1, 1.15) == pytest.approx(2)
    assert arithmetic.multiplied_cost(1.2, 1.1, 1.15) == pytest.approx(1.92, abs=0.005)
    assert rounded(8 * 1.1) == 8
    assert SIDE == 224


@pytest.mark.parametrize("bottleneck", [True, False])
@pytest.mark.parametrize(("k0", "growth", "layers"), [(24, 12, 6), (16, 4, 3), (7, 5, 4)])
def test_a_dense_block_has_the_weights_of_its_layers(k0: int, growth: int, layers: int, bottleneck: bool) -> None:
    layer = BottleneckLayer if bottleneck else DenseLayer
    for number, cost in enumerate(arithmetic.dense_block(k0, growth, layers, 8, bottleneck=bottleneck)):
        module = layer(k0 + number * growth, growth)
        assert (cost.reads, cost.weights) == (k0 + number * growth, weights(module))
        assert cost.macs == 64 * cost.weights


def test_a_transition_keeps_a_share_of_the_channels() -> None:
    kept, cost = arithmetic.transition(96, 0.5, 32)
    assert (kept, cost.weights) == (48, weights(Transition(96, 48)))


@pytest.mark.parametrize(
    ("growth", "depth", "bottleneck"), [(12, 40, True), (12, 100, True), (12, 40, False), (24, 58, True)]
)
def test_a_dense_network_is_counted_as_it_is_traced(growth: int, depth: int, bottleneck: bool) -> None:
    built = DenseNetCifar(growth=growth, depth=depth, bottleneck=bottleneck).eval()
    layers = (depth - 4) // (6 if bottleneck else 3)
    found = arithmetic.dense_network(growth, layers, 0.5 if bottleneck else 1.0, bottleneck=bottleneck)
    traced = trace_module(built, (3, 32, 32), ALL).layers
    assert found.weights == weights(built)
    assert found.macs == sum(layer.macs for layer in traced if layer.kind == "conv")
    assert found.reads == built.fc.in_features
