"""A non-linearity with its slope: the curve, a point on it, what it costs, and its line of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from explorer.blocks.activations import ACTIVATIONS, Activation, curve, operations
from explorer.blocks.snippets import activation_code
from explorer.figures import nonlinear as figures
from explorer.ui.parts.blocks.nonlinearities import layer
from explorer.ui.parts.blocks.nonlinearities.state import STATE, knob
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import listed, t
from explorer.ui.widgets import inputs

_MANY = 5
"""So many layers, one after the other, are asked about beside the slope."""


def show() -> None:
    """Choose a function and look at it; then at a real layer's values."""
    with layout.row():
        function = inputs.select(STATE.function, named=title)
        beside = inputs.select(STATE.beside, named=lambda code: title(code) if code else "–")
    fragment(partial(_adjusted, function, beside))


def _adjusted(function: str, beside: str) -> None:
    """What a knob changes, and nothing below it: the curve, and what it makes of a real layer."""
    knobs = _knobs(ACTIVATIONS[function])
    fragment(partial(_curve, function, beside, knobs))
    layout.let_it_paint("nonlinearity", function)
    fragment(partial(layer.show, function, knobs))


def title(slug: str) -> str:
    """The name of a function, the same in every language."""
    return ACTIVATIONS[slug].title


def _knobs(entry: Activation) -> Mapping[str, float]:
    """Sliders for what a function has besides its input."""
    if not entry.knobs:
        return {}
    values = {}
    for column, each in zip(st.columns(max(len(entry.knobs), 2), gap="medium"), entry.knobs, strict=False):
        with column:
            values[each.name] = float(inputs.slider(knob(entry.slug, each.name)))
    low, high = values.get("lower", 0.0), values.get("upper", 1.0)
    if low > high:
        st.warning(t("nonlinearities.swapped", low=f"{low:g}", high=f"{high:g}"), icon=":material/swap_horiz:")
        values |= {"lower": high, "upper": low}
    return values


def _curve(function: str, beside: str, knobs: Mapping[str, float]) -> None:
    entry, at = ACTIVATIONS[function], inputs.slider(STATE.at)
    drawn = curve(function, knobs, at)
    other = curve(beside, ACTIVATIONS[beside].usual, at) if beside else None
    words = {
        "x": t("nonlinearities.x"),
        "value": t("nonlinearities.value_of", name=entry.title),
        "slope": t("nonlinearities.slope_of"),
        "other": title(beside) if beside else "",
        "band": t("nonlinearities.band"),
    }
    said = t(
        "nonlinearities.curve_says",
        name=entry.title,
        x=f"{at:g}",
        value=f"{drawn.value:.4g}",
        slope=f"{drawn.slope:.4g}",
        many=_MANY,
        power=f"{drawn.slope**_MANY:.2g}",
    )
    option = figures.curve(drawn, other, theme=layout.theme(), words=words, title=entry.title)
    left, right = st.columns([3, 2], gap="large")
    with left:
        figure = Exhibit(
            "activation",
            option,
            said,
            rows=lambda: _catalogue(at),
            formula=entry.formula + r",\qquad " + entry.slope_formula,
            code=(entry.value, entry.slope),
            height=360,
        )
        exhibit.show(figure, details=False)
    with right:
        st.markdown(said)
        st.latex(entry.formula)
        st.latex(entry.slope_formula)
        st.caption(t(f"nonlinearities.act.{function}"))
        st.caption(_costs(entry))
        exhibit.twin(figure)
    with st.expander(t("nonlinearities.code"), icon=":material/code:"):
        st.code(activation_code(function, knobs, at), language="python")


def _costs(entry: Activation) -> str:
    """What is learned, what one value costs, and where it was published."""
    per = t(f"nonlinearities.per.{entry.per}", count=entry.learned) if entry.per else t("nonlinearities.per.none")
    return t("nonlinearities.costs", learned=per, operations=_operations(entry), paper=entry.paper)


def _operations(entry: Activation) -> str:
    return listed(t(f"nonlinearities.op.{kind}", count=count) for kind, count in operations(entry).items())


def _catalogue(at: float) -> list[dict[str, Any]]:
    """All functions at one place, with their usual knobs."""
    rows = []
    for entry in ACTIVATIONS.values():
        drawn = curve(entry.slug, entry.usual, at)
        rows.append(
            {
                t("nonlinearities.function"): entry.title,
                f"g({at:g})": round(drawn.value, 4),
                f"g′({at:g})": round(drawn.slope, 4),
                t("nonlinearities.learned"): entry.learned,
                t("nonlinearities.cost"): _operations(entry),
                t("nonlinearities.paper"): entry.paper,
            }
        )
    return rows
