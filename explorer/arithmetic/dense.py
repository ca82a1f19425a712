"""What a dense block costs: channels, weights and multiply-adds; without biases and batch normalisation.

Huang et al. 2016 (arXiv:1608.06993), section 3: layer l reads k0 + k (l - 1) channels; with bottleneck a 1x1 to 4k
maps comes before the 3x3; a transition keeps theta of the channels and halves the side.
"""

from __future__ import annotations

from explorer.records.efficient import DenseCost


def dense_block(k0: int, growth: int, layers: int, side: int, *, bottleneck: bool) -> tuple[DenseCost, ...]:
    """Every layer of a block on maps of `side` x `side`."""
    found = []
    for number in range(layers):
        reads = k0 + number * growth
        weights = 4 * growth * reads + 9 * 4 * growth * growth if bottleneck else 9 * reads * growth
        found.append(DenseCost(reads, weights, weights * side * side))
    return tuple(found)


def transition(channels: int, theta: float, side: int) -> tuple[int, DenseCost]:
    """The channels after a transition, and the cost of its 1x1, which comes before the pooling."""
    kept = int(channels * theta)
    return kept, DenseCost(channels, channels * kept, channels * kept * side * side)


def dense_network(growth: int, layers: int, theta: float, *, bottleneck: bool, side: int = 32) -> DenseCost:
    """Three blocks of `layers` with their stem and transitions, as on CIFAR: channels at the end, weights, MACs."""
    channels = 2 * growth if bottleneck else 16
    weights, macs = 27 * channels, 27 * channels * side * side
    for block in range(3):
        for layer in dense_block(channels, growth, layers, side, bottleneck=bottleneck):
            weights, macs = weights + layer.weights, macs + layer.macs
        channels += layers * growth
        if block < 2:
            channels, cost = transition(channels, theta, side)
            weights, macs, side = weights + cost.weights, macs + cost.macs, side // 2
    return DenseCost(channels, weights, macs)
