"""A residual block in arithmetic, held equal to PyTorch: its values, its shortcut, its parameters and multiply-adds."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.arithmetic.residual import BATCH, KINDS, TARGETS, block_kind, decay, drawn, flow, shortcut, target
from explorer.networks._residual import BasicBlock, Bottleneck, ZeroPadShortcut
from explorer.networks.preact_resnet import PreActBasic, PreActBottleneck
from explorer.records.residual import FlowSettings

SETTINGS = [
    FlowSettings(
        seed=seed, positive=positive, order=order, weights=weights, biases=biases, norm=norm, gamma=0.4, alpha=alpha
    )
    for (seed, weights, biases, alpha), positive, order, norm in product(
        ((17, 1.0, 1.0, 1.0), (3, 0.35, 0.8, 0.5), (4, 0.0, 0.0, 1.0), (5, 0.0, 1.0, 2.0)),
        (True, False),
        ("original", "preact"),
        (True, False),
    )
]


def tensor(values: Any) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


# --- the block --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_every_value_is_the_one_that_torch_computes(settings: FlowSettings) -> None:
    batch, w1, b1, w2, b2 = map(tensor, drawn(settings))
    assert len(batch) == BATCH
    before = settings.order == "preact"
    z1 = functional.linear(batch.relu() if before else batch, w1, b1)
    z2 = branch = functional.linear(z1.relu(), w2, b2)
    if settings.norm and not before:
        gamma = torch.full((3,), settings.gamma, dtype=torch.float64)
        branch = functional.batch_norm(z2, None, None, gamma, torch.zeros_like(gamma), training=True)
    total = batch + settings.alpha * branch
    record = flow(settings)
    expected = {
        "x": batch,
        "z1": z1,
        "a1": z1.relu(),
        "z2": z2,
        "branch": branch,
        "scaled": settings.alpha * branch,
        "total": total,
        "out": total if before else total.relu(),
        "plain": branch if before else branch.relu(),
    }
    for name, values in expected.items():
        assert getattr(record, name) == pytest.approx(values[0].tolist(), abs=1e-12), name


@pytest.mark.parametrize("seed", range(1, 200))
def test_the_argument_of_the_course_holds_for_any_numbers(seed: int) -> None:
    """W = 0 and b = 0: the identity behind a ReLU; not behind a linear layer; there again in pre-activation order."""
    zero = {"seed": seed, "weights": 0.0, "biases": 0.0}
    behind_relu, behind_linear = flow(FlowSettings(**zero)), flow(FlowSettings(**zero, positive=False))
    assert min(behind_relu.x) >= 0 > min(behind_linear.x)
    assert behind_relu.out == behind_relu.x
    assert behind_relu.changed == 0
    assert behind_relu.plain == (0, 0, 0)
    assert behind_linear.cut == (behind_linear.x.index(min(behind_linear.x)),)
    assert behind_linear.changed > 0.05
    preact = flow(FlowSettings(**zero, positive=False, order="preact"))
    assert preact.out == preact.x == behind_linear.x
    assert preact.cut == ()


def test_behind_batch_normalisation_only_gamma_shrinks_the_branch() -> None:
    whole, shrunk = (flow(FlowSettings(seed=17, norm=True, weights=w, biases=w)) for w in (1.0, 0.3))
    assert shrunk.branch == pytest.approx(whole.branch, rel=0.02)
    assert max(map(abs, flow(FlowSettings(seed=17, norm=True, gamma=0.0)).branch)) == 0
    bare, weak = (flow(FlowSettings(seed=17, weights=w, biases=w)) for w in (1.0, 0.05))
    assert max(map(abs, weak.branch)) < 0.05 * max(map(abs, bare.branch))


@pytest.mark.parametrize("settings", SETTINGS[:8], ids=str)
def test_weight_decay_is_the_block_at_every_factor(settings: FlowSettings) -> None:
    found = decay(settings)
    assert [s for s, _, _ in found] == pytest.approx([step / 20 for step in range(21)])
    for s, residual, plain in found[::5]:
        there = flow(FlowSettings(**{**_plain(settings), "weights": s, "biases": s}))
        x, out, lost = tensor(there.x), tensor(there.out), tensor(there.plain)
        assert residual == pytest.approx(float((out - x).norm() / x.norm()))
        assert plain == pytest.approx(float((lost - x).norm() / x.norm()))


def _plain(settings: FlowSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in ("seed", "positive", "order", "norm", "gamma", "alpha")}


def test_what_is_left_for_the_branch_is_the_difference() -> None:
    for kind, h in TARGETS.items():
        points = target(kind)
        assert (points[0][0], points[-1][0]) == (0, 2)
        assert all(value == h(x) and left == pytest.approx(h(x) - x) for x, value, left in points)
    means = {kind: sum(abs(f) for _, _, f in target(kind)) / 41 for kind in TARGETS}
    assert means["identity"] == 0 < means["nearly"] < means["half"] < means["zero"] == pytest.approx(1)


# --- the shortcut -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "n_out", "stride"), [*product(("behind", "both"), (2, 3, 4, 6), (1, 2))])
def test_zeros_lie_where_the_real_module_puts_them(kind: str, n_out: int, stride: int) -> None:
    record = shortcut(kind, n_out, stride, seed=7)
    real = ZeroPadShortcut(2, n_out, stride, kind)(tensor(record.inputs)[None])[0]
    assert torch.equal(tensor(record.outputs), real)
    assert record.parameters == 0
    assert record.is_identity == (n_out == 2 and stride == 1)
    for channel, source in zip(record.outputs, record.sources, strict=True):
        copied = tensor(record.inputs)[source, ::stride, ::stride] if source >= 0 else torch.zeros(len(channel))
        assert bool((tensor(channel) == copied).all())


@pytest.mark.parametrize(("n_out", "stride"), [*product((2, 3, 4, 6), (1, 2))])
def test_a_projection_is_a_convolution_of_1_x_1(n_out: int, stride: int) -> None:
    record = shortcut("projection", n_out, stride, seed=3)
    weight = tensor(record.weights)[:, :, None, None]
    real = functional.conv2d(tensor(record.inputs)[None], weight, stride=stride)[0]
    assert torch.allclose(tensor(record.outputs), real)
    assert record.parameters == weight.numel() == 2 * n_out
    assert record.share_read == 1 / stride**2


# --- kinds of blocks --------------------------------------------------------------------------------------------------

REAL = {"basic": BasicBlock, "bottleneck": Bottleneck, "preact-basic": PreActBasic}


def real(name: str, n_in: int, n_out: int, stride: int, option: str) -> nn.Module:
    if name == "preact-bottleneck":
        return PreActBottleneck(n_in, n_out, stride)
    return REAL[name](n_in, n_out, stride, shortcut=option)  # type: ignore[operator, no-any-return]


def macs(module: nn.Module, n_in: int, side: int) -> int:
    """Multiply-adds of all convolutions, counted by hooks."""
    counts = []

    def count(conv: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        assert isinstance(conv, nn.Conv2d)
        counts.append(conv.weight.numel() * out.shape[-1] * out.shape[-2])

    hooks = [m.register_forward_hook(count) for m in module.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        module.eval()(torch.zeros(1, n_in, side, side))
    for hook in hooks:
        hook.remove()
    return sum(counts)


@pytest.mark.parametrize(
    ("name", "width", "side", "change"), [*product(KINDS, (16, 64, 128), (8, 14), ("same", "A", "B"))]
)
def test_a_kind_costs_what_the_real_module_costs(name: str, width: int, side: int, change: str) -> None:
    n_out, stride = (width, 1) if change == "same" else (2 * width, 2)
    option = "B" if change == "B" else "A"
    kind = block_kind(name, width, n_out, side, stride, option)
    module = real(name, width, n_out, stride, option)
    assert kind.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert kind.macs == macs(module, width, side)
    without = sum(p.numel() for n, p in module.named_parameters() if "downsample" not in n and "projection" not in n)
    assert kind.parameters - kind.shortcut_parameters == without
    projects = change == "B" or (change == "A" and name == "preact-bottleneck")
    assert (kind.shortcut_parameters > 0) == projects


def test_the_skip_of_a_block_that_keeps_its_shape_adds_no_parameter() -> None:
    for name in ("basic", "bottleneck"):
        with_skip, without = (REAL[name](64, 64, residual=skip) for skip in (True, False))
        counted = [sum(p.numel() for p in block.parameters()) for block in (with_skip, without)]
        assert counted[0] == counted[1] == block_kind(name, 64, 64, 8, 1, "A").parameters


def test_the_numbers_of_the_lesson() -> None:
    basic, narrow = (block_kind(name, 256, 256, 14, 1, "A").parameters for name in KINDS[:2])
    assert (basic, narrow) == (1_180_672, 70_400)
