"""TensorFlow's padding, against its definition: which cells of the input each output reads."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from explorer.arithmetic import same_padding, working
from explorer.networks import network, same_padding as padding_of_networks
from explorer.records import NetworkInstance, Pair, Stage
from explorer.tracing import trace_module, trace_shapes


@pytest.mark.parametrize("f", [1, 3, 5])
@pytest.mark.parametrize("s", [1, 2, 3])
def test_the_output_has_a_cell_for_every_stride(f: int, s: int) -> None:
    for n in range(1, 40):
        total = same_padding(n, f, s).value
        assert (n + total - f) // s + 1 == -(-n // s)
        assert total == 0 or (n + total - 1 - f) // s + 1 < -(-n // s), "one zero less would lose a cell"


@pytest.mark.parametrize("size", [(7, 8), (8, 7), (5, 5), (14, 3)])
def test_zeros_are_put_where_tensorflow_puts_them(size: Pair) -> None:
    pad = padding_of_networks()
    x = torch.arange(1.0, 1 + size[0] * size[1]).view(1, 1, *size)
    padded = pad(x, 5, 2)
    rows, columns = (same_padding(side, 5, 2).value for side in size)
    assert torch.equal(padded, F.pad(x, (columns // 2, (columns + 1) // 2, rows // 2, (rows + 1) // 2)))
    # As the documentation of tf.nn has it: a sum over shifted inputs, whose first window begins at -(p // 2).
    kernel = torch.randn(1, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    found = F.conv2d(padded, kernel, stride=2)
    for row in range(found.shape[2]):
        for column in range(found.shape[3]):
            total = 0.0
            for down in range(5):
                for across in range(5):
                    y, z = 2 * row + down - rows // 2, 2 * column + across - columns // 2
                    if 0 <= y < size[0] and 0 <= z < size[1]:
                        total += float(x[0, 0, y, z] * kernel[0, 0, down, across])
            assert float(found[0, 0, row, column]) == pytest.approx(total, rel=1e-4, abs=1e-4)


class Small(nn.Module):
    """Two strided convolutions with such padding."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, 2), nn.Conv2d(4, 4, 5, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pad = padding_of_networks()
        out: torch.Tensor = self.second(pad(self.first(pad(x, 3, 2)), 5, 2))
        return out


@pytest.mark.parametrize("size", [(16, 16), (17, 20), (31, 30)])
def test_the_receptive_field_is_what_moves_the_output(size: Pair) -> None:
    """Against autograd: the pixels with a gradient are those inside the traced window."""
    module = Small()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(1.0)
    trace = trace_module(module, (3, *size), (Stage("all", ("first", "second")),))
    x = torch.zeros(1, 3, *size, requires_grad=True)
    out = module(x)
    assert tuple(out.shape[2:]) == trace.layers[-1].out_shape[1:]
    row, column = out.shape[2] // 2, out.shape[3] // 2
    out[0, 0, row, column].backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    moved = x.grad[0, 0].nonzero()
    top, left, bottom, right = trace.layers[-1].rf.window(row, column)
    assert moved.min(0).values.tolist() == [max(top, 0), max(left, 0)]
    assert (moved.max(0).values + 1).tolist() == [min(bottom, size[0]), min(right, size[1])]


def test_a_padding_is_worked_out() -> None:
    layers = trace_shapes(NetworkInstance.of(network("efficientnet-lite0"))).layers
    stem, last = (index for index in (0, max(i for i, layer in enumerate(layers) if layer.pads_for)))
    assert str(working(layers, stem)["side"]) == "224 + max((⌈224/2⌉ − 1)·2 + 3 − 224, 0) = 225"
    assert working(layers, stem)["before"].value == 0
    assert str(working(layers, last)["side"]) == "14 + max((⌈14/2⌉ − 1)·2 + 5 − 14, 0) = 17"
    assert str(working(layers, last)["before"]) == "⌊3/2⌋ = 1"


def test_symmetric_zeros_give_the_same_shapes_elsewhere() -> None:
    """What the lesson says: 112 x 112 either way, and a first window that begins 31 pixels earlier at the end."""
    traces = [
        trace_shapes(NetworkInstance.of(network("efficientnet-lite0"), options={"edges": edges}))
        for edges in ("tensorflow", "symmetric")
    ]
    weighted = [[layer.out_shape for layer in trace.layers if not layer.pads_for] for trace in traces]
    assert weighted[0] == weighted[1]
    last = [next(layer for layer in trace.layers if layer.name == "head.relu") for trace in traces]
    assert [layer.rf.start for layer in last] == [(-394, -394), (-425, -425)]
