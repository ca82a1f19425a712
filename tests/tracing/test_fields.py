"""Receptive fields, compared with the support of the input gradient of a single unit.

The method of Araujo, Norris & Sim (2019): positive weights, so that nothing cancels; a mean instead of a maximum, so
that every pixel of a window counts; no normalisation, activation or gate. In double precision nothing underflows.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from explorer.networks import network
from explorer.records import LayerRecord, NetworkInstance, Pair, ShapeTrace
from explorer.tracing import build_on_meta, trace_module
from explorer.tracing.operations import SHAPE_KEEPING

SIDES: dict[str, Pair] = {
    "lenet5": (28, 28),
    "nin-cifar10": (80, 16),
    "cifar-resnet20": (128, 16),
    "densenet-bc-100-12": (288, 16),
    "alexnet": (227, 227),
    "squeezenet1-1": (300, 32),
    "vgg11": (220, 32),
    "resnet18": (560, 32),
    "mobilenet-v3-small": (800, 32),
    "googlenet": (900, 32),
    "googlenet-torchvision": (640, 32),
    "bn-inception": (900, 32),
    "inception-v3": (1500, 75),
}
"""Network -> (long side, short side) in pixels: all windows fit into the one, the other is kept small to be quick."""


class Stop(Exception):
    """The convolutional part is over."""


class OnlyWindows(TorchFunctionMode):
    """Keeps only a network's windows: convolutions, and average in place of max pooling. Stops before the head."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func in {F.linear, torch.flatten, Tensor.flatten}:
            raise Stop
        if func in SHAPE_KEEPING:
            return args[0]
        if func is F.max_pool2d:
            names = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
            given = {**dict(zip(names, args, strict=False)), **kwargs}
            return F.avg_pool2d(**{name: given[name] for name in names if name in given and name != "dilation"})
        if func in {torch.mul, Tensor.mul, Tensor.__mul__} and all(isinstance(t, Tensor) for t in args):
            return max(args, key=Tensor.numel)  # the volume without its gate
        return func(*args, **kwargs)


@cache
def positive(slug: str) -> nn.Module:
    """A network whose convolutions are means; nothing else of it is allocated."""
    module = build_on_meta(NetworkInstance.of(network(slug))).eval()
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            size = part.weight.shape
            part.weight = nn.Parameter(torch.full(size, 1 / size[1:].numel(), dtype=torch.double), requires_grad=False)
            part.bias = None
    return module


def observed(trace: ShapeTrace) -> dict[str, LayerRecord]:
    """The last map of every stage before the head, by the module that puts it out."""
    last_of_module: dict[str, LayerRecord] = {}
    for record in trace.layers:  # a module ends where its last part ends
        parts = record.module.split(".")
        last_of_module.update({".".join(parts[:n]): record for n in range(1, len(parts) + 1)})
    ends: dict[str, LayerRecord] = {}
    for r in trace.layers:
        if len(r.out_shape) == 3 and max(r.out_shape[1:]) > 1 and last_of_module[r.module] is r:
            ends[r.stage] = r
    return {r.module: r for stage, r in ends.items() if stage not in {"head", "output"}}


@pytest.mark.parametrize("upright", [True, False], ids=["rows", "columns"])
@pytest.mark.parametrize("slug", SIDES)
def test_the_gradient_reaches_the_receptive_field_and_no_further(slug: str, upright: bool) -> None:
    size = SIDES[slug] if upright else SIDES[slug][::-1]
    image = torch.ones(1, network(slug).input_shape[0], *size, dtype=torch.double, requires_grad=True)
    records = observed(trace_for(slug, size))
    assert len(records) >= 3
    maps: dict[str, Tensor] = {}
    module = positive(slug)
    hooks = [
        module.get_submodule(p).register_forward_hook(lambda _, __, out, p=p: maps.update({p: out})) for p in records
    ]
    with pytest.raises(Stop), OnlyWindows():
        module(image)
    for hook in hooks:
        hook.remove()
    for path, record in records.items():
        out = maps[path]
        assert tuple(out.shape[1:]) == record.out_shape
        row, column = out.shape[2] // 2, out.shape[3] // 2
        (gradient,) = torch.autograd.grad(out[0, :, row, column].sum(), image, retain_graph=True)
        rows, columns = gradient[0].sum(dim=0).nonzero(as_tuple=True)
        top, left, bottom, right = record.rf.window(row, column)
        projective_window = [(int(at.min()), int(at.max()) + 1) for at in (rows, columns)]
        windows = [(top, bottom), (left, right)]
        if not upright:
            projective_window, windows = projective_window[::-1], windows[::-1]
        assert projective_window[0] == windows[0], path
        assert windows[1][0] <= projective_window[1][0] < projective_window[1][1] <= windows[1][1], path


def trace_for(slug: str, size: Pair) -> ShapeTrace:
    """The trace at this size; all networks here have a head that takes it."""
    spec = network(slug)
    return trace_module(build_on_meta(NetworkInstance.of(spec)), (spec.input_shape[0], *size), spec.stages)
