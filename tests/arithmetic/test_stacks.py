"""Stacks of windows: every number of the recursion, and the ways from output to input, against torch and autograd."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings, strategies as st

from explorer.arithmetic.stacks import PRESETS, grown, middle_share, misfit, reached, smallest_input, stacked_pair
from explorer.records.stacks import WindowLayer

WINDOWS = st.builds(
    lambda f, s, p, d: WindowLayer(f, s, min(p, d * (f - 1)), d),
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 3),
)
STACKS = st.lists(WINDOWS, min_size=1, max_size=4)


def through(layers: list[WindowLayer], x: torch.Tensor) -> torch.Tensor:
    """A signal (1, 1, n) through convolutions whose weights are all one."""
    for f, s, p, d in layers:
        x = F.conv1d(x, torch.ones(1, 1, f, dtype=x.dtype), stride=s, padding=p, dilation=d)
    return x


@settings(max_examples=150, deadline=None)
@given(STACKS, st.integers(1, 40), st.data())
def test_sides_fields_and_ways_are_those_of_autograd(layers: list[WindowLayer], n: int, data: st.DataObject) -> None:
    """The gradient of a sum of ones counts the ways; where it is not zero, the output reads."""
    assume(misfit(layers, n) is None)
    x = torch.zeros(1, 1, n, dtype=torch.float64, requires_grad=True)
    y = through(layers, x)
    found = grown(layers, n)
    assert found[-1].side.value == y.shape[-1]
    cell = data.draw(st.integers(0, y.shape[-1] - 1))
    (gradient,) = torch.autograd.grad(y[0, 0, cell], x)
    below = reached(layers, n, cell)[0]
    expected = [0.0] * n
    expected[below.first : below.first + len(below.ways)] = map(float, below.ways)
    assert gradient[0, 0].tolist() == expected
    first, after = found[-1].window(cell)
    assert all(first <= pixel < after for pixel in range(n) if expected[pixel])
    assert below.cells == int((gradient != 0).sum())


@settings(max_examples=100, deadline=None)
@given(STACKS)
def test_far_from_the_border_the_window_is_as_wide_as_the_recursion_says(layers: list[WindowLayer]) -> None:
    n = 6 * grown(layers, smallest_input(layers) + 400)[-1].size.value + 400
    found = grown(layers, n)[-1]
    cell = found.side.value // 2
    below = reached(layers, n, cell)[0]
    assert (below.first, below.first + len(below.ways)) == found.window(cell)
    assert below.ways[0] == below.ways[-1] == 1


@settings(max_examples=100, deadline=None)
@given(STACKS)
def test_the_smallest_input_is_the_smallest(layers: list[WindowLayer]) -> None:
    least = smallest_input(layers)
    through(layers, torch.zeros(1, 1, least))
    assert misfit(layers, least) is None
    if least > 1:
        with pytest.raises(RuntimeError):
            through(layers, torch.zeros(1, 1, least - 1))
        refused = misfit(layers, least - 1)
        assert refused is not None
        assert refused.span > refused.room
        assert refused.nearest == least
        with pytest.raises(ValueError, match="does not fit"):
            grown(layers, least - 1)


@settings(max_examples=100, deadline=None)
@given(STACKS)
def test_each_formula_says_its_value(layers: list[WindowLayer]) -> None:
    for field in grown(layers, smallest_input(layers) + 7):
        for formula in (field.size, field.jump, field.start):
            text = formula.substituted.replace("·", "*").replace("−", "-")
            assert eval(text) == formula.value, text


def test_what_a_layer_in_the_middle_is_read_of() -> None:
    """By hand: two 3-wide layers, the second with stride 2: output 0 reads cells 0 to 2, and pixels 0 to 4."""
    layers = (WindowLayer(3), WindowLayer(3, 2))
    assert [each.ways for each in reached(layers, 9, 0)] == [(1, 2, 3, 2, 1), (1, 1, 1), (1,)]
    assert [each.first for each in reached(layers, 9, 1)] == [2, 2, 1]


def test_three_layers_dilated_by_two_never_read_every_other_pixel() -> None:
    ways = reached(PRESETS["dilated-222"], 31, 15)[0].ways
    assert set(ways[1::2]) == {0}
    assert all(ways[::2])
    assert all(reached(PRESETS["dilated-124"], 31, 15)[0].ways)


@pytest.mark.parametrize(
    ("preset", "size", "jump"),
    [
        ("three-3", 7, 1),
        ("one-7", 7, 1),
        ("dilated-124", 15, 1),
        ("lenet", 16, 4),
        ("alexnet", 195, 32),
        ("vgg", 32, 4),
    ],
)
def test_fields_of_the_presets(preset: str, size: int, jump: int) -> None:
    """AlexNet's 195 and 32 are those of Araujo, Norris and Sim 2019, table 1."""
    last = grown(PRESETS[preset], 227)[-1]
    assert (last.size.value, last.jump.value) == (size, jump)
    assert len(PRESETS[preset]) <= 8


def test_alexnet_has_the_sides_of_the_slide() -> None:
    assert [field.side.value for field in grown(PRESETS["alexnet"], 227)] == [227, 55, 27, 27, 13, 13, 13, 13, 6]


@pytest.mark.parametrize(("f", "layers", "channels"), [(3, 3, 64), (3, 2, 10), (5, 2, 7)])
def test_a_pair_has_the_parameters_of_its_modules(f: int, layers: int, channels: int) -> None:
    pair = stacked_pair(f, layers, channels)
    stack = [torch.nn.Conv2d(channels, channels, f, bias=False) for _ in range(layers)]
    single = torch.nn.Conv2d(channels, channels, pair.size.value, bias=False)
    assert pair.stacked.value == sum(layer.weight.numel() for layer in stack)
    assert pair.single.value == single.weight.numel()
    x = torch.zeros(1, channels, pair.size.value, pair.size.value)
    assert torch.nn.Sequential(*stack)(x).shape == single(x).shape == (1, channels, 1, 1)


def test_27_against_49() -> None:
    pair = stacked_pair(3, 3, 64)
    assert Fraction(pair.stacked.value, pair.single.value) == Fraction(27, 49)
    assert pair.size.value == 7


def test_the_middle_half_of_a_window() -> None:
    assert middle_share((5, 5, 5, 5)) == 0.5
    assert middle_share((1, 1, 1)) == pytest.approx(0.5)
    assert middle_share((1, 2, 2, 1)) == pytest.approx(4 / 6)
    assert middle_share(reached(PRESETS["three-3"], 40, 20)[0].ways) > 0.7
