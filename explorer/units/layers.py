"""Modules of a network whose units can be inspected, blocks that can be bypassed, and forward hooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from explorer.networks import adds, torchvision_block
from explorer.records import Block, LayerRecord, ShapeTrace, UnitLayer

_RECTIFIERS = (nn.ReLU, nn.ReLU6)
_TAIL = frozenset({"norm", "activation"})


def unit_layers(net: nn.Module, trace: ShapeTrace) -> tuple[UnitLayer, ...]:
    """Modules that run once and return a volume, in execution order.

    Blocks, and convolutions: a convolution is represented by the normalisation or activation that follows it, where
    these are modules that run only once.
    """
    modules = dict(net.named_modules())
    runs = Counter(record.module for record in trace.layers)
    last_of = {record.block: record for record in trace.layers if _is_inside(record) and len(record.out_shape) == 3}
    units: dict[str, UnitLayer] = {}
    for record in trace.layers:
        if record.kind in {"conv", "depthwise"} and record.name in modules:
            end = _activated(record, trace.layers, runs, modules)
            units.setdefault(end.name, _layer(end, end.name, record.kind, modules))
        ends_block = record is last_of.get(record.block) and record.block in modules
        if ends_block and next(modules[record.block].children(), None) is not None:
            units[record.block] = _layer(record, record.block, "block", modules)
    return tuple(units.values())


def _activated(
    record: LayerRecord, layers: tuple[LayerRecord, ...], runs: Counter[str], modules: dict[str, nn.Module]
) -> LayerRecord:
    """The normalisation or activation that directly follows a convolution, as far as each is a module run once."""
    end = record
    for later in layers[record.index + 1 :]:
        runs_once = later.name in modules and runs[later.module] == 1
        if later.kind not in _TAIL or later.inputs != (end.index,) or not runs_once:
            break
        end = later
    return end


def _is_inside(record: LayerRecord) -> bool:
    """Whether a module of the block ran it: operations between blocks are recorded under the block before."""
    return f"{record.module}.".startswith(f"{record.block}.")


def _layer(record: LayerRecord, module: str, kind: str, modules: dict[str, nn.Module]) -> UnitLayer:
    rectified = record.function in {"relu", "relu_", "relu6", "hardtanh", "hardtanh_"} or isinstance(
        modules.get(record.module), _RECTIFIERS
    )
    return UnitLayer(module, kind, record.out_shape, record.rf, rectified)


def blocks_of(net: nn.Module, trace: ShapeTrace) -> tuple[Block, ...]:
    """The blocks of a network whose input and output are volumes, and how each can be bypassed."""
    modules = dict(net.named_modules())
    blocks = []
    for name in dict.fromkeys(record.block for record in trace.layers):
        inside = [record for record in trace.layers if record.block == name and _is_inside(record)]
        convolutions = sum(record.kind in {"conv", "depthwise"} for record in inside)
        if name not in modules or convolutions < 2 or next(modules[name].children(), None) is None:
            continue
        in_shape, out_shape = inside[0].in_shape, inside[-1].out_shape
        if len(in_shape) == len(out_shape) == 3:
            blocks.append(Block(name, _way(modules[name], in_shape == out_shape), in_shape, out_shape))
    return tuple(blocks)


def merge_of(block: nn.Module) -> nn.Module | None:
    """The module that adds the shortcut in a residual block of `explorer.networks`, else None."""
    return next((module for module in block.children() if adds(module)), None)


def is_torchvisions_residual(block: nn.Module) -> bool:
    """Whether it is a block of torchvision's ResNets: a sum of F(x) and its `downsample`, then a ReLU."""
    return torchvision_block(block) in {"resnet.BasicBlock", "resnet.Bottleneck"}


def _way(block: nn.Module, same_shape: bool) -> str:
    if merge_of(block) is not None or is_torchvisions_residual(block):
        return "shortcut"
    if torchvision_block(block) == "mobilenetv2.InvertedResidual" and getattr(block, "use_res_connect", False):
        return "shortcut"
    return "identity" if same_shape else ""


@contextmanager
def forward_hook(module: nn.Module, callback: Any) -> Iterator[None]:
    """Call `callback(output)` after each forward of a module, inside the block only."""

    def hook(_module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> None:
        callback(output)

    handle = module.register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


class StopForward(Exception):
    """Raised by a hook to stop a forward pass whose rest is not needed; always caught in this room."""
