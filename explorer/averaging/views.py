"""Cut views out of images, as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import torch
from torch import Tensor
from torch.nn import functional

from explorer.averaging.schemes import margin
from explorer.records import View


def cut(canvas: Tensor, view: View) -> Tensor:
    """A view of images (B, C, canvas, canvas): (B, C, side, side)."""
    piece = canvas[..., view.top : view.top + view.side, view.left : view.left + view.side]
    return piece.flip(-1) if view.mirrored else piece


def canvases(images: Tensor, views: Sequence[View], side: int) -> dict[int, Tensor]:
    """uint8 images (B, C, H, W) as pictures of every size that the views are cut from, uint8 (B, C, S, S).

    Images that are as small as the network's input get black borders for crops, as in training; others, and whole
    images at other scales, are resized.
    """
    whole = {view.canvas for view in views if view.side == view.canvas}
    made = {}
    for size in sorted({view.canvas for view in views}):
        if size not in whole and images.shape[-1] == side < 64:
            made[size] = functional.pad(images, (margin(side) // 2,) * 4)
        else:
            made[size] = resized(images, size)
    return made


def resized(images: Tensor, size: int) -> Tensor:
    """uint8 (B, C, H, W) to (B, C, size, size), bicubic as Pillow has it."""
    if images.shape[-2:] == (size, size):
        return images
    larger = functional.interpolate(images.float(), (size, size), mode="bicubic", antialias=True, align_corners=False)
    return larger.round_().clamp_(0, 255).to(torch.uint8)


def softmax_over(logits: Tensor, groups: Sequence[Sequence[int]]) -> Tensor:
    """Softmax among groups of categories, (B, categories) to (B, groups).

    Each group has the mean share of its categories, not their sum: ImageNet has 118 dogs and one horse, the data set as
    many images of each. Categories in no group are left out: the shares of the groups add up to 1.
    """
    scores = [logits[:, list(group)].logsumexp(1) - log(len(group)) for group in groups]
    return torch.stack(scores, 1).softmax(1)
