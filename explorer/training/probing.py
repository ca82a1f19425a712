"""Statistics of the weights, gradients and activations of one step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn


@contextmanager
def output_statistics(
    layers: Mapping[str, nn.Conv2d | nn.Linear], enabled: bool
) -> Iterator[dict[str, tuple[float, float]]]:
    """Mean and standard deviation of each layer's output inside the block; nothing unless `enabled`."""
    statistics: dict[str, tuple[float, float]] = {}

    def hook(name: str, _module: nn.Module, _inputs: object, output: Tensor) -> None:
        values = output.detach().float()
        statistics[name] = (float(values.mean()), float(values.std()))

    handles = []
    try:
        if enabled:
            handles = [layer.register_forward_hook(partial(hook, name)) for name, layer in layers.items()]
        yield statistics
    finally:
        for handle in handles:
            handle.remove()


def gradient_norms(layers: Mapping[str, nn.Conv2d | nn.Linear]) -> tuple[float, ...]:
    """Euclidean norm of the gradient of each layer's weight, from input to output; 0 where there is none."""
    norms = [p.weight.new_zeros(()) if p.weight.grad is None else p.weight.grad.norm() for p in layers.values()]
    return tuple(torch.stack(norms).tolist())


def weight_norms(layers: Mapping[str, nn.Conv2d | nn.Linear]) -> tuple[float, ...]:
    """Euclidean norm of each layer's weight, from input to output."""
    return tuple(torch.stack([layer.weight.detach().norm() for layer in layers.values()]).tolist())


@dataclass(frozen=True, slots=True)
class Probe:
    """Gradient norms, statistics of the outputs and weight norms of a step; None where it was not probed."""

    norms: tuple[float, ...] | None = None
    activations: tuple[tuple[float, float], ...] | None = None
    weights: tuple[float, ...] | None = None

    @classmethod
    def of(cls, layers: Mapping[str, nn.Conv2d | nn.Linear], statistics: Mapping[str, tuple[float, float]]) -> Probe:
        """The probe of a step whose gradients are there, with the statistics of its outputs."""
        return cls(gradient_norms(layers), tuple(statistics[name] for name in layers), weight_norms(layers))
