"""PyTorch code that computes what the page about residual blocks shows, with its numbers put in."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pprint import pformat
from typing import Any

from explorer.arithmetic.residual import drawn
from explorer.blocks.gradient_chain import BATCH as CHAIN_BATCH, WIDTH as CHAIN_WIDTH
from explorer.blocks.signals import BATCH, CONV_BATCH, SIDE, SMALL, gain2
from explorer.records.residual import FlowSettings, Shortcut, SignalSettings


def flow_code(settings: FlowSettings) -> str:
    """The block of two layers, and the same without its skip."""
    batch, w1, b1, w2, b2 = drawn(settings)
    before = settings.order == "preact"
    branch = "F.linear(torch.relu(F.linear(torch.relu(a), W1, b1)), W2, b2)" if before else _ORIGINAL
    if settings.norm and not before:
        branch = f"{settings.gamma:g} * F.batch_norm({branch}, None, None, training=True)"
    last = "{}" if before else "torch.relu({})"
    return f"""import torch
from torch.nn import functional as F

a = torch.tensor({_rows(batch)})  # a^[l]: a batch of {len(batch)}, of which the page follows the first
W1, b1 = torch.tensor({_rows(w1)}), torch.tensor({_row(b1)})
W2, b2 = torch.tensor({_rows(w2)}), torch.tensor({_row(b2)})

branch = {branch}
residual = {last.format(f"a + {settings.alpha:g} * branch")}  # a^[l+2]
plain = {last.format("branch")}
print(residual[0], plain[0])
"""


_ORIGINAL = "F.linear(torch.relu(F.linear(a, W1, b1)), W2, b2)"


def shortcut_code(record: Shortcut) -> str:
    """The shortcut between volumes of different shapes."""
    inputs = pformat([[list(row) for row in channel] for channel in record.inputs], width=100)
    if record.kind == "projection":
        how = f"""W_s = torch.tensor({_rows(record.weights)})[:, :, None, None]  # (n_C', n_C, 1, 1)
out = F.conv2d(x, W_s, stride={record.stride})"""
    else:
        behind = len(record.outputs) - len(record.inputs)
        front = next(place for place, source in enumerate(record.sources) if source == 0)
        how = f"out = F.pad(x[:, :, ::{record.stride}, ::{record.stride}], (0, 0, 0, 0, {front}, {behind - front}))"
    return f"""import torch
from torch.nn import functional as F

x = torch.tensor({inputs})[None]  # (1, n_C, H, W)
{how}
print(out)
"""


def chain_code(blocks: int, gain: float, seed: int) -> str:
    """The gradient at the input of every block, plain and residual."""
    return f"""import torch

drawn = torch.Generator().manual_seed({seed})
normal = lambda *shape: torch.randn(shape, generator=drawn, dtype=torch.float64)
n = {CHAIN_WIDTH}
he, half = {gain:g} * (2 / n) ** 0.5, {gain:g} * (1 / n) ** 0.5
weights = [(normal(n, n) * he, normal(n, n) * half) for _ in range({blocks})]
x, arriving = normal({CHAIN_BATCH}, n).requires_grad_(), normal({CHAIN_BATCH}, n)
arriving /= arriving.norm()

norms = {{}}
for name, skip in (("plain", 0), ("residual", 1)):
    path = [x]
    for W1, W2 in weights:
        path.append(skip * path[-1] + torch.relu(path[-1] @ W1.T) @ W2.T)
    norms[name] = [float(each.norm()) for each in torch.autograd.grad(path[-1], path, arriving)]
    print(name, norms[name])
"""


def signal_code(settings: SignalSettings) -> str:
    """The standard deviation of the pre-activations and the root mean square of the gradients along the main path."""
    n, fc = settings.width, settings.net == "fc"
    shape = f"{BATCH}, {n}" if fc else f"{CONV_BATCH}, {n}, {SIDE}, {SIDE}"
    one = f"torch.empty({n}, {n}{'' if fc else ', 3, 3'}, dtype=torch.float64)"
    norm = "F.batch_norm(z, None, None, training=True)" if settings.norm else "z"
    act = norm if settings.activation == "linear" else f"torch.{settings.activation}({norm})"
    weigh = "a @ W.T" if fc else 'F.conv2d(F.pad(a, (1, 1, 1, 1), mode="circular"), W)'
    if settings.skip:
        loop = f"""for W1, W2 in zip(weights[::2], weights[1::2]):
    z = z + {settings.alpha:g} * weigh(W2, g(weigh(W1, g(z))))
    path.append(z)"""
    else:
        loop = """path.append(weigh(weights[0], z))
for W in weights[1:]:
    path.append(weigh(W, g(path[-1])))"""
    return f"""import torch
from torch.nn import functional as F, init

drawn = torch.Generator().manual_seed({settings.seed})
weights = [{_INITS[settings.init].format(one=one, gain=sqrt(gain2(settings) or 0))} for _ in range({settings.depth})]
z = torch.randn(({shape}), generator=drawn, dtype=torch.float64, requires_grad=True)


def g(z):
    return {act}


def weigh(W, a):
    return {weigh}


path = []
{loop}
wanted = torch.randn(path[-1].shape, generator=drawn, dtype=torch.float64)
gradients = torch.autograd.grad((wanted * path[-1]).sum(), path)
deviation = [float(z.detach().std(correction=0)) for z in path]
gradient = [float(each.square().mean().sqrt()) for each in gradients]
print(deviation, gradient)
"""


_INITS = {
    "he": "init.kaiming_normal_({one}, generator=drawn)",
    "xavier": "init.xavier_normal_({one}, generator=drawn)",
    "orthogonal": "init.orthogonal_({one}, gain={gain!r}, generator=drawn)",
    "small": f"init.normal_({{one}}, std={SMALL}, generator=drawn)",
    "zero": "init.zeros_({one})",
    "dirac": "init.dirac_({one})",
}


def _row(values: Sequence[float]) -> str:
    return str([round(float(value), 10) for value in values])


def _rows(values: Sequence[Sequence[Any]]) -> str:
    return "[" + ", ".join(_row(row) for row in values) + "]"
