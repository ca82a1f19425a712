"""What the kernels of trained networks would lose: behind a bottleneck, or as pairs of a column and a row."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from explorer import datasets, units
from explorer.models import Model
from explorer.records.inception import RankCurve, RankPoint

MOST_IMAGES = 200


def depthwise_kernels(model: Model, side: int) -> np.ndarray:
    """All kernels of the depthwise convolutions of side x side in a model, float32 (N, side, side)."""
    found = [
        part.weight[:, 0].numpy()
        for part in model.instantiate().modules()
        if isinstance(part, nn.Conv2d) and part.groups == part.in_channels > 1 and part.kernel_size == (side, side)
    ]
    return np.concatenate(found)


def wide_layers(model: Model) -> tuple[str, ...]:
    """The paths of a model's convolutions of more than 1 x 1 that read more than three channels."""
    return tuple(
        path
        for path, part in model.instantiate().named_modules()
        if isinstance(part, nn.Conv2d) and part.groups == 1 and part.kernel_size != (1, 1) and part.in_channels > 3
    )


def rank_curve(model: Model, dataset: str, path: str) -> RankCurve:
    """A trained layer with a linear 1x1 of r channels in front, for several r: what its kernels and the accuracy lose.

    1x1 to r channels followed by f x f is one f x f convolution whose weights, written as a matrix (C, f·f·C'), have
    a rank of at most r. The nearest such matrix, by singular values, is put into the network. The random error is that
    of normal numbers in the same shape.
    """
    net = model.instantiate()
    conv = net.get_submodule(path)
    assert isinstance(conv, nn.Conv2d)
    weight = conv.weight.clone()  # (C', C, f, f)
    matrix = weight.transpose(0, 1).flatten(1).double()  # (C, C' f f)
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    noise = torch.linalg.svdvals(torch.randn(matrix.shape, generator=torch.Generator().manual_seed(0)).double())
    data, points = datasets.load(dataset), []
    images, labels = data.test_images[:MOST_IMAGES], data.test_labels[:MOST_IMAGES]
    for width in _widths(conv.in_channels):
        nearest = (left[:, :width] * values[:width]) @ right[:width]
        back = nearest.view(conv.in_channels, conv.out_channels, *conv.kernel_size).transpose(0, 1)
        conv.weight.data = back.float().contiguous()
        reached = units.accuracy(net, model.scale, images, labels, model.input_shape)
        points.append(RankPoint(width, _left_out(values, width), _left_out(noise, width), reached))
    f_h, f_w = conv.kernel_size
    return RankCurve(path, (f_h, f_w), conv.in_channels, conv.out_channels, len(labels), tuple(points))


def _left_out(values: torch.Tensor, width: int) -> float:
    """Relative error (root of the share of squares) of keeping the first singular values."""
    return float((values[width:].square().sum() / values.square().sum()).sqrt())


def _widths(channels: int) -> tuple[int, ...]:
    return tuple(sorted({max(1, channels * share // 16) for share in (1, 2, 4, 6, 8, 12, 16)}))
