"""Cell by cell equals PyTorch: sums over taps, and which inputs reach which outputs."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from explorer.arithmetic.taps import Axis, Spread, channel_pairs, outcome, spread_taps, window_taps
from explorer.records import LinkedStep

WINDOWS = [  # rows, columns, groups
    (Axis(6, 3), Axis(6, 3), 1),
    (Axis(7, 2, s=3, before=1, after=1), Axis(5, 3, before=2, after=2, d=2), 2),
    (Axis(1, 1), Axis(9, 4, s=2, before=3, after=3), 1),
    (Axis(16, 7, before=3, after=3), Axis(16, 5, s=2, before=2, after=2), 4),
]


@pytest.mark.parametrize(("rows", "columns", "groups"), WINDOWS)
def test_a_convolution_adds_up_its_taps(rows: Axis, columns: Axis, groups: int) -> None:
    torch.manual_seed(rows.n * columns.n)
    n_in, n_out = 4, 8
    x = torch.randint(-9, 9, (n_in, rows.n, columns.n)).double()  # (C, H, W)
    w = torch.randint(-9, 9, (n_out, n_in // groups, rows.f, columns.f)).double()
    bias = torch.randint(-9, 9, (n_out,)).double()
    padded = F.pad(x, (columns.before, columns.after, rows.before, rows.after))
    step = LinkedStep(
        inputs=tuple(f"x{i}" for i in range(n_in)),
        weights=tuple(f"w{i}" for i in range(n_out * (n_in // groups))),
        outputs=tuple(f"y{i}" for i in range(n_out)),
        pairs=channel_pairs(n_in, n_out, groups),
        taps=window_taps(rows, columns),
        bias=tuple(bias.tolist()),
    )
    values = {f"x{i}": plane.flatten().tolist() for i, plane in enumerate(padded)}
    values |= {f"w{i}": plane.flatten().tolist() for i, plane in enumerate(w.flatten(0, 1))}
    expected = F.conv2d(padded, w, bias, (rows.s, columns.s), 0, (rows.d, columns.d), groups)
    found = torch.tensor(outcome(step, values, rows.out * columns.out), dtype=torch.float64)
    assert torch.equal(found.view(n_out, rows.out, columns.out), expected)


@pytest.mark.parametrize(
    ("rows", "columns"), [(Spread(3, 3, s=2, p=1, extra=1), Spread(4, 2)), (Spread(1, 1), Spread(5, 4, s=3, p=2, d=2))]
)
def test_a_transposed_convolution_is_its_stamps_added(rows: Spread, columns: Spread) -> None:
    torch.manual_seed(1)
    x = torch.randint(-9, 9, (rows.n, columns.n)).double()
    w = torch.randint(-9, 9, (rows.f, columns.f)).double()
    options = {name: (getattr(rows, short), getattr(columns, short)) for name, short in OPTIONS.items()}
    expected = F.conv_transpose2d(x[None, None], w[None, None], **options)[0, 0]
    step = LinkedStep(
        inputs=("x",), weights=("w",), outputs=("y",), pairs=((0, 0, 0),), taps=spread_taps(rows, columns)
    )
    values = {"x": x.flatten().tolist(), "w": w.flatten().tolist()}
    (found,) = outcome(step, values, rows.out * columns.out)
    assert torch.equal(torch.tensor(found, dtype=torch.float64).view(rows.out, columns.out), expected)


OPTIONS = {"stride": "s", "padding": "p", "dilation": "d", "output_padding": "extra"}


@pytest.mark.parametrize("p", [0, 1])
def test_a_maximum_never_reads_the_padding(p: int) -> None:
    torch.manual_seed(2)
    x = -1 - torch.rand(6, 6, dtype=torch.float64)  # all below the zeros of the padding
    axis = Axis(6, 3, s=2, before=p, after=p)
    taps = window_taps(axis, axis, into_padding=False)
    step = LinkedStep(inputs=("x",), outputs=("y",), pairs=((0, 0, -1),), taps=taps, operation="max")
    (found,) = outcome(step, {"x": F.pad(x, (p, p, p, p)).flatten().tolist()}, axis.out**2)
    assert found == pytest.approx(F.max_pool2d(x[None], 3, 2, p).flatten().tolist(), abs=0)


@pytest.mark.parametrize("counted", [True, False])
def test_an_average_counts_the_padding_or_does_not(counted: bool) -> None:
    torch.manual_seed(3)
    x = torch.randn(5, 5, dtype=torch.float64)
    axis = Axis(5, 3, s=2, before=1, after=1)
    taps = window_taps(axis, axis, into_padding=counted)
    step = LinkedStep(inputs=("x",), outputs=("y",), pairs=((0, 0, -1),), taps=taps, operation="mean")
    (found,) = outcome(step, {"x": F.pad(x, (1, 1, 1, 1)).flatten().tolist()}, axis.out**2)
    assert found == pytest.approx(F.avg_pool2d(x[None], 3, 2, 1, count_include_pad=counted).flatten().tolist())


def test_an_input_reaches_the_outputs_whose_gradient_it_gets() -> None:
    rows, columns = Axis(6, 3, s=2, before=1, after=1), Axis(7, 2, d=2)
    x = torch.rand(1, rows.padded, columns.padded, requires_grad=True)
    w = 1 + torch.rand(1, 1, rows.f, columns.f)
    y = F.conv2d(x, w, stride=(rows.s, columns.s), dilation=(rows.d, columns.d)).flatten()
    reached = {(out, cell) for out, cell, _ in window_taps(rows, columns)}
    for out in range(len(y)):
        (gradient,) = torch.autograd.grad(y[out], x, retain_graph=True)
        assert {cell for at, cell in reached if at == out} == set(gradient.flatten().nonzero().flatten().tolist())
