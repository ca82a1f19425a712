"""Costs of bottlenecks, modules and factorised kernels: the course's numbers, and the tensors of real layers."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.arithmetic import (
    bottleneck,
    break_even,
    conv_cost,
    factorised,
    field_of_input,
    grid_reductions,
    inception_module,
    module_widths,
    rf_window,
    weights_of,
)
from explorer.networks.googlenet import Inception
from explorer.records import ShapeTrace
from explorer.records.inception import InceptionWidths

SEEDS = pytest.mark.parametrize("seed", range(40))


def small(rng: Random) -> int:
    return rng.randint(1, 9)


def counted(module: nn.Module, *shape: int) -> tuple[int, int]:
    """(multiply-adds, parameters) as PyTorch's own counter and the tensors say them."""
    module, x = module.to("meta"), torch.empty(1, *shape, device="meta")
    with FlopCounterMode(display=False) as counter:
        module(x)
    return counter.get_total_flops() // 2, sum(weight.numel() for weight in module.parameters())


def test_the_numbers_of_the_course() -> None:
    direct = conv_cost((28, 28), 192, 32, (5, 5))
    first, second = bottleneck((28, 28), 192, 16, 32, 5)
    assert str(direct.macs) == "28·28·5·5·192·32 = 120,422,400"
    assert (first.macs.value, second.macs.value) == (2_408_448, 10_035_200)
    assert first.macs.value + second.macs.value == 12_443_648
    assert f"{direct.macs.value / 1e6:.0f} M" == "120 M"
    assert f"{(first.macs.value + second.macs.value) / 1e6:.1f} M" == "12.4 M"


@SEEDS
def test_a_convolution_costs_what_torch_counts(seed: int) -> None:
    rng = Random(seed)
    h, w, n_in, n_out, f = *(small(rng) for _ in range(4)), rng.choice((1, 3, 5, 7))
    cost = conv_cost((h, w), n_in, n_out, (f, f))
    assert (cost.macs.value, cost.parameters.value) == counted(nn.Conv2d(n_in, n_out, f, padding=f // 2), n_in, h, w)
    for formula in (cost.macs, cost.parameters):
        assert eval(formula.substituted.replace("·", "*")) == formula.value


@SEEDS
def test_below_the_break_even_a_bottleneck_saves_and_above_it_costs(seed: int) -> None:
    rng = Random(seed)
    n_in, n_out, width, f = *(rng.randint(1, 300) for _ in range(3)), rng.choice((1, 3, 5, 7))
    level = break_even(n_in, n_out, f)
    together = sum(conv.macs.value for conv in bottleneck((7, 7), n_in, width, n_out, f))
    direct = conv_cost((7, 7), n_in, n_out, (f, f)).macs.value
    assert (together < direct, together == direct) == (width < level, width == level)


@SEEDS
def test_a_module_costs_what_the_paper_s_module_of_the_catalogue_costs(seed: int) -> None:
    rng = Random(seed)
    numbers, side = [small(rng) for _ in range(7)], small(rng)
    widths = InceptionWidths(*numbers)
    branches = inception_module((side, side), widths)
    macs, parameters = counted(Inception(*widths), widths.n_in, side, side)
    assert sum(branch.macs for branch in branches) == macs
    assert sum(branch.parameters for branch in branches) == parameters
    assert Inception(*widths)(torch.zeros(1, widths.n_in, side, side)).shape == (1, widths.n_out, side, side)


def test_a_naive_module_costs_what_its_convolutions_cost_and_its_pool_keeps_all_channels() -> None:
    widths = InceptionWidths(192, 64, 96, 128, 16, 32, 32)
    naive = inception_module((28, 28), widths, reduced=False)
    convs = nn.ModuleList(nn.Conv2d(192, n, f, padding=f // 2) for n, f in ((64, 1), (128, 3), (32, 5)))
    assert [(branch.macs, branch.parameters) for branch in naive[:3]] == [counted(c, 192, 28, 28) for c in convs]
    assert naive[3] == ("pool", (), 192)
    assert sum(branch.n_out for branch in naive) == 64 + 128 + 32 + 192 == 416


def test_every_module_of_googlenet_is_read_from_its_trace(
    traced: Callable[[str], ShapeTrace],
) -> None:
    trace = traced("googlenet")
    modules = module_widths(trace)
    assert [name.removeprefix("inception") for name in modules] == ["3a", "3b", *(f"4{x}" for x in "abcde"), "5a", "5b"]
    assert modules["inception3a"] == ((28, 28), (192, 64, 96, 128, 16, 32, 32))  # Table 1
    assert modules["inception5b"] == ((7, 7), (832, 384, 192, 384, 48, 128, 128))
    for name, (size, widths) in modules.items():
        inside = [layer for layer in trace.layers if layer.block == name]
        branches = inception_module(size, widths)
        assert sum(branch.macs for branch in branches) == sum(layer.macs for layer in inside)
        assert sum(branch.parameters for branch in branches) == sum(layer.parameters for layer in inside)
        assert inside[-1].out_shape == (widths.n_out, *size)


@pytest.mark.parametrize("n", [3, 5, 7, 9, 11])
@pytest.mark.parametrize("how", ["stack", "pair"])
def test_a_chain_sees_as_much_as_the_kernel_it_replaces(n: int, how: str) -> None:
    chain, field = factorised(n, how), field_of_input()
    x = torch.zeros(1, 1, 25, 25, dtype=torch.float64, requires_grad=True)
    y = x
    for f_h, f_w in chain:
        field = rf_window(field, (f_h, f_w), (1, 1))
        y = nn.functional.conv2d(y, torch.ones(1, 1, f_h, f_w, dtype=torch.float64), padding=(f_h // 2, f_w // 2))
    (reached,) = torch.autograd.grad(y[0, 0, 12, 12], x)
    rows, columns = (reached[0, 0] != 0).any(1).sum(), (reached[0, 0] != 0).any(0).sum()
    assert field.size == (n, n) == (int(rows), int(columns))
    assert weights_of(chain) == (9 * (n - 1) // 2 if how == "stack" else 2 * n)


def test_the_savings_of_the_papers() -> None:
    assert 1 - weights_of(factorised(5, "stack")) / 25 == pytest.approx(0.28)
    assert 1 - weights_of(factorised(3, "pair")) / 9 == pytest.approx(1 / 3)
    assert weights_of(factorised(7, "pair")) / 49 == pytest.approx(2 / 7)


@pytest.mark.parametrize(("side", "n"), [(35, 320), (17, 6), (8, 4)])
def test_three_ways_to_halve_a_grid_cost_what_their_layers_cost(side: int, n: int) -> None:
    late, early, parallel = grid_reductions(side, n)
    pool = nn.MaxPool2d(3, 2, 1)
    half = -(-side // 2)
    assert pool(torch.zeros(1, 1, side, side)).shape[-1] == half
    assert late.macs.value == counted(nn.Conv2d(n, 2 * n, 3, padding=1, bias=False), n, side, side)[0]
    assert early.macs.value == counted(nn.Sequential(pool, nn.Conv2d(n, 2 * n, 3, padding=1)), n, side, side)[0]
    assert parallel.macs.value == counted(nn.Conv2d(n, n, 3, 2, 1), n, side, side)[0]
    assert {way.shape for way in (late, early, parallel)} == {(half, half, 2 * n)}
    assert (early.narrowest, parallel.narrowest) == (half * half * n, half * half * 2 * n)
