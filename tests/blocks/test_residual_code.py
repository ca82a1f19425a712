"""The code that the page prints, run: it gives the numbers that the page shows."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from explorer.arithmetic.residual import flow, shortcut
from explorer.blocks import residual_code
from explorer.blocks.gradient_chain import gradient_chain
from explorer.blocks.signals import propagate
from explorer.records.residual import FlowSettings, SignalSettings


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(code, "<page>", "exec"), names)
    return names


@pytest.mark.parametrize(
    "settings",
    [
        FlowSettings(seed=17),
        FlowSettings(seed=17, weights=0, biases=0, positive=False),
        FlowSettings(seed=5, order="preact", positive=False, alpha=0.35, norm=True),
        FlowSettings(seed=9, norm=True, gamma=0.25, weights=0.05),
    ],
    ids=str,
)
def test_the_block(settings: FlowSettings) -> None:
    names, record = run(residual_code.flow_code(settings)), flow(settings)
    assert names["residual"][0].tolist() == pytest.approx(record.out, abs=1e-4)
    assert names["plain"][0].tolist() == pytest.approx(record.plain, abs=1e-4)


@pytest.mark.parametrize("kind", ["behind", "both", "projection"])
@pytest.mark.parametrize(("n_out", "stride"), [(2, 1), (2, 2), (3, 2), (6, 1)])
def test_the_shortcut(kind: str, n_out: int, stride: int) -> None:
    record = shortcut(kind, n_out, stride, seed=2)
    assert torch.allclose(run(residual_code.shortcut_code(record))["out"][0], torch.tensor(record.outputs))


def test_the_chain() -> None:
    norms, found = run(residual_code.chain_code(9, 0.7, 3))["norms"], gradient_chain(9, 0.7, 3)
    assert norms["plain"] == pytest.approx(found.plain)
    assert norms["residual"] == pytest.approx(found.residual)


@pytest.mark.parametrize(
    "settings",
    [
        SignalSettings(depth=10, norm=True),
        SignalSettings(depth=10, skip=True, alpha=0.3, init="xavier", activation="tanh", seed=5),
        SignalSettings(depth=6, net="conv", width=8, init="dirac"),
        SignalSettings(depth=6, net="conv", width=8, init="orthogonal", norm=True, skip=True),
        SignalSettings(depth=6, init="small", activation="sigmoid"),
        SignalSettings(depth=6, init="orthogonal", activation="linear"),
    ],
    ids=str,
)
def test_the_signals(settings: SignalSettings) -> None:
    names, found = run(residual_code.signal_code(settings)), propagate(settings)
    assert names["deviation"] == pytest.approx(found.deviation)
    assert names["gradient"] == pytest.approx(found.gradient)
