"""What is chosen on the page Residual block, and pills that choose several things at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from explorer.fields import Field, choice, decimal, flag, number, one_of
from explorer.records.residual import FlowSettings, SignalSettings
from explorer.ui.shell import present, state
from explorer.ui.shell.words import t

FC_WIDTHS, CONV_WIDTHS = (32, 64, 128, 256), (8, 16, 32)


@dataclass(frozen=True, slots=True)
class ResidualState:
    """The view; then what is set of the block, of its shapes and kinds, of the gradient, and of the signals."""

    view: Field[str] = choice("view", ("block", "identity", "shapes", "gradient", "signals"), named="residual.view")
    seed: Field[int] = number("numbers", 1, 999, 17, label="residual.seed")
    entry: Field[str] = choice("entry", ("relu", "linear"), named="residual.entry", label="residual.entering")
    order: Field[str] = choice("order", ("original", "preact"), named="residual.order", label="residual.ordered")
    weights: Field[float] = decimal("w", 0.0, 1.0, 1.0, step=0.05, label="residual.weights")
    biases: Field[float] = decimal("b", 0.0, 1.0, 1.0, step=0.05, label="residual.biases")
    norm: Field[bool] = flag("bn", label="residual.norm")
    gamma: Field[float] = decimal("gamma", 0.0, 1.0, 1.0, step=0.05, label="residual.gamma")
    alpha: Field[float] = decimal("alpha", 0.0, 2.0, 1.0, step=0.05, label="residual.alpha")
    wanted: Field[str] = choice(
        "h", ("nearly", "identity", "half", "zero"), named="residual.wanted", label="residual.want"
    )
    shortcut: Field[str] = choice(
        "shortcut", ("behind", "both", "projection"), named="residual.shortcut", label="residual.shortcuts"
    )
    channels: Field[int] = one_of("channels", (2, 3, 4, 6), 4, label="residual.channels")
    stride: Field[int] = one_of("stride", (1, 2), 2, label="residual.stride")
    maps: Field[int] = number("maps", 1, 999, 1, label="residual.seed")
    width: Field[int] = one_of("width", (16, 32, 64, 128, 256, 512), 256, label="residual.width")
    side: Field[int] = one_of("side", (56, 32, 28, 16, 14, 8), 14, label="residual.side")
    change: Field[str] = choice("change", ("same", "A", "B"), named="residual.change", label="residual.changes")
    blocks: Field[int] = number("blocks", 1, 50, 20, label="residual.blocks")
    gain: Field[float] = decimal("gain", 0.1, 1.4, 0.6, step=0.1, label="residual.gain")
    chain: Field[int] = number("chain", 1, 999, 1, label="residual.seed")
    net: Field[str] = choice("layers", ("fc", "conv"), named="residual.net", label="residual.network")
    depth: Field[int] = number("depth", 2, 100, 56, step=2, label="residual.depth")
    units: Field[int] = one_of("units", FC_WIDTHS, 128, label="residual.units")
    filters: Field[int] = one_of("filters", CONV_WIDTHS, 16, label="residual.filters")
    activation: Field[str] = choice(
        "act", ("relu", "tanh", "sigmoid", "linear"), named="residual.activation", label="residual.activations"
    )
    init: Field[str] = choice(
        "init", ("he", "xavier", "orthogonal", "small", "zero", "dirac"), named="residual.init", label="residual.start"
    )
    normed: Field[bool] = flag("norm", True, label="residual.normed")
    skip: Field[bool] = flag("skip", label="residual.skip")
    strength: Field[float] = decimal("strength", 0.0, 2.0, 1.0, step=0.1, label="residual.branch_times")
    draw: Field[int] = number("draw", 1, 999, 1, label="residual.seed")


STATE = ResidualState()

_FLOW: dict[str, Mapping[str, Any]] = {
    "slide": {"weights": 0.0, "biases": 0.0},
    "negative": {"weights": 0.0, "biases": 0.0, "entry": "linear"},
    "preact": {"weights": 0.0, "biases": 0.0, "entry": "linear", "order": "preact"},
    "behind-bn": {"weights": 0.3, "biases": 0.3, "norm": True},
    "zero-gamma": {"norm": True, "gamma": 0.0},
    "as-drawn": {},
}
FLOW_PRESETS: dict[str, Mapping[str, Any]] = {
    code: {
        "seed": 17,
        "weights": 1.0,
        "biases": 1.0,
        "entry": "relu",
        "order": "original",
        "norm": False,
        "gamma": 1.0,
        "alpha": 1.0,
        **changed,
    }
    for code, changed in _FLOW.items()
}
"""What stands in the course, and what follows from it, each as a state of the page."""

_SIGNALS: dict[str, Mapping[str, Any]] = {
    "sigmoid": {"activation": "sigmoid", "init": "xavier", "depth": 20},
    "small": {"init": "small", "depth": 20},
    "xavier": {"init": "xavier"},
    "he": {},
    "plain-bn": {"normed": True},
    "residual-bn": {"normed": True, "skip": True},
    "residual-bare": {"skip": True},
    "residual-scaled": {"skip": True, "strength": 0.1},
    "orthogonal": {"activation": "linear", "init": "orthogonal", "depth": 100},
    "dirac": {"net": "conv", "init": "dirac"},
}
SIGNAL_PRESETS: dict[str, Mapping[str, Any]] = {
    code: {
        "net": "fc",
        "depth": 56,
        "units": 128,
        "filters": 16,
        "activation": "relu",
        "init": "he",
        "normed": False,
        "skip": False,
        "strength": 1.0,
        "draw": 1,
        **changed,
    }
    for code, changed in _SIGNALS.items()
}
"""The story of thirty years, each chapter a state of the page."""


def flow_settings() -> FlowSettings:
    """What is set of the block with numbers."""
    kept = {name: state.peek(getattr(STATE, name)) for name in FLOW_PRESETS["slide"]}
    positive, order = kept.pop("entry") == "relu", kept.pop("order")
    return FlowSettings(positive=positive, order=order, **kept)


def signal_settings() -> SignalSettings:
    """What is set of the network in which signals are followed."""
    kept = {name: state.peek(getattr(STATE, name)) for name in SIGNAL_PRESETS["he"]}
    blocks = kept["depth"] // 2  # a block has two layers
    width = kept["units"] if kept["net"] == "fc" else kept["filters"]
    return SignalSettings(
        net=kept["net"],
        depth=2 * blocks if kept["skip"] else kept["depth"],
        width=width,
        activation=kept["activation"],
        init=kept["init"],
        norm=kept["normed"],
        skip=kept["skip"],
        alpha=kept["strength"],
        seed=kept["draw"],
    )


def preset_pills(presets: Mapping[str, Mapping[str, Any]], prefix: str) -> str:
    """Pills for the presets; returns the code of the one that the page shows now, "" for none."""
    now = next((code for code, values in presets.items() if _is_set(values)), "")
    if present.now():
        return now
    key, names = f"{prefix}-presets", {code: t(f"residual.preset.{code}") for code in presets}
    state.put(key, now or None)

    def chosen() -> None:
        _set(presets.get(state.get(key, None) or now, {}))

    st.pills(
        t("residual.presets"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=chosen,
        label_visibility="collapsed",
        wrap=True,
    )
    return now


def _is_set(values: Mapping[str, Any]) -> bool:
    """Whether everything is as a preset has it; what it does not use makes no difference."""
    return all(state.peek(getattr(STATE, name)) == value for name, value in values.items())


def _set(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        state.assign(getattr(STATE, name), value)
