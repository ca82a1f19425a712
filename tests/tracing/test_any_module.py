"""Modules that the catalogue does not have: counted by the trace, explained by the formulas, equal to other counters.

Fields are compared with the non-zero gradients of a module whose weights are all positive, so that nothing cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from random import Random
from typing import Any, NamedTuple

import pytest
import torch
import torchinfo
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer.arithmetic import field_of_input, macs_of, parameters_of, working
from explorer.errors import NotTraced
from explorer.records import WEIGHTED, LayerRecord, Pair, Shape, ShapeTrace, Stage
from explorer.tracing import OperationFailed, trace_module
from tests.arithmetic.test_working import recorded, worked_out


class Running(nn.Module):
    """Parts, and a function of them as the forward pass."""

    def __init__(self, run: Callable[[Any, Tensor], Any], **parts: nn.Module) -> None:
        super().__init__()
        self.run = run
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, x: Tensor) -> Any:
        return self.run(self, x)


pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")


def chain(*parts: nn.Module) -> nn.Module:
    return nn.Sequential(*parts)


def traced(network: nn.Module, shape: Shape = (3, 16, 12)) -> ShapeTrace:
    names = tuple(name for name, _ in network.named_children()) or ("all",)
    return trace_module(network, shape, (Stage("all", names),))


norm = nn.utils.parametrizations
Conv = nn.Conv2d

MODULES: dict[str, tuple[nn.Module, Shape]] = {
    "same, even": (chain(Conv(3, 4, 4, padding="same")), (3, 16, 12)),
    "same, even and uneven, dilated": (chain(Conv(3, 4, (2, 3), padding="same", dilation=(3, 1))), (3, 16, 12)),
    "weight norm": (chain(norm.weight_norm(Conv(3, 4, 3))), (3, 16, 12)),
    "weight norm, linear": (chain(nn.Flatten(), norm.weight_norm(nn.Linear(576, 4))), (3, 16, 12)),
    "spectral norm": (chain(norm.spectral_norm(Conv(3, 4, 3, bias=False))), (3, 16, 12)),
    "transposed": (chain(nn.ConvTranspose2d(3, 4, 2, stride=2)), (3, 16, 12)),
    "transposed, overlapping": (chain(nn.ConvTranspose2d(3, 6, (3, 5), 2, 1, 1, groups=3)), (3, 16, 12)),
    "transposed, along one axis": (chain(nn.ConvTranspose1d(3, 4, 4, 2, 1)), (3, 20)),
    "transposed, along three": (chain(nn.ConvTranspose3d(3, 4, 2, 2)), (3, 4, 6, 5)),
    "one axis": (chain(nn.Conv1d(3, 4, 5, 2, 2, bias=False), nn.ReLU(), nn.Conv1d(4, 6, 3, groups=2)), (3, 40)),
    "three axes": (chain(nn.Conv3d(3, 4, (3, 2, 1), (2, 1, 1), (1, 0, 0)), nn.Conv3d(4, 4, 3, groups=4)), (3, 8, 9, 7)),
    "a function of weights": (
        Running(lambda m, x: x.flatten(2) @ m.l.weight.t(), l=nn.Linear(192, 5, bias=False)),
        (3, 16, 12),
    ),
    "matmul": (
        Running(lambda m, x: torch.matmul(x.flatten(1), m.l.weight.T) + m.l.bias, l=nn.Linear(576, 5)),
        (3, 16, 12),
    ),
    "addmm": (
        Running(lambda m, x: torch.addmm(m.l.bias, x.flatten(1), m.l.weight.t()), l=nn.Linear(576, 5)),
        (3, 16, 12),
    ),
    "einsum": (
        Running(lambda m, x: torch.einsum("bi,oi->bo", x.flatten(1), m.l.weight), l=nn.Linear(576, 5, bias=False)),
        (3, 16, 12),
    ),
    "over pixels": (Running(lambda m, x: m.l(x.permute(0, 2, 3, 1)), l=nn.Linear(3, 8)), (3, 16, 12)),
    "over pixels and back": (
        Running(lambda m, x: m.c(m.l(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)), l=nn.Linear(3, 8), c=Conv(8, 2, 3)),
        (3, 16, 12),
    ),
    "over tokens": (Running(lambda m, x: m.l(x.flatten(2).transpose(1, 2)), l=nn.Linear(3, 8)), (3, 16, 12)),
    "over columns": (Running(lambda m, x: m.l(x), l=nn.Linear(12, 8)), (3, 16, 12)),
    "over all, after pixels": (
        Running(lambda m, x: m.k(m.l(x.permute(0, 2, 3, 1)).flatten(1)), l=nn.Linear(3, 2), k=nn.Linear(384, 4)),
        (3, 16, 12),
    ),
    "upsampled": (chain(Conv(3, 4, 3, 2, 1), nn.Upsample(scale_factor=2), Conv(4, 2, 3, padding=1)), (3, 16, 12)),
    "group norm": (chain(Conv(3, 8, 3), nn.GroupNorm(2, 8), nn.PReLU(8)), (3, 16, 12)),
    "shared in part": (Running(lambda m, x: F.conv2d(m.c(x), m.c.weight, m.b), c=Conv(3, 3, 3)), (3, 16, 12)),
}
MODULES["shared in part"][0].register_parameter("b", nn.Parameter(torch.zeros(3)))


@pytest.mark.parametrize("name", MODULES)
def test_it_is_counted_and_explained(name: str) -> None:
    network, shape = MODULES[name]
    network.eval()
    trace = traced(network, shape)
    assert trace.parameters == sum(p.numel() for p in network.parameters())
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        out = network(torch.zeros(1, *shape))
    assert trace.layers[-1].out_shape == tuple(out.shape[1:])
    assert counter.get_total_flops() == 2 * trace.macs > 0
    explained(trace)


def explained(trace: ShapeTrace) -> None:
    """Every number of a trace has a formula, whose substitution evaluates to it."""
    for layer in trace.layers:
        found, expected = working(trace.layers, layer.index), recorded(layer)
        if len(layer.out_shape) != 3:  # along one axis, or three: the last two
            rows, columns = (1, *layer.out_shape)[-2:]
            expected |= {"side": columns, "height": rows, "width": columns}
        for name, formula in found.items():
            assert formula.value == expected[name] == worked_out(formula.substituted), (layer.name, name, formula)
        parameters, macs = parameters_of(layer), macs_of(layer)
        assert layer.parameters in {0, parameters.value if parameters else 0}, layer.name
        assert layer.macs == (macs.value if macs else 0), layer.name
        assert (macs is not None) == (layer.kind in WEIGHTED)
        assert ("parameters" in found) == (layer.parameters > 0)
        before = [trace.layers[i].rf if i >= 0 else field_of_input() for i in layer.inputs]
        if layer.rf.size not in [field.size for field in before]:
            assert {"field", "field_height", "field_width"} & set(found), (layer.name, "grows without a word")
        resized = len(layer.in_shape) == 3 == len(layer.out_shape) and layer.in_shape[1:] != layer.out_shape[1:]
        if resized and layer.kind != "linear" and layer.function not in {"permute", "transpose"}:
            assert {"side", "height", "width"} & set(found), (layer.name, "changes without a word")


@pytest.mark.parametrize("name", ["same, even", "one axis", "three axes", "group norm", "upsampled"])
def test_torchinfo_agrees(name: str) -> None:
    """Its convention: a bias works once at each output position, parameters of other layers once."""
    network, shape = MODULES[name]
    summary = torchinfo.summary(network, input_size=(1, *shape), mode="eval", verbose=0)
    trace = traced(network, shape)
    assert summary.total_params == trace.parameters
    by_its_convention = [
        layer.macs + (prod(layer.out_shape) if layer.bias else 0) if layer.kind in WEIGHTED else layer.parameters
        for layer in trace.layers
    ]
    assert summary.total_mult_adds == sum(by_its_convention)


# --- fields -----------------------------------------------------------------------------------------------------------


class Field(NamedTuple):
    """Where the gradient of one unit is not zero: rows and columns, ends excluded."""

    rows: Pair
    columns: Pair


def observed(network: nn.Module, shape: Shape, row: int, column: int) -> Field | None:
    """That of the unit at (row, column) of the last map; None where it reads nothing."""
    x = torch.ones(1, *shape, dtype=torch.double, requires_grad=True)
    (gradient,) = torch.autograd.grad(network(x)[0, :, row, column].sum(), x)
    reached = gradient[0].sum(0).nonzero()
    if not len(reached):
        return None
    (top, left), (bottom, right) = reached.amin(0).tolist(), reached.amax(0).tolist()
    return Field((top, bottom + 1), (left, right + 1))


@torch.no_grad()
def positive(network: nn.Module) -> nn.Module:
    for parameter in network.parameters():
        parameter.fill_(0.5)
    return network.double().eval()


def clipped(layer: LayerRecord, shape: Shape, row: int, column: int) -> Field:
    top, left, bottom, right = layer.rf.window(row, column)
    return Field((max(top, 0), min(bottom, shape[1])), (max(left, 0), min(right, shape[2])))


def random_part(random: Random, channels: int) -> nn.Module:
    f, s = random.randint(1, 4), random.choice((1, 1, 1, 2, 3))
    kinds: list[Callable[[], nn.Module]] = [
        lambda: Conv(channels, channels, (f, random.randint(1, 4)), s, random.randint(0, f // 2)),
        lambda: Conv(channels, channels, f, padding="same"),
        lambda: Conv(channels, channels, random.randint(2, 3), dilation=random.randint(1, 2)),
        lambda: nn.AvgPool2d(f, s),
        lambda: nn.Upsample(scale_factor=random.randint(2, 3)),
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
        lambda: nn.ConvTranspose2d(channels, channels, max(f, s), s, random.randint(0, 1) if f > 2 else 0),
    ]
    return random.choice(kinds)()


@pytest.mark.parametrize("seed", range(80))
def test_fields_of_random_chains_are_where_the_gradient_is(seed: int) -> None:
    """With upsampling: the window of every unit holds its gradient; exactly, unless strides came between upsampling."""
    random = Random(seed)
    shape = (2, 40, 36)
    parts = [random_part(random, 2) for _ in range(random.randint(2, 4))]
    network = positive(chain(*parts))
    try:
        trace = traced(network, shape)
    except OperationFailed:
        pytest.skip("a map has become smaller than a window")
    explained(trace)
    last = trace.layers[-1]
    exact, larger = is_exact(parts), 0
    largest = [0, 0]
    for _ in range(12):
        row, column = random.randrange(last.out_shape[1]), random.randrange(last.out_shape[2])
        found, expected = observed(network, shape, row, column), clipped(last, shape, row, column)
        if found is None:
            continue
        for axis in (0, 1):
            assert expected[axis][0] <= found[axis][0] < found[axis][1] <= expected[axis][1], (parts, row, column)
            largest[axis] = max(largest[axis], found[axis][1] - found[axis][0])
        whole = (*last.rf.window(row, column)[::2], *last.rf.window(row, column)[1::2])
        inside = (*expected.rows, *expected.columns) == whole  # at the border a window also holds padding
        larger += inside and found != expected
    assert all(seen <= size for seen, size in zip(largest, last.rf.size, strict=True))
    if exact:
        assert not larger, parts


def is_exact(parts: Sequence[nn.Module]) -> bool:
    """Whether every cell of every window is read: no gaps by dilation or strides, no weights of zero by chance."""
    upsampled = False
    for part in parts:
        if isinstance(part, nn.Upsample) and part.mode == "bilinear":
            return False  # at the border it reads the same cell twice
        if isinstance(part, nn.ConvTranspose2d) or _pair(getattr(part, "dilation", 1)) != (1, 1):
            return False
        kernel, stride = (_pair(getattr(part, name, 1)) for name in ("kernel_size", "stride"))
        if upsampled and stride != (1, 1):
            return False
        if any(s > f for f, s in zip(kernel, stride, strict=True)):
            return False
        upsampled |= isinstance(part, nn.Upsample)
    return True


def _pair(value: Any) -> Pair:
    return (value, value) if isinstance(value, int | float) else tuple(value)


def test_some_of_the_random_chains_are_exact_with_upsampling_and_some_are_not() -> None:
    kinds = []
    for seed in range(80):
        random = Random(seed)
        parts = [random_part(random, 2) for _ in range(random.randint(2, 4))]
        kinds.append((is_exact(parts), any(isinstance(part, nn.Upsample) for part in parts)))
    assert kinds.count((True, True)) >= 3
    assert kinds.count((True, False)) >= 3
    assert kinds.count((False, True)) >= 3


@pytest.mark.parametrize(
    ("parts", "size"),
    [
        ((nn.Upsample(scale_factor=2), Conv(3, 2, 3)), (2, 2)),
        ((Conv(3, 4, 3, 2, 1), nn.Upsample(scale_factor=2), Conv(4, 2, 3)), (5, 5)),
        ((Conv(3, 4, 3, 2, 1), nn.Upsample(scale_factor=2), Conv(4, 4, 3), Conv(4, 2, 3)), (7, 7)),
        ((Conv(3, 4, 3, 2, 1), nn.Upsample(size=(16, 12)), Conv(4, 2, 2)), (5, 5)),
        ((nn.AvgPool2d(2), nn.Upsample(scale_factor=2, mode="bilinear")), (4, 4)),
        ((nn.AvgPool2d(4), nn.ConvTranspose2d(3, 3, 4, 4)), (4, 4)),
        ((nn.AvgPool2d(2), nn.ConvTranspose2d(3, 3, 4, 2, 1)), (4, 4)),
        ((nn.Upsample(scale_factor=2), Conv(3, 3, 2, 2)), (1, 1)),
        ((nn.PixelUnshuffle(2), Conv(12, 4, 3)), (6, 6)),
        ((nn.PixelUnshuffle(2), Conv(12, 4, 3), nn.PixelShuffle(2)), (6, 6)),
    ],
)
def test_fields_by_hand(parts: tuple[nn.Module, ...], size: Pair) -> None:
    trace = traced(chain(*parts))
    assert trace.layers[-1].rf.size == size
    explained(trace)


def test_where_branches_meet_after_upsampling_the_window_holds_both() -> None:
    net = Running(
        lambda m, x: m.last(torch.cat([x, m.up(m.deep(m.down(x)))], 1)),
        down=nn.AvgPool2d(2),
        deep=Conv(2, 2, 3, padding=1),
        up=nn.Upsample(scale_factor=2),
        last=Conv(4, 2, 3, padding=1),
    )
    network = positive(net)
    last = traced(network, (2, 24, 24)).layers[-1]
    for row, column in ((10, 11), (11, 10), (12, 13)):
        found, expected = observed(network, (2, 24, 24), row, column), clipped(last, (2, 24, 24), row, column)
        assert found is not None
        for axis in (0, 1):
            assert expected[axis][0] <= found[axis][0] < found[axis][1] <= expected[axis][1]
    assert last.rf.size[0] <= 8 + 2, "and not much more: by one step at most"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(
            ("over pixels", (1, 1)),
            ("over pixels and back", (3, 3)),
            ("over tokens", (1, 1)),
            ("over columns", (1, 12)),
        ),
        *(("over all, after pixels", (16, 12)), ("matmul", (16, 12)), ("one axis", (1, 9)), ("three axes", (4, 3))),
    ],
)
def test_a_linear_layer_sees_what_it_sums_over(name: str, size: Pair) -> None:
    network, shape = MODULES[name]
    assert traced(network, shape).layers[-1].rf.size == size


# --- what comes out ---------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    loss: Tensor | None
    logits: Tensor


@pytest.mark.parametrize(
    "returned",
    [
        lambda y: {"out": y, "aux": y.mean((2, 3))},
        lambda y: {"aux": y.mean((2, 3)), "logits": y},
        lambda y: Answer(None, y),
        lambda y: (y, None, y.flatten(1)),
        lambda y: [[y], {"more": y.flatten(1)}],
        lambda y: {"first": y},
    ],
)
def test_of_several_outputs_the_answer_comes_first(returned: Callable[[Tensor], Any]) -> None:
    trace = traced(Running(lambda m, x: returned(m.c(x)), c=Conv(3, 4, 3)))
    assert trace.layers[trace.heads[0]].out_shape == (4, 14, 10)
    assert trace.classes == 4


class Silent(nn.Module):
    """Has no forward pass."""


@pytest.mark.parametrize(
    ("network", "reason", "words"),
    [
        (Silent(), "no_forward", "no forward"),
        (Running(lambda m, x: {"size": x.shape}), "no_output", "returns dict"),
        (Running(lambda m, x: torch.ones(1, 3)), "no_output", "depends on the image"),
        (Running(lambda m, x: x if x.mean() > 0 else -x, c=Conv(3, 4, 3).to("meta")), "failed", "values"),
        (Running(lambda m, x: m.missing(x)), "failed", "AttributeError"),
        (Running(lambda m, x: 1 / 0), "failed", "ZeroDivisionError"),
    ],
)
def test_a_module_that_cannot_be_traced_says_so_in_a_sentence(network: nn.Module, reason: str, words: str) -> None:
    with pytest.raises(NotTraced, match=words) as caught:
        traced(network)
    assert caught.value.reason == reason
    assert "\n" not in str(caught.value)


def test_a_wrong_rank_is_told_of_the_operation() -> None:
    with pytest.raises(OperationFailed) as caught:
        traced(chain(Conv(3, 4, 3)), (3, 4, 5, 6))
    assert caught.value.module == "0"
