"""The images of a data set that activate each channel most (after Zeiler and Fergus 2013, arXiv:1311.2901)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.records import ReceptiveField, Shape, TopActivations, UnitLayer, luma
from explorer.training.evaluating import Normalizer
from explorer.units.layers import StopForward, forward_hook

GREY = 128
"""Fill value where a receptive field extends beyond the image."""


def fitted_to(images: Tensor, shape: Shape) -> Tensor:
    """Resize stored images, uint8 (N, C, H, W), to a network's input `shape` (C', h, w): uint8 (N, C', h, w)."""
    channels, height, width = shape
    if images.shape[1] != channels:
        if images.shape[1] == 1:
            images = images.expand(-1, channels, -1, -1)
        else:
            grey = luma(*images.float().unbind(1)).round().to(torch.uint8)  # (N, H, W)
            images = grey[:, None].expand(-1, channels, -1, -1)
    if tuple(images.shape[2:]) != (height, width):
        resized = functional.interpolate(images.float(), (height, width), mode="bilinear", antialias=True)
        images = resized.round().clamp(0, 255).to(torch.uint8)
    return images


@torch.inference_mode()
def top_activations(
    net: nn.Module,
    scale: Normalizer,
    images: Tensor,
    layer: UnitLayer,
    shape: Shape,
    *,
    k: int = 9,
    chunk: int = 64,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> TopActivations:
    """One pass over `images` (uint8, N x C x H x W): for every channel the `k` images with the largest activation.

    Of equal activations the earlier image comes first. `on_progress(done, total)` is called after each chunk and may
    raise to end the pass.
    """
    channels, total = layer.shape[0], len(images)
    best = torch.full((channels, 0), 0.0)
    where = torch.zeros(channels, 0, dtype=torch.int64)  # image * positions + position
    sums, active, positions = torch.zeros(channels, dtype=torch.float64), torch.zeros(channels), 1
    outputs: list[Tensor] = []

    def hook(output: Tensor) -> None:
        outputs.append(output.detach())
        raise StopForward

    with forward_hook(net.get_submodule(layer.module), hook):
        for start in range(0, total, chunk):
            batch = fitted_to(images[start : start + chunk], shape)
            with suppress(StopForward):
                net(scale(batch))
            maps = outputs.pop().flatten(2).contiguous()  # (B, C, positions)
            positions = maps.shape[2]
            values, argmax = maps.max(2)  # (B, C)
            codes = (torch.arange(start, start + len(batch))[:, None] * positions + argmax).T
            best, where = _merged(best, where, values.T, codes, k)
            sums += maps.double().sum((0, 2))
            active += (maps > 0).sum((0, 2))
            on_progress(min(start + chunk, total), total)
    rows, columns = np.divmod((where % positions).numpy(), layer.shape[2])
    count = total * positions
    mean, active_fraction = (sums / count).float().numpy(), (active / count).numpy()
    return TopActivations((where // positions).numpy(), rows, columns, best.numpy(), mean, active_fraction, total)


def _merged(best: Tensor, where: Tensor, values: Tensor, codes: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Top k of the previous best, (C, k), and of a batch, (C, B); stable, so that earlier images win ties."""
    values, codes = torch.cat([best, values], 1), torch.cat([where, codes], 1)
    order = values.argsort(stable=True, dim=1, descending=True)[:, :k]
    return values.gather(1, order), codes.gather(1, order)


def crop_windows(
    images: Tensor, rf: ReceptiveField, shape: Shape, indices: Sequence[int], positions: Sequence[tuple[int, int]]
) -> np.ndarray:
    """Crop each unit's receptive field out of its image: uint8 (N, h, w, C), grey where it leaves the image.

    `images` are stored images (uint8, N x C x H x W); unit i is at `positions[i]` (row, column) of the map of image
    `indices[i]`. Along an axis on which the field is larger than the image, the whole image is taken.
    """
    sides = [min(field, side) for field, side in zip(rf.size, shape[1:], strict=True)]
    windows = np.full((len(indices), *sides, shape[0]), GREY, np.uint8)
    for i, (index, (row, column)) in enumerate(zip(indices, positions, strict=True)):
        image = fitted_to(images[index : index + 1], shape)[0].permute(1, 2, 0).numpy()  # (h, w, C)
        top, left, bottom, right = rf.window(row, column)
        top, bottom = (0, shape[1]) if bottom - top >= shape[1] else (top, bottom)
        left, right = (0, shape[2]) if right - left >= shape[2] else (left, right)
        inside = image[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        y, x = max(-top, 0), max(-left, 0)
        windows[i, y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return windows
