"""Ablate parts of a network: channels of a layer, whole blocks (Veit, Wilber, Belongie 2016, arXiv:1605.06431)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from explorer.errors import ExplorerError
from explorer.records import Block, Lesion
from explorer.training.evaluating import Normalizer
from explorer.units.layers import is_torchvisions_residual, merge_of
from explorer.units.patches import fitted_to

_CHUNK = 100


@contextmanager
def lesioned(net: nn.Module, lesion: Lesion, blocks: tuple[Block, ...]) -> Iterator[nn.Module]:
    """The network with parts ablated, inside the block only. Raises `ExplorerError` for a block that can't be bypassed.

    An ablated channel outputs zeros. A bypassed residual block outputs its shortcut only, after its last ReLU;
    any other block outputs its input.
    """
    ways = {block.module: block.way for block in blocks}
    with ExitStack() as hooks:
        if lesion.channels:
            hooks.callback(_zero_channels(net.get_submodule(lesion.layer), lesion.channels).remove)
        for name in lesion.blocks:
            if not ways.get(name):
                raise ExplorerError(f"Block {name} cannot be bypassed: its input and its output differ in shape.")
            hooks.callback(_bypass(net.get_submodule(name), ways[name]).remove)
        yield net


def _zero_channels(module: nn.Module, channels: tuple[int, ...]) -> RemovableHandle:
    def hook(_module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> Tensor:
        ablated = output.clone()
        ablated[:, list(channels)] = 0
        return ablated

    return module.register_forward_hook(hook)


def _bypass(block: nn.Module, way: str) -> RemovableHandle:
    merge, skip = merge_of(block), nn.Sequential()
    if way == "shortcut" and merge is not None:
        # F(x) is replaced by zeros before the sum, so that the block's operations on its shortcut stay.
        return merge.register_forward_pre_hook(lambda _merge, inputs: (torch.zeros_like(inputs[0]), *inputs[1:]))
    if way == "shortcut" and is_torchvisions_residual(block):
        skip.extend([getattr(block, "downsample", None) or nn.Identity(), nn.ReLU()])
    return block.register_forward_hook(lambda _block, inputs, _output: skip(inputs[0]))


@torch.inference_mode()
def accuracy(
    net: nn.Module,
    scale: Normalizer,
    images: Tensor,
    labels: Tensor,
    shape: tuple[int, ...],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> float:
    """Top-1 accuracy (0 to 1) on `images` (uint8, N x C x H x W); `on_progress(done, total)` may raise to stop it."""
    correct, total = 0, len(labels)
    for start in range(0, total, _CHUNK):
        logits = net(scale(fitted_to(images[start : start + _CHUNK], shape)))
        correct += int((logits.argmax(1) == labels[start : start + _CHUNK]).sum())
        on_progress(min(start + _CHUNK, total), total)
    return correct / max(total, 1)
