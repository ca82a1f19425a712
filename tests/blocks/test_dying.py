"""Dead units: what is recorded is what is trained, and a unit is silent or stuck by its own definition."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from explorer import datasets, tasks
from explorer.blocks import dying
from explorer.records.nonlinear import DyingConfig, DyingRun
from explorer.tasks.entries.dying import RUNS, DyingRequest, run
from explorer.weights import recorded_dying


@pytest.mark.parametrize("arm", dying.ARMS)
def test_the_first_points_are_those_recorded(arm: str) -> None:
    gentle = DyingConfig(arm, 0.01, 0)  # at higher rates the rounding of another processor grows
    shipped = next(each for each in recorded_dying() if each.config == gentle)
    for found, expected in zip(itertools.islice(dying.train(shipped.config), 3), shipped.points, strict=False):
        assert found.step == expected.step
        assert (found.silent, found.stuck) == pytest.approx((expected.silent, expected.stuck), abs=0.02)
        assert found.accuracy == pytest.approx(expected.accuracy, abs=0.03)


def test_every_rate_arm_and_seed_is_recorded_to_its_end() -> None:
    runs = recorded_dying()
    asked = set(itertools.product(dying.ARMS, dying.RATES, dying.SEEDS))
    assert {(each.config.activation, each.config.rate, each.config.seed) for each in runs} == asked
    assert all(each.points[-1].step == each.config.steps and each.command == dying.COMMAND for each in runs)


def test_silent_and_stuck_units_are_counted_by_hand() -> None:
    """At the first point, before any step, with the weights drawn again and everything else in numpy."""
    import torch

    config = DyingConfig("relu", 0.1, 1)
    first = next(dying.train(config))
    data, generator = datasets.load("digits28"), torch.Generator().manual_seed(1)
    x = data.train_images.flatten(1).numpy().astype(np.float64)
    x = (x - x.mean()) / x.std(ddof=1)
    sizes = [784, 100, 100, 100, 10]
    pairs = itertools.pairwise(sizes)
    weights = [torch.randn(n, m, generator=generator).numpy() * (2 / m) ** 0.5 for m, n in pairs]
    a, silent = x[: dying.PROBES], []
    for weight in weights[:-1]:
        z = a @ weight.T
        silent.append((z <= 0).all(0))
        a = np.maximum(z, 0)
    right = (a @ weights[-1].T).argmax(1) == data.train_labels[: dying.PROBES].numpy()
    assert first.by_layer == pytest.approx([each.mean() for each in silent])
    assert first.silent == pytest.approx(np.concatenate(silent).mean())
    assert first.stuck == pytest.approx(first.silent, abs=0.01)
    assert first.accuracy == pytest.approx(right.mean(), abs=0.005)


def test_a_silent_relu_is_stuck_and_a_silent_leak_is_not() -> None:
    ends = {(each.config.activation, each.config.rate, each.config.seed): each.points[-1] for each in recorded_dying()}
    for rate, seed in itertools.product(dying.RATES, dying.SEEDS):
        assert ends["relu", rate, seed].stuck >= ends["relu", rate, seed].silent - 1e-9
        assert ends["leaky-relu", rate, seed].stuck == 0
    assert all(ends["relu", 0.1, seed].stuck > 0.9 for seed in dying.SEEDS)
    assert all(ends["relu", 0.003, seed].accuracy > 0.98 for seed in dying.SEEDS)
    assert all(0.2 < ends["relu", 0.003, seed].stuck < 0.3 for seed in dying.SEEDS)


def test_a_run_comes_back_from_json() -> None:
    one = recorded_dying()[0]
    assert DyingRun.from_json(one.to_json()) == one
    lost = replace(one, points=(replace(one.points[0], loss=None),))
    assert DyingRun.from_json(lost.to_json()) == lost


class Noting:
    """A report that keeps what it is told."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.values: list[float] = []
        self.steps: list[tuple[int, int]] = []

    def progress(self, done: int, total: int) -> None:
        self.steps.append((done, total))

    def value(self, value: float) -> None:
        self.values.append(value)

    def put(self, name: str, content: bytes) -> None:
        self.files[name] = content


def test_the_task_trains_all_arms_from_one_start(monkeypatch: pytest.MonkeyPatch) -> None:
    short = dying.train
    monkeypatch.setattr(dying, "train", lambda config: itertools.islice(short(config), 3))
    report = Noting()
    run(None, DyingRequest(0.03, 7), report)  # type: ignore[arg-type]
    found = tasks.task("dying").result(report.files)
    assert [each.config for each in found] == [DyingConfig(arm, 0.03, 7) for arm in dying.ARMS]
    assert all(len(each.points) == 3 for each in found)
    assert len(report.values) == 9
    assert list(report.files) == [RUNS]
