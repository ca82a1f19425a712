"""A step on two threads: loss, correct predictions and gradients are those of the whole batch."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional

from explorer.training.presets import LENET
from explorer.training.stepping import ShardedStep


@pytest.mark.parametrize("batch", [3, 4, 65])
def test_a_batch_in_two_parts_is_the_whole_batch(batch: int) -> None:
    """Of an odd batch one part is larger, and weighs more."""
    drawn = torch.Generator().manual_seed(batch)
    whole = nn.Sequential(nn.Flatten(), nn.Linear(12, 5))
    with torch.no_grad():
        for parameter in whole.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=drawn))
    halved = copy.deepcopy(whole)
    x, labels = torch.randn(batch, 3, 2, 2, generator=drawn), torch.randint(5, (batch,), generator=drawn)
    logits = whole(x)  # (B, classes)
    loss = functional.cross_entropy(logits, labels)
    loss.backward()
    step = ShardedStep(halved, LENET, torch.device("cpu"), False)
    try:
        found = step(x, labels, labels)
    finally:
        step.close()
    torch.testing.assert_close(found.loss, loss.detach())
    assert int(found.correct) == int((logits.argmax(1) == labels).sum())
    for own, other in zip(halved.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(own.grad, other.grad)
