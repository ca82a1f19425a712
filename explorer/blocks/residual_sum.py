"""A deep sum x + scale * F(x): what it grows to before training, and whether training survives the first steps.

F is the smallest branch with the shape of Inception-ResNet's: narrow, ReLU, widen again without a non-linearity
(Szegedy et al. 2016, arXiv:1602.07261, section 3.3). Both products keep the variance, as He et al. 2015 draw them.
"""

from __future__ import annotations

from math import isfinite

import numpy as np

from explorer.records.inception import SumGrowth, SumTraining

NARROW = 4  # the branch works on a quarter of the width
EXAMPLES, BATCH, CLASSES, RATE, STEPS, BLOCKS = 256, 64, 10, 0.05, 40, 10
"""The short training: random examples with random classes, ten blocks, 40 steps of SGD at rate 0.05."""


def growth(width: int, depth: int, scales: tuple[float, ...], seed: int = 0) -> tuple[SumGrowth, ...]:
    """Standard deviation after each of `depth` blocks, relative to that of x: 32 examples of `width` numbers.

    Every scale meets the same weights. Predicted: F(x) has the variance of x and is uncorrelated with it, so that each
    block multiplies the variance by 1 + scale².
    """
    generator = np.random.default_rng(seed)
    narrow = width // NARROW
    x = generator.standard_normal((32, width), dtype=np.float32)
    start, sums = float(x.std()), dict.fromkeys(scales, x)
    measured: dict[float, list[float]] = {scale: [] for scale in scales}
    for _ in range(depth):
        down = generator.standard_normal((width, narrow), dtype=np.float32) * np.float32(np.sqrt(2 / width))
        up = generator.standard_normal((narrow, width), dtype=np.float32) * np.float32(np.sqrt(1 / narrow))
        for scale in measured:
            sums[scale] = sums[scale] + np.float32(scale) * (np.maximum(sums[scale] @ down, 0) @ up)
            measured[scale].append(float(sums[scale].std()) / start)
    return tuple(
        SumGrowth(scale, tuple(values), tuple((1 + scale**2) ** (k / 2) for k in range(1, depth + 1)))
        for scale, values in measured.items()
    )


def short_training(width: int, scale: float, seed: int = 0) -> SumTraining:
    """The loss at every step of a short training of ten such blocks and a softmax on random examples."""
    import torch
    from torch import nn

    g = torch.Generator().manual_seed(seed)
    narrow = width // NARROW
    downs = [(torch.randn(width, narrow, generator=g) * (2 / width) ** 0.5).requires_grad_() for _ in range(BLOCKS)]
    ups = [(torch.randn(narrow, width, generator=g) * (1 / narrow) ** 0.5).requires_grad_() for _ in range(BLOCKS)]
    head = (torch.randn(width, CLASSES, generator=g) * (1 / width) ** 0.5).requires_grad_()
    examples, classes = torch.randn(EXAMPLES, width, generator=g), torch.randint(CLASSES, (EXAMPLES,), generator=g)
    weights, losses = [*downs, *ups, head], []
    for _ in range(STEPS):
        chosen = torch.randint(EXAMPLES, (BATCH,), generator=g)
        x = examples[chosen]  # (B, width)
        for down, up in zip(downs, ups, strict=True):
            x = x + scale * (x @ down).relu() @ up
        loss = nn.functional.cross_entropy(x @ head, classes[chosen])
        value = float(loss.detach())
        if not isfinite(value):
            break
        losses.append(value)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients, strict=True):
                weight -= RATE * gradient
    return SumTraining(scale, (*losses, *(None,) * (STEPS - len(losses))))
