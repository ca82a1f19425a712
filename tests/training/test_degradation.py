"""The experiment the lab exists for: a deep plain network fails to train, its residual twin does not. Any seed."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    config = replace(DIGITS, seed=seed, steps=90, eval_every=90, probe_every=90)
    plain20, _, plain56, residual56 = degradation(config, (20, 56))
    (shallow, _), (deep, exploding), (residual, level) = map(outcome, (plain20, plain56, residual56))
    assert deep > 35 > 20 > shallow, (deep, shallow)
    assert residual < 5
    assert exploding > 100 > 30 > level, (exploding, level)
