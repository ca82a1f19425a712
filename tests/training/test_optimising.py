"""Schedules by their landmarks, and the configuration's own checks."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from explorer.errors import BadOption
from explorer.records import OPTIMIZERS, TrainConfig
from explorer.training.optimising import learning_rate, make_optimizer
from explorer.training.presets import DIGITS, EXPERIMENTS, HE


def test_the_paper_divides_by_ten_at_32k_and_48k() -> None:
    rates = [learning_rate(HE, step) for step in (0, 31_999, 32_000, 47_999, 48_000, 63_999)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_warm_up_rises_to_the_rate_and_cosine_falls_to_nothing() -> None:
    rates = [learning_rate(DIGITS, step) for step in range(DIGITS.steps)]
    assert rates[:10] == pytest.approx([0.005 * (i + 1) for i in range(10)])
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert rates[10 + 95] == pytest.approx(0.025)
    assert rates[-1] < 1e-4


def test_one_cycle_peaks_once_at_the_rate() -> None:
    config = replace(DIGITS, schedule="onecycle", steps=1_001)
    rates = [learning_rate(config, step) for step in range(1_001)]
    assert max(rates) == pytest.approx(config.lr) == rates[300]
    assert rates[0] == pytest.approx(config.lr / 25)
    assert rates[-1] == pytest.approx(0)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_an_optimizer_lowers_a_loss(optimizer: str) -> None:
    x = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizing = make_optimizer(replace(DIGITS, optimizer=optimizer), [x], torch.device("cpu"))
    for _ in range(50):
        optimizing.zero_grad()
        x.square().sum().backward()
        optimizing.step()
    assert float(x.detach().square().sum()) < 13


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("optimizer", "sdg"),
        ("lr", float("nan")),
        ("lr", -1.0),
        ("steps", 0),
        ("batch", 0),
        ("schedule", "cos"),
        ("momentum", 1.0),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(field: str, value: object) -> None:
    with pytest.raises(BadOption, match=field):
        replace(DIGITS, **{field: value})  # type: ignore[arg-type]


def test_a_configuration_survives_text_and_has_one_key() -> None:
    for experiment in EXPERIMENTS.values():
        for config in experiment.configs:
            again = TrainConfig.from_json(config.to_json())
            assert again == config
            assert again.key == config.key
    keys = [config.key for experiment in EXPERIMENTS.values() for config in experiment.configs]
    assert len(set(keys)) == len(keys)


def test_the_order_of_options_does_not_matter() -> None:
    a = replace(DIGITS, options=(("depth", 20), ("base", 8)))
    b = replace(DIGITS, options=(("base", 8), ("depth", 20)))
    assert a == b
    assert a.key == b.key
