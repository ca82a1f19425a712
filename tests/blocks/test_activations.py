"""Every non-linearity of the catalogue against torch: values, slopes, what one value costs, and the pasted line."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings, strategies as st

from explorer.blocks.activations import ACTIVATIONS, Activation, activation, curve, operations, steepest
from explorer.blocks.snippets import activation_code
from explorer.errors import UnknownEntry

EVERY = pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=lambda entry: entry.slug)

COSTS = {
    "sigmoid": {"exp": 1, "add": 2, "divide": 1},  # minus x, 1 + e^-x
    "tanh": {"exp": 1},
    "relu": {"compare": 1},
    "leaky-relu": {"multiply": 1, "compare": 1},
    "prelu": {"multiply": 1, "compare": 1},
    "rrelu": {"multiply": 1, "compare": 1},
    "elu": {"exp": 1, "add": 1, "multiply": 1, "compare": 2},  # one of them keeps e^x from overflowing
    "maxout": {"add": 2, "multiply": 2, "compare": 1},
    "silu": {"exp": 1, "add": 2, "divide": 1},
    "hard-swish": {"add": 1, "multiply": 1, "divide": 1, "compare": 2},
}


def by_torch(slug: str, x: torch.Tensor, k: dict[str, float]) -> torch.Tensor:
    """The same function by torch, written out here and not taken from the catalogue."""
    return {
        "sigmoid": lambda: torch.nn.Sigmoid()(x),
        "tanh": lambda: torch.nn.Tanh()(x),
        "relu": lambda: torch.nn.ReLU()(x),
        "leaky-relu": lambda: torch.nn.LeakyReLU(k["slope"])(x),
        "prelu": lambda: F.prelu(x, torch.tensor([k["slope"]], dtype=x.dtype)),
        "rrelu": lambda: torch.nn.RReLU(k["lower"], k["upper"]).eval()(x),
        "elu": lambda: torch.nn.ELU(k["alpha"])(x),
        "maxout": lambda: torch.stack([k["w1"] * x + k["b1"], k["w2"] * x + k["b2"]]).amax(0),
        "silu": lambda: torch.nn.SiLU()(x),
        "hard-swish": lambda: torch.nn.Hardswish()(x),
    }[slug]()


@EVERY
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_value_and_slope_are_torchs(entry: Activation, data: st.DataObject) -> None:
    knobs = {knob.name: data.draw(st.floats(knob.low, knob.high)) for knob in entry.knobs}
    if entry.slug == "rrelu":
        knobs["lower"], knobs["upper"] = sorted(knobs.values())
    places = data.draw(st.lists(st.floats(-8, 8), min_size=1, max_size=12))
    x = torch.tensor([*places, -3.0, 0.0, 3.0], dtype=torch.float64, requires_grad=True)
    y = by_torch(entry.slug, x, knobs)
    (slope,) = torch.autograd.grad(y.sum(), x)
    given_x = x.detach().numpy()
    assert entry.value(given_x, knobs) == pytest.approx(y.detach().numpy(), abs=1e-12)
    assert entry.slope(given_x, knobs) == pytest.approx(slope.numpy(), abs=1e-9)


@EVERY
def test_operations_are_those_counted_by_hand(entry: Activation) -> None:
    assert dict(operations(entry)) == COSTS[entry.slug]


@EVERY
@pytest.mark.parametrize("at", [-2.5, 0.3, 3.0])
def test_the_pasted_code_prints_the_point_of_the_curve(entry: Activation, at: float) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(activation_code(entry.slug, entry.usual, at), {})
    drawn = curve(entry.slug, entry.usual, at)
    assert [float(word) for word in out.getvalue().split()] == pytest.approx([drawn.value, drawn.slope], abs=1e-9)
    where = drawn.places.index(min(drawn.places, key=lambda place: abs(place - at)))
    assert abs(drawn.values[where] - drawn.value) < 0.1


def test_the_steepest_slopes_are_those_of_the_textbook() -> None:
    found = {slug: steepest(entry, entry.usual) for slug, entry in ACTIVATIONS.items()}
    assert found["sigmoid"] == 0.25
    assert found["tanh"] == found["relu"] == found["elu"] == 1
    assert found["silu"] == pytest.approx(1.0998, abs=1e-4)
    assert found["hard-swish"] == pytest.approx(1.5, abs=0.01)


def test_a_draw_of_rrelu_lies_in_its_band() -> None:
    knobs = ACTIVATIONS["rrelu"].usual
    drawn = curve("rrelu", knobs, -2.0)
    torch.manual_seed(0)
    x = torch.full((200,), -2.0)
    values = F.rrelu(x, knobs["lower"], knobs["upper"], training=True).numpy()
    ends = sorted(float(np.interp(-2.0, drawn.places, band)) for band in drawn.band)
    assert ends[0] - 1e-4 <= values.min() < values.max() <= ends[1] + 1e-4


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(UnknownEntry, match="relu"):
        activation("rellu")
