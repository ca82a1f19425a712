"""Sanity checks of an attribution: weight randomisation, rank correlation, insertion and deletion curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from explorer.attributions.preparing import Prepared, batch, copy_sharing_weights


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Probability of a class while pixels are inserted (`insertion`) or deleted (`deletion`), most important first.

    All three are (steps + 1,); `share` is the fraction of pixels replaced so far, from 0 to 1.
    """

    share: np.ndarray
    insertion: np.ndarray
    deletion: np.ndarray

    @property
    def insertion_area(self) -> float:
        """Area under the curve, 0 to 1: large is good."""
        return float(np.trapezoid(self.insertion, self.share))

    @property
    def deletion_area(self) -> float:
        """Area under the curve, 0 to 1: small is good."""
        return float(np.trapezoid(self.deletion, self.share))


def randomized(network: nn.Module, seed: int = 0) -> nn.Module:
    """A copy of a network with random weights, in evaluation mode; the network is not changed.

    Weights of convolutions and linear layers: normal, variance 2 / fan-in (He et al. 2015); biases 0; normalisation as
    initialised. This is the full randomisation of Adebayo et al. (2018), section 3.
    """
    other = copy_sharing_weights(network)
    generator = torch.Generator().manual_seed(seed)
    for module in other.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            values = torch.zeros_like(parameter)
            if parameter.ndim > 1:
                values.normal_(0, sqrt(2 / parameter[0].numel()), generator=generator)
            elif name == "weight":
                values.fill_(1)
            module.register_parameter(name, nn.Parameter(values, requires_grad=False))
        if isinstance(module, _BatchNorm) and module.running_mean is not None and module.running_var is not None:
            module.running_mean = torch.zeros_like(module.running_mean)
            module.running_var = torch.ones_like(module.running_var)
    return other.eval()


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Spearman's rank correlation of the magnitudes of two maps of one shape, -1 to 1; 0 where a map is constant.

    One of the measures of Adebayo et al. (2018), "Sanity Checks for Saliency Maps", section 3.
    """
    a, b = (_ranks(np.abs(values).ravel()) for values in (first, second))
    spread = a.std() * b.std()
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0 else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; equal values share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    ranks: np.ndarray = (last - (counts - 1) / 2)[group]
    return ranks


def insertion_deletion(network: Prepared, x: Tensor, values: np.ndarray, target: int, steps: int = 28) -> Curves:
    """Probability of `target` while pixels are replaced in the order of `values` (H, W), largest first.

    Insertion replaces pixels of a blurred image by those of `x`; deletion replaces pixels of `x` by the mean (zero
    after normalisation). Petsiuk et al. (2018), "RISE", section 4.2.
    """
    order = torch.from_numpy(np.argsort(-values.ravel(), kind="stable").copy())
    counts = [round(values.size * i / steps) for i in range(steps + 1)]
    insertion = _probabilities(network, x, blurred(x), order, counts, target)
    deletion = _probabilities(network, torch.zeros_like(x), x, order, counts, target)
    return Curves(np.array(counts) / values.size, insertion, deletion)


def _probabilities(
    network: Prepared, new: Tensor, old: Tensor, order: Tensor, counts: Sequence[int], target: int
) -> np.ndarray:
    """Probability of `target` after the first `count` pixels of `order` in `old` are replaced by those of `new`."""
    batch_size, outputs = batch(network, old), []
    with torch.inference_mode():
        for first in range(0, len(counts), batch_size):
            images = []
            for count in counts[first : first + batch_size]:
                image = old.flatten(2).clone()  # (1, C, H * W)
                image[..., order[:count]] = new.flatten(2)[..., order[:count]]
                images.append(image.view_as(old))
            outputs.append(network.module(torch.cat(images)).softmax(1)[:, target])
    probabilities: np.ndarray = torch.cat(outputs).double().numpy()
    return probabilities


def blurred(x: Tensor) -> Tensor:
    """Gaussian blur of an image (1, C, H, W); sigma is a twentieth of its longer side."""
    sigma = max(x.shape[2:]) / 20
    radius = min(round(3 * sigma), *(side - 1 for side in x.shape[2:]))
    kernel = torch.arange(-radius, radius + 1, dtype=x.dtype)
    kernel = (-(kernel**2) / (2 * sigma**2)).exp()
    kernel = (kernel / kernel.sum()).expand(x.shape[1], 1, 1, -1)
    padded = F.pad(x, (radius, radius, radius, radius), mode="reflect")
    across = F.conv2d(padded, kernel, groups=x.shape[1])
    return F.conv2d(across, kernel.transpose(2, 3), groups=x.shape[1])
