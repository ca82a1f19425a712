"""The numbers in the examples, computed again by torch or by counting."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from explorer.glossary import term, terms

Values = dict[str, str]


def weights(module: nn.Module) -> str:
    return f"{sum(each.numel() for each in module.parameters()):,}"


def conv(n_in: int, n_out: int, f: int, *, bias: bool = False, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(n_in, n_out, f, padding=f // 2, bias=bias, groups=groups, device="meta")


def flops(module: nn.Module, *shape: int) -> int:
    with FlopCounterMode(display=False) as counter:
        module(torch.empty(1, *shape, device="meta"))
    return int(counter.get_total_flops())


def side(made: Callable[[Tensor], Tensor], n: int) -> str:
    return str(made(torch.zeros(1, 1, n, n)).shape[-1])


def seen(layers: int) -> tuple[str, Tensor]:
    """How many pixels move a unit of a stack of 3 x 3 layers of ones, and over how many ways along an axis."""
    pixels = torch.zeros(1, 1, 21, requires_grad=True)
    out = pixels
    for _ in range(layers):
        out = F.conv1d(out, torch.ones(1, 1, 3), padding=1)
    (ways,) = torch.autograd.grad(out[0, 0, 10], pixels)
    read = ways[ways > 0]
    return str(len(read)), read


def moved(strides: tuple[int, ...]) -> str:
    """By how many pixels an image has to move for its map to move by one cell."""
    image = torch.zeros(1, 1, 97)
    image[0, 0, 48] = 1

    def first(by: int) -> int:
        out = image.roll(by, 2)
        for stride in strides:
            out = F.max_pool1d(out, 3, stride)
        return int(out.flatten().nonzero()[0])

    return str(next(by for by in range(1, 48) if all(first(by + k) == first(k) + 1 for k in range(8))))


def two_ways() -> Values:
    two, whole = (conv(128, 128, 3, groups=128), conv(128, 128, 1)), conv(128, 128, 3)
    cost = sum(flops(each, 128, 8, 8) for each in two) / flops(whole, 128, 8, 8)
    return {
        "two": weights(nn.Sequential(*two)),
        "whole": weights(whole),
        "percent": f"{100 * cost:.1f}",
    }


def halving() -> str:
    weight, steps = 1.0, 0
    while weight > 0.5:
        weight, steps = weight - 0.1 * 0.0001 * weight, steps + 1
    return f"{steps - 1:,}" if abs(weight / (1 - 1e-5) - 0.5) < abs(weight - 0.5) else f"{steps:,}"


def velocity() -> str:
    speed = 0.0
    for _ in range(2_000):
        speed = 0.9 * speed + 1
    return f"{speed:.0f}"


def normalised() -> str:
    values = torch.tensor([1.0, 2, 3, 6], dtype=torch.float64)[:, None]
    done = F.batch_norm(values, None, None, training=True).flatten()
    return " · ".join(f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−") for value in done)  # no -0


def majority() -> str:
    votes = (p for p in product((0, 1), repeat=3) if sum(p) > 1)
    return f"{100 * sum(0.8 ** sum(p) * 0.2 ** (3 - sum(p)) for p in votes):.1f}"


def slowest_sigmoid() -> str:
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(torch.sigmoid(x).sum(), x)
    return f"{float(slope) ** 20:.1e}"


GATE = nn.Sequential(conv(72, 24, 1, bias=True), conv(24, 72, 1, bias=True))
NORM = nn.BatchNorm2d(64)
FANS = nn.init._calculate_fan_in_and_fan_out(conv(64, 64, 3).weight)
HARD, SMOOTH = (float(g(torch.ones(1))) for g in (F.hardswish, F.silu))

EXPECTED: dict[str, Callable[[], Values]] = {
    "parameters": lambda: {"parameters": weights(conv(64, 128, 3, bias=True))},
    "macs": lambda: {
        "macs": f"{flops(conv(64, 64, 3), 64, 56, 56) // 2:,}",
        "flops": f"{flops(conv(64, 64, 3), 64, 56, 56):,}",
    },
    "memory": lambda: {
        "numbers": f"{torch.empty(256, 56, 56).numel():,}",
        "megabytes": f"{torch.empty(256, 56, 56).nbytes / 1024**2:.2f}",
    },
    "rf": lambda: {name: seen(layers)[0] for layers, name in enumerate(("one", "two", "three"), 1)},
    "jump": lambda: {"jump": moved((2, 1, 2, 2))},
    "effective-field": lambda: {
        "all": str(int(seen(3)[1].sum())),
        "middle": str(int(seen(3)[1].max())),
        "edge": str(int(seen(3)[1].min())),
    },
    "valid-padding": lambda: {"size": side(lambda x: F.conv2d(x, torch.ones(1, 1, 3, 3)), 6)},
    "same-padding": lambda: {
        "p": str(nn.Conv2d(1, 1, 5, padding="same")._reversed_padding_repeated_twice[0]),
        "size": side(lambda x: F.conv2d(x, torch.ones(1, 1, 5, 5), padding="same"), 28),
    },
    "full-padding": lambda: {"size": side(lambda x: F.conv_transpose2d(x, torch.ones(1, 1, 3, 3)), 6)},
    "stride": lambda: {"size": side(lambda x: F.conv2d(x, torch.ones(1, 1, 3, 3), stride=2), 7)},
    "dilation": lambda: {"span": str(6 - int(side(lambda x: F.conv2d(x, torch.ones(1, 1, 3, 3), dilation=2), 5)))},
    "groups": lambda: {"whole": weights(conv(96, 256, 5)), "grouped": weights(conv(96, 256, 5, groups=2))},
    "pointwise": lambda: {"weights": weights(conv(192, 16, 1))},
    "depthwise": lambda: {"weights": weights(conv(128, 128, 3, groups=128))},
    "separable": two_ways,
    "transposed": lambda: {
        "size": side(lambda x: F.conv_transpose2d(x, torch.ones(1, 1, 3, 3), stride=2, padding=1), 2)
    },
    "gap": lambda: {
        "flat": weights(nn.Linear(7 * 7 * 512, 4096, bias=False, device="meta")),
        "pooled": weights(nn.Linear(512, 4096, bias=False, device="meta")),
    },
    "hard-swish": lambda: {"hard": f"{HARD:.3f}", "smooth": f"{SMOOTH:.3f}"},
    "batch-norm": lambda: {"values": normalised()},
    "buffer": lambda: {
        "parameters": weights(NORM),
        "buffers": str(NORM.running_mean.numel() + NORM.running_var.numel()),  # type: ignore[union-attr]
    },
    "softmax": lambda: {
        "shares": " · ".join(f"{share:.3f}" for share in torch.tensor([2.0, 1, 0]).softmax(0).tolist())
    },
    "stem": lambda: {
        "before": "224",
        "after": side(lambda x: F.max_pool2d(F.conv2d(x, torch.ones(1, 1, 7, 7), None, 2, 3), 3, 2, 1), 224),
    },
    "head": lambda: {"parameters": weights(nn.Linear(2048, 1000, device="meta"))},
    "bottleneck": lambda: {
        "direct": f"{flops(conv(192, 32, 5), 192, 28, 28) // 2:,}",
        "narrow": f"{flops(nn.Sequential(conv(192, 16, 1), conv(16, 32, 5)), 192, 28, 28) // 2:,}",
    },
    "option-abc": lambda: {"a": "0", "b": weights(conv(64, 128, 1))},
    "inverted-residual": lambda: {
        "weights": weights(nn.Sequential(conv(24, 144, 1), conv(144, 144, 3, groups=144), conv(144, 24, 1)))
    },
    "squeeze-excitation": lambda: {
        "weights": f"{sum(each.numel() for each in GATE.parameters() if each.dim() > 1):,}",
        "biases": f"{sum(each.numel() for each in GATE.parameters() if each.dim() == 1):,}",
    },
    "growth-rate": lambda: {
        "channels": str(torch.cat([torch.empty(64), *(torch.empty(32) for _ in range(6))]).numel())
    },
    "width-multiplier": lambda: {"whole": weights(conv(256, 256, 1)), "half": weights(conv(128, 128, 1))},
    "compound-scaling": lambda: {"factor": f"{1.2 * 1.1 * 1.1 * 1.15 * 1.15:.2f}"},
    "cross-entropy": lambda: {
        "share": "90",
        "loss": f"{F.nll_loss(torch.tensor([[0.9, 0.1]]).log(), torch.tensor([0])):.3f}",
        "guess": f"{F.cross_entropy(torch.zeros(1, 10), torch.tensor([3])):.3f}",
    },
    "epoch": lambda: {"steps": str(len(range(0, 50_000, 128)))},
    "momentum": lambda: {"times": velocity()},
    "weight-decay": lambda: {"steps": halving()},
    "initialisation": lambda: {
        "he": f"{nn.init.calculate_gain('relu') / FANS[0] ** 0.5:.4f}",
        "glorot": f"{(2 / sum(FANS)) ** 0.5:.4f}",
    },
    "vanishing-gradient": lambda: {"factor": slowest_sigmoid()},
    "dropout": lambda: {"factor": f"{float(F.dropout(torch.ones(1000), 0.5).max()):g}"},
    "top5": lambda: {
        name: f"{100 * sum(right in range(k) for right in range(1000)) / 1000:g}"
        for name, k in (("one", 1), ("five", 5))
    },
    "single-crop": lambda: {
        "margin": str(len(range(256)[: (256 - 224) // 2])),
        "share": f"{100 * torch.ones(224, 224).numel() / torch.ones(256, 256).numel():.1f}",
    },
    "multi-crop": lambda: {"views": str(len(list(product(range(4), range(3), range(6), range(2)))))},
    "dense-evaluation": lambda: {"positions": str(F.conv2d(torch.zeros(1, 1, 12, 12), torch.ones(1, 1, 7, 7)).numel())},
    "ensemble": lambda: {"majority": majority()},
}


def test_every_example_is_computed_again() -> None:
    assert set(EXPECTED) == {slug for slug, each in terms().items() if each.example}


@pytest.mark.parametrize("slug", EXPECTED)
def test_the_numbers_of_an_example_hold(slug: str) -> None:
    example = term(slug).example
    assert example
    assert dict(example()) == EXPECTED[slug]()
