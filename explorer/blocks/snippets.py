"""PyTorch that gives, pasted as it is, the numbers that the page on non-linearities shows. Tests run each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.blocks.activations import activation
from explorer.blocks.depth import BATCH, LAYERS, WIDTH
from explorer.records.nonlinear import PoolSetting

_SCALES = {
    "xavier": "(1 / width) ** 0.5",
    "he": "(2 / width) ** 0.5",
    "small": "0.01",
    "one": "1.0",
}


def activation_code(slug: str, values: Mapping[str, float], at: float) -> str:
    """A function's value and slope at one place."""
    call = activation(slug).code(values).replace("])", "], dtype=x.dtype)")
    functional = "import torch.nn.functional as F\n" if "F." in call else ""
    return f"""import torch
{functional}
x = torch.tensor({at:g}, dtype=torch.float64, requires_grad=True)
y = {call}
y.backward()
print(y.item(), x.grad.item())  # value, slope
"""


def depth_code(slug: str, start: str, seed: int) -> str:
    """The norm of a gradient, k layers below the top of a random network."""
    entry = activation(slug)
    call = entry.code(entry.usual).replace("(x", "(z")
    if entry.pieces > 1:
        call = f"torch.stack(z.chunk({entry.pieces}, dim=1)).amax(0)"
    call = call.replace("])", "], dtype=z.dtype)")
    rows = f"{entry.pieces} * width" if entry.pieces > 1 else "width"
    functional = "import torch.nn.functional as F\n" if "F." in call else ""
    return f"""import torch
{functional}
width, scale = {WIDTH}, {_SCALES[start].replace("width", str(WIDTH))}
generator = torch.Generator().manual_seed({seed})
a = torch.randn({BATCH}, width, generator=generator, dtype=torch.float64).requires_grad_()
volumes = [a]
for layer in range({LAYERS}):
    weight = torch.randn({rows}, width, generator=generator, dtype=torch.float64)
    z = a @ weight.T * scale
    a = {call}
    volumes.append(a)
arriving = torch.randn(a.shape, generator=generator, dtype=torch.float64)
norms = [g.norm().item() for g in torch.autograd.grad(a, volumes, arriving)][::-1]
print([norm / norms[0] for norm in norms])  # index k: k layers below the top
"""


def pooling_code(grid: Sequence[Sequence[float]], setting: PoolSetting) -> str:
    """A grid pooled, and where a gradient of ones goes."""
    rows = ", ".join("[" + ", ".join(f"{value:g}" for value in row) + "]" for row in grid)
    side, stride, padding = setting.side, setting.stride, setting.padding
    kind = "max" if setting.operation == "max" else "avg"
    call = f"F.{kind}_pool2d(x, {side}, {stride}, {padding})"
    if setting.whole:
        call = f"F.adaptive_{kind}_pool2d(x, 1)"
    return f"""import torch
import torch.nn.functional as F

x = torch.tensor([[[{rows}]]], dtype=torch.float64, requires_grad=True)  # (1, 1, n_H, n_W)
y = {call}
y.sum().backward()
print(y[0, 0].tolist())
print(x.grad[0, 0].tolist())  # where a gradient of 1 at every output goes
"""


def saturation_code(scale: float, norm: bool, seed: int) -> str:
    """Share of saturated tanh units, layer by layer."""
    line = "    z = torch.nn.functional.batch_norm(z, None, None, training=True)\n" if norm else ""
    return f"""import torch

generator = torch.Generator().manual_seed({seed})
a = torch.randn({BATCH}, {WIDTH}, generator=generator)
saturated = []
for layer in range({LAYERS}):
    weight = torch.randn({WIDTH}, {WIDTH}, generator=generator) * {scale:g} / {WIDTH}**0.5
    z = a @ weight.T
{line}    a = torch.tanh(z)
    saturated.append((a.abs() > 0.95).double().mean().item())
print(saturated)
"""
