"""Loss and gradients of one batch, on one thread or two; the first half of a step."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.records import TrainConfig

_SHARDS, _SMALLEST_SHARD = 2, 32

AUXILIARY = 0.3
"""What the loss of an auxiliary head counts beside that of the classifier (Szegedy et al. 2014, section 5)."""


class Outcome(NamedTuple):
    """Mean loss and number of correct predictions of a batch, left on the device: nothing synchronises."""

    loss: Tensor
    correct: Tensor


def loss_of(logits: Tensor, target: Tensor, config: TrainConfig) -> Tensor:
    """Cross-entropy against class indices (B,) or mixed targets (B, classes)."""
    return functional.cross_entropy(logits.float(), target, label_smoothing=config.label_smoothing)


def judged(outputs: Tensor | tuple[Tensor, ...], target: Tensor, config: TrainConfig) -> tuple[Tensor, Tensor]:
    """Loss of what a network returns in training mode, and the classifier's logits (B, classes).

    A network with auxiliary heads returns a tuple, the classifier's logits first.
    """
    if isinstance(outputs, Tensor):
        return loss_of(outputs, target, config), outputs
    logits, *auxiliary = outputs
    losses = [AUXILIARY * loss_of(head, target, config) for head in auxiliary]
    return sum(losses, loss_of(logits, target, config)), logits


class Step:
    """Forward and backward of a whole batch; gradients are accumulated in `.grad`."""

    def __init__(self, net: nn.Module, config: TrainConfig, device: torch.device, bf16: bool) -> None:
        self.net, self.config, self.device, self.bf16 = net, config, device, bf16

    def __call__(self, x: Tensor, target: Tensor, labels: Tensor) -> Outcome:
        # Without its cache of cast weights: they would be those of the first step, if the context outlived it, or in a
        # captured step.
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16, cache_enabled=False):
            outputs = self.net(x)
        loss, logits = judged(outputs, target, self.config)
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            return Outcome(loss.detach(), (logits.argmax(1) == labels).sum())

    def close(self) -> None:
        """Nothing to close."""


class ShardedStep(Step):
    """The same with the two halves of the batch on two threads, one core each; their gradients are added.

    Exact, up to rounding, for networks whose layers treat images one by one: without batch normalisation and dropout.
    Threads that wait for each other do not spin: with a busy browser this slows down, where OpenMP's would collapse.
    """

    def __init__(self, net: nn.Module, config: TrainConfig, device: torch.device, bf16: bool) -> None:
        super().__init__(net, config, device, bf16)
        self._twin = copy.deepcopy(net)
        for parameter, twin in zip(net.parameters(), self._twin.parameters(), strict=True):
            twin.data = parameter.data  # shared weights, separate gradients
        self._pool = ThreadPoolExecutor(_SHARDS - 1, "shard")

    def __call__(self, x: Tensor, target: Tensor, labels: Tensor) -> Outcome:
        half = x.shape[0] // 2
        shares = (half / x.shape[0], 1 - half / x.shape[0])
        future = self._pool.submit(self._shard, self._twin, x[half:], target[half:], labels[half:], shares[1])
        first = self._shard(self.net, x[:half], target[:half], labels[:half], shares[0])
        second = future.result()
        gradients = [p.grad for p in self.net.parameters() if p.grad is not None]
        torch._foreach_add_(gradients, [p.grad for p in self._twin.parameters() if p.grad is not None])
        self._twin.zero_grad(set_to_none=True)
        return Outcome(first.loss + second.loss, first.correct + second.correct)

    def _shard(self, net: nn.Module, x: Tensor, target: Tensor, labels: Tensor, share: float) -> Outcome:
        loss, logits = judged(net(x), target, self.config)
        loss = loss * share
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            return Outcome(loss.detach(), (logits.argmax(1) == labels).sum())

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown()


def make_step(net: nn.Module, config: TrainConfig, device: torch.device, bf16: bool) -> Step:
    """A `ShardedStep` where it is exact for the network and faster, else a `Step`."""
    separable = not any(isinstance(module, _BATCH_DEPENDENT) for module in net.modules())
    if device.type == "cpu" and separable and not bf16 and config.batch >= _SHARDS * _SMALLEST_SHARD:
        return ShardedStep(net, config, device, bf16)
    return Step(net, config, device, bf16)


_BATCH_DEPENDENT = (nn.modules.batchnorm._NormBase, nn.modules.dropout._DropoutNd)
"""Layers that use statistics of the batch, or draw random numbers for it."""
