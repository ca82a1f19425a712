"""The experiment the lab exists for: a deep plain network fails to train, its residual twin does not. Any seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch

from explorer.records import TrainConfig
from explorer.training import train
from explorer.training.presets import DIGITS, degradation

SEEDS = range(10)


def outcome(config: TrainConfig) -> tuple[float, float]:
    """(training error at the end in percent, gradient of the first convolution over that of the last at the start)."""
    points = list(train(config, device="cpu"))
    norms = points[0].gradient_norms
    assert norms is not None
    return 100 * (1 - points[-1].train_accuracy), norms[0] / norms[-2]


@pytest.mark.parametrize("seed", SEEDS)
def test_plain_56_fails_and_residual_56_does_not(seed: int) -> None:
    torch.set_num_threads(1)
    config = replace(DIGITS, seed=seed, steps=100, eval_every=100, probe_every=100)
    configs = degradation(config, (20, 56))
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(("plain20", "residual20", "plain56", "residual56"), pool.map(outcome, configs), strict=True))
    errors = {name: error for name, (error, _) in found.items()}
    ratios = {name: ratio for name, (_, ratio) in found.items()}
    assert errors["plain56"] > 25, errors
    assert max(errors["residual56"], errors["residual20"]) < 3, errors
    assert errors["plain20"] < 10, errors
    assert ratios["plain56"] > 100 > 30 > ratios["residual56"], ratios
