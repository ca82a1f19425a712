"""Batch normalisation on a real batch: statistics of a first layer's channels, and one image in two modes."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import numpy as np

from explorer.records.nonlinear import BatchAccuracy, ChannelStatistics, NormalizedBatch, TwoModes

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.datasets import ImageData
    from explorer.models import Model

EPSILON = 1e-5  # torch's default, for networks without batch normalisation
BATCHES, IMAGES = (2, 4, 8, 16, 32, 64), 128
_BINS, _BEST = 48, 5


def normalized_batch(model: Model, images: Tensor) -> NormalizedBatch:
    """What the first convolution of a network gives for a batch, uint8 (B, C, h, w), channel by channel.

    Mean and variance are over batch, rows and columns, the variance divided by their number, as normalisation has it.
    """
    import torch

    net, found = model.instantiate(), []
    convolution = next(module for module in net.modules() if isinstance(module, torch.nn.Conv2d))
    convolution.register_forward_hook(lambda module, args, out: found.append(out.clone()))
    with torch.inference_mode():
        net(model.scale(images))
    z = found[0].double().numpy()  # (B, C, H, W)
    norm = next(iter(_norms(net)), None)
    running: tuple[tuple[float, float], ...] = ()
    if norm is not None and norm.running_mean is not None and norm.running_var is not None:
        running = tuple(zip(norm.running_mean.tolist(), norm.running_var.tolist(), strict=True))
    channels = tuple(_statistics(number, z[:, number]) for number in range(z.shape[1]))
    shape = (z.shape[0], z.shape[1], z.shape[2], z.shape[3])
    return NormalizedBatch(shape, channels, norm.eps if norm is not None else EPSILON, running)


def _statistics(number: int, z: np.ndarray) -> ChannelStatistics:
    """One channel, z (B, H, W); `first` is its first image's value in the middle."""
    counts, edges = np.histogram(z, bins=_BINS)
    middle = float(z[0, z.shape[1] // 2, z.shape[2] // 2])
    return ChannelStatistics(
        number, float(z.mean()), float(z.var()), tuple(edges.tolist()), tuple(counts.tolist()), middle
    )


def two_modes(model: Model, image: np.ndarray, companion: np.ndarray) -> TwoModes:
    """One image asked with the running statistics, and in a batch of two with the statistics of that batch.

    Only the layers of batch normalisation are switched to training mode: dropout stays off. The distance is half the
    sum of the differences between the two softmaxes (0: the same, 1: nothing in common).
    """
    import torch

    net = deepcopy(model.instantiate())  # training mode writes into the running statistics
    batch = torch.cat([model.preprocess(image), model.preprocess(companion)])
    with torch.no_grad():
        evaluated = net(batch)[0].softmax(0)
        before = _means(net)
        for norm in _norms(net):
            norm.train()
        trained = net(batch)[0].softmax(0)
    moved = float((_means(net) - before).norm() / before.norm())
    return TwoModes(_top(evaluated), _top(trained), float((evaluated - trained).abs().sum() / 2), moved)


def batch_accuracy(model: Model, data: ImageData) -> BatchAccuracy:
    """Accuracy on the first test images, with the running statistics and with those of batches of several sizes."""
    import torch

    images, labels = data.test_images[:IMAGES], data.test_labels[:IMAGES]
    net, found = deepcopy(model.instantiate()), []
    with torch.no_grad():
        usual = float((net(model.scale(images)).argmax(1) == labels).double().mean())
        for norm in _norms(net):
            norm.train()
        for size in BATCHES:
            batches = [images[start : start + size] for start in range(0, len(images), size)]
            said = torch.cat([net(model.scale(batch)).argmax(1) for batch in batches])
            found.append((size, float((said == labels).double().mean())))
    return BatchAccuracy(usual, tuple(found), len(labels))


def _norms(net: nn.Module) -> list[nn.BatchNorm2d]:
    from torch import nn

    return [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]


def _means(net: nn.Module) -> Tensor:
    import torch

    return torch.cat([norm.running_mean.clone() for norm in _norms(net) if norm.running_mean is not None])


def _top(shares: Tensor) -> tuple[tuple[int, float], ...]:
    best = shares.topk(_BEST)
    return tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
