"""Fully connected against convolution: counts against torch's modules, matrices against torch's convolution."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings, strategies as st
from torch import nn

from explorer.arithmetic.sharing import same_kernel, weight_matrices, wiring_costs


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 3), st.integers(1, 4), st.integers(1, 3), st.integers(1, 2), st.integers(0, 1))
def test_parameters_are_those_of_the_modules(n: int, c: int, f: int, c_out: int, s: int, p: int) -> None:
    if n + 2 * p < f:
        with pytest.raises(ValueError, match="does not fit"):
            wiring_costs(n, c, f, c_out, s=s, p=p)
        return
    conv = nn.Conv2d(c, c_out, f, stride=s, padding=p)
    x = torch.zeros(1, c, n, n)
    out = conv(x)
    dense, local, shared = wiring_costs(n, c, f, c_out, s=s, p=p)
    linear = nn.Linear(x.numel(), out.numel())
    assert dense.parameters.value == sum(each.numel() for each in linear.parameters())
    assert dense.connections.value == linear.weight.numel()
    assert shared.parameters.value == sum(each.numel() for each in conv.parameters())
    columns = F.unfold(x, f, stride=s, padding=p)  # (1, c·f·f, places): what a local layer multiplies
    assert local.weights.value == columns.numel() * c_out == local.connections.value == shared.connections.value
    assert local.parameters.value == columns.numel() * c_out + out.numel()


def test_the_numbers_of_the_slide() -> None:
    """32 x 32 x 3 to 28 x 28 x 6 with 5 x 5: about 14 million against 456 (156 where the input has one channel)."""
    dense, _, shared = wiring_costs(32, 3, 5, 6)
    assert dense.weights.value == 14_450_688
    assert shared.parameters.value == 456
    assert str(shared.parameters) == "5·5·3·6 + 6 = 456"
    assert wiring_costs(32, 1, 5, 6)[2].parameters.value == 156


def says(formula: str) -> int:
    return int(eval(formula.replace("·", "*")))


@given(st.integers(3, 9), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_each_formula_says_its_value(n: int, c: int, f: int, c_out: int) -> None:
    for cost in wiring_costs(n, c, f, c_out):
        for formula in (cost.weights, cost.parameters, cost.connections):
            assert says(formula.substituted) == formula.value


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(1, 5), st.integers(1, 3), st.booleans())
def test_the_matrix_of_a_convolution_is_its_jacobian(n: int, f: int, s: int, planar: bool) -> None:
    assume(f <= n)
    kernel = torch.arange(1.0, f * f + 1).reshape(f, f) if planar else torch.arange(1.0, f + 1)
    convolve = F.conv2d if planar else F.conv1d
    x = torch.zeros(1, 1, *((n, n) if planar else (n,)))
    matrix = torch.autograd.functional.jacobian(lambda x: convolve(x, kernel[None, None], stride=s).flatten(), x)
    dense, local, shared = weight_matrices(n, f, s, planar=planar)
    drawn = torch.zeros(shared.rows, shared.columns)
    for row, column, weight in shared.entries:
        drawn[row, column] = kernel.flatten()[weight]
    assert torch.equal(drawn, matrix.reshape(shared.rows, shared.columns))
    assert shared.weights == kernel.numel()
    assert local.weights == len(local.entries) == len(shared.entries)
    assert {entry[:2] for entry in local.entries} == {entry[:2] for entry in shared.entries}
    assert dense.weights == len(dense.entries) == dense.rows * dense.columns


@pytest.mark.parametrize("s", [1, 2, 3])
def test_every_row_is_the_row_above_it_moved_by_the_stride(s: int) -> None:
    """And in the plane: every row of blocks is the one above it, moved by as many blocks."""
    *_, line = weight_matrices(9, 3, s, planar=False)
    entries = set(line.entries)
    assert {(row + 1, column + s, weight) for row, column, weight in entries if row + 1 < line.rows} == {
        entry for entry in entries if entry[0]
    }
    *_, plane = weight_matrices(5, 2, s, planar=True)
    side = round(plane.rows**0.5)
    moved = {(row + side, column + 5 * s, weight) for row, column, weight in plane.entries if row + side < plane.rows}
    assert moved == {entry for entry in plane.entries if entry[0] >= side}


def test_a_window_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        weight_matrices(3, 4, 1, planar=True)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("f", range(1, 9))
def test_same_padding_is_torchs_and_only_odd_kernels_have_a_middle(f: int) -> None:
    """The Jacobian of torch's own "same" convolution: which inputs output 10 of 21 reads."""
    kernel = same_kernel(f)
    layer = nn.Conv1d(1, 1, f, padding="same", bias=False)
    x = torch.zeros(1, 1, 21, requires_grad=True)
    (gradient,) = torch.autograd.grad(layer(x)[0, 0, 10], x)
    read = gradient[0, 0].nonzero().flatten()
    assert (int(read.min()), int(read.max())) == (10 - kernel.before, 10 + kernel.after)
    assert float(read.float().mean()) - 10 == kernel.offset
    assert kernel.offset == (0 if f % 2 else 0.5)
