"""Switch off parts of a network: channels of a layer, whole blocks (Veit, Wilber, Belongie 2016, arXiv:1605.06431)."""

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
    """The network with parts switched off, inside the block only. Raises `ExplorerError` for what cannot be bypassed.

    A channel that is off puts out zeros. A residual block that is bypassed passes on its shortcut alone, its last ReLU
    included; another one passes on its input.
    """
    ways = {block.module: block.way for block in blocks}
    with ExitStack() as hooks:
        if lesion.channels:
            hooks.callback(_silence(net.get_submodule(lesion.layer), lesion.channels).remove)
        for name in lesion.blocks:
            if not ways.get(name):
                raise ExplorerError(f"Block {name} cannot be bypassed: its input and its output differ in shape.")
            hooks.callback(_bypass(net.get_submodule(name), ways[name]).remove)
        yield net


def _silence(module: nn.Module, channels: tuple[int, ...]) -> RemovableHandle:
    def hook(_module: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> Tensor:
        silent = output.clone()
        silent[:, list(channels)] = 0
        return silent

    return module.register_forward_hook(hook)


def _bypass(block: nn.Module, way: str) -> RemovableHandle:
    merge, skip = merge_of(block), nn.Sequential()
    if way == "shortcut" and merge is not None:
        # F(x) is replaced by zeros in front of the sum, so that whatever the block does with its shortcut stays.
        return merge.register_forward_pre_hook(lambda _merge, given: (torch.zeros_like(given[0]), *given[1:]))
    if way == "shortcut" and is_torchvisions_residual(block):
        skip.extend([getattr(block, "downsample", None) or nn.Identity(), nn.ReLU()])
    return block.register_forward_hook(lambda _block, given, _output: skip(given[0]))


@torch.inference_mode()
def accuracy(
    net: nn.Module,
    scale: Normalizer,
    images: Tensor,
    labels: Tensor,
    shape: tuple[int, ...],
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> float:
    """Share of `images` (uint8, N x C x H x W) that are answered with their label; `told` may raise to end it."""
    right, total = 0, len(labels)
    for start in range(0, total, _CHUNK):
        logits = net(scale(fitted_to(images[start : start + _CHUNK], shape)))
        right += int((logits.argmax(1) == labels[start : start + _CHUNK]).sum())
        on_progress(min(start + _CHUNK, total), total)
    return right / max(total, 1)
