"""The signal-propagation lab: measured against mean field theory, against torch's own modules, and at its edges."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean

import pytest
import torch
from torch import nn

from explorer.blocks import signals
from explorer.errors import BadOption
from explorer.records.residual import Signals, SignalSettings
from explorer.ui.parts.blocks.residual.state import SIGNAL_PRESETS

PER_LAYER = {"fc": 0.03, "conv": 0.05}
"""Measured growth per layer may differ from the predicted one by so much, at 128 units and at 16 filters."""


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> None:
    torch.set_num_threads(1)


def of(code: str, **changed: object) -> SignalSettings:
    """The settings of a preset of the page."""
    values = SIGNAL_PRESETS[code]
    settings = SignalSettings(
        net=values["net"],
        depth=values["depth"],
        width=values["units"] if values["net"] == "fc" else values["filters"],
        activation=values["activation"],
        init=values["init"],
        norm=values["normed"],
        skip=values["skip"],
        alpha=values["strength"],
    )
    return replace(settings, **changed)


# --- against theory ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", ["fc", "conv"])
@pytest.mark.parametrize("code", [code for code in SIGNAL_PRESETS if code != "dirac"])
def test_every_preset_grows_as_predicted(code: str, net: str) -> None:
    settings = of(code, net=net, width=128 if net == "fc" else 16)
    found = [signals.propagate(replace(settings, seed=seed)) for seed in (1, 2, 3)]
    predicted = found[0].predicted_growth
    for way in (0, 1):
        assert mean(each.growth[way] for each in found) == pytest.approx(predicted[way], rel=PER_LAYER[net])


@pytest.mark.parametrize("activation", signals.ACTIVATIONS)
@pytest.mark.parametrize(("norm", "skip"), [(False, False), (True, False), (False, True), (True, True)])
def test_every_activation_grows_as_predicted(activation: str, norm: bool, skip: bool) -> None:
    settings = SignalSettings(depth=20, activation=activation, init="xavier", norm=norm, skip=skip, width=256)
    found = signals.propagate(settings)
    assert found.growth == pytest.approx(found.predicted_growth, rel=PER_LAYER["fc"])


def test_plain_56_with_batch_normalisation_explodes_and_residual_56_holds() -> None:
    plain, residual = signals.propagate(of("plain-bn")), signals.propagate(of("residual-bn"))
    assert plain.growth[1] == pytest.approx(1.211, rel=0.01)
    assert plain.gradient[0] == pytest.approx(26_200, rel=0.01)  # as the lesson says
    assert residual.gradient[0] == pytest.approx(12.8, rel=0.01)
    assert residual.predicted_gradient[0] == pytest.approx(12.0, rel=0.01)
    assert residual.deviation[-1] == pytest.approx(residual.predicted_deviation[-1], rel=0.05)


def test_what_the_notes_of_the_presets_say() -> None:
    assert signals.propagate(of("small")).predicted_growth == pytest.approx((0.08, 0.08), rel=1e-3)
    assert 0.2 < signals.propagate(of("sigmoid")).growth[1] < 0.25
    assert signals.propagate(of("residual-bare")).predicted_deviation[-1] == pytest.approx(16_384)
    assert signals.propagate(of("residual-scaled")).predicted_deviation[-1] ** 2 == pytest.approx(1.32, rel=2e-3)
    assert signals.propagate(of("orthogonal")).gradient[0] == pytest.approx(1, rel=0.03)


def test_a_narrow_network_wanders_further_from_the_prediction() -> None:
    def off(width: int) -> float:
        runs = [signals.propagate(of("he", width=width, seed=seed)) for seed in range(1, 9)]
        return mean(abs(each.growth[0] - 1) for each in runs)

    assert off(32) > 2 * off(256)


# --- against torch's own modules --------------------------------------------------------------------------------------


def test_the_pass_is_that_of_a_stack_of_modules() -> None:
    settings = SignalSettings(depth=6, width=32, norm=True, seed=4)
    drawn = torch.Generator().manual_seed(settings.seed)
    layers: list[nn.Module] = []
    for number in range(settings.depth):
        linear = nn.Linear(32, 32, bias=False, dtype=torch.float64)
        nn.init.kaiming_normal_(linear.weight, generator=drawn)
        layers += [linear] if number == 0 else [nn.BatchNorm1d(32, dtype=torch.float64), nn.ReLU(), linear]
    x = torch.randn(signals.BATCH, 32, generator=drawn, dtype=torch.float64)
    path = []
    for layer in layers:
        x = layer(x)
        if isinstance(layer, nn.Linear):
            x.retain_grad()
            path.append(x)
    x.backward(torch.randn(x.shape, generator=drawn, dtype=torch.float64))
    found = signals.propagate(settings)
    values = [z.detach() for z in path]
    assert found.deviation == pytest.approx([float(z.std(correction=0)) for z in values])
    assert found.gradient == pytest.approx([float(z.grad.square().mean().sqrt()) for z in path])  # type: ignore[union-attr]
    linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
    assert found.weight_gradient == pytest.approx([float(each.weight.grad.norm()) for each in linears])  # type: ignore[union-attr]
    relus = [nn.functional.batch_norm(z, None, None, training=True).relu() for z in values]
    assert found.mean == pytest.approx([float(a.mean()) for a in relus])
    assert found.spread == pytest.approx([float(a.std(correction=0)) for a in relus])
    assert found.silent == pytest.approx([float((a == 0).all(0).double().mean()) for a in relus])


def test_silent_units_are_those_that_no_image_moves() -> None:
    zero = torch.zeros(4, 3, dtype=torch.float64)
    zero[2, 1] = 0.5
    relu = SignalSettings(activation="relu")
    assert signals._silent(relu, zero) == pytest.approx(2 / 3)
    ends = torch.tensor([[0.999, 0.5, -0.999], [-0.999, 0.999, 0.2]], dtype=torch.float64)
    assert signals._silent(replace(relu, activation="tanh"), ends) == pytest.approx(1 / 3)
    half = (ends + 1) / 2
    assert signals._silent(replace(relu, activation="sigmoid"), half) == pytest.approx(1 / 3)


def test_shares_by_size_add_to_one_and_count_zeros() -> None:
    found = signals.propagate(of("he", depth=20))
    for shares in (*found.forward, *found.backward):
        assert len(shares) == len(found.decades) + 1
        assert sum(shares) == pytest.approx(1)
    values = torch.tensor([0.0, 0.5, -5.0, 50.0, 60.0, 0.0], dtype=torch.float64)
    assert signals._shares(values, (-1, 0, 1)) == pytest.approx((2 / 6, 1 / 6, 1 / 6, 2 / 6))


# --- at the edges -----------------------------------------------------------------------------------------------------


def test_dirac_is_a_kernel_and_copies_its_channel() -> None:
    with pytest.raises(BadOption, match="Dirac"):
        signals.propagate(SignalSettings(init="dirac"))
    found = signals.propagate(of("dirac"))
    assert found.predicted_deviation == found.predicted_gradient == ()
    assert found.predicted_growth == (0, 0)
    assert len(set(found.deviation[1:])) == 1, "only the first ReLU cuts anything"


def test_zero_weights_give_exactly_nothing_without_a_skip() -> None:
    dead = signals.propagate(SignalSettings(init="zero", depth=10))
    assert (max(dead.deviation), max(dead.gradient[:-1]), max(dead.weight_gradient)) == (0, 0, 0)
    assert dead.growth == (0, 0)
    alive = signals.propagate(SignalSettings(init="zero", depth=10, skip=True))
    assert set(alive.gradient) == {alive.gradient[-1]}


SMALLEST = [
    SignalSettings(depth=depth, width=width, net=net, skip=skip, norm=norm, activation=activation, init=init)
    for depth in (2, 100)
    for net, width in (("fc", 32), ("conv", 8))
    for skip in (False, True)
    for norm, activation, init in ((True, "relu", "small"), (False, "sigmoid", "zero"), (False, "linear", "he"))
]


@pytest.mark.parametrize("settings", SMALLEST, ids=str)
def test_every_number_is_finite(settings: SignalSettings) -> None:
    found = signals.propagate(replace(settings, alpha=2.0))
    numbers = (*found.deviation, *found.mean, *found.gradient, *found.weight_gradient, *found.predicted_deviation)
    assert all(number == number and abs(number) < 1e300 for number in numbers)
    assert len(found.layers) == len(found.deviation) == len(found.gradient) == len(found.predicted_gradient)
    assert isinstance(found, Signals)


def test_with_skip_and_normalisation_a_gradient_grows_by_a_power_of_the_depth() -> None:
    """Twice as deep is about twice as much; without the skip it is the square."""
    shallow, deep = (signals.propagate(of("residual-bn", depth=depth)).gradient[0] for depth in (50, 100))
    assert 1.8 < deep / shallow < 2.6
    plain, deeper = (signals.propagate(of("plain-bn", depth=depth)).gradient[0] for depth in (50, 100))
    assert deeper > plain**1.9
