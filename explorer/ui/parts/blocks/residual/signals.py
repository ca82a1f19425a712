"""The signal-propagation lab: a network at its start, forward and backward, layer by layer, measured and predicted."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer.records import Signals, SignalSettings
from explorer.ui.cached.blocks import residual as cached_residual
from explorer.ui.parts.blocks.residual import signal_figures
from explorer.ui.parts.blocks.residual.state import SIGNAL_PRESETS, STATE, preset_buttons, signal_settings
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The controls, what was measured beside what is predicted, curves and heat maps."""
    layout.section(t("residual.signals_title"), t("residual.signals_note"))
    settings, preset = _choose()
    if settings.init == "dirac" and settings.net == "fc":
        settings = replace(settings, net="conv", width=STATE.filters.default)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(t("residual.no_dirac", filters=settings.width), icon=":material/block:")
            st.button(t("residual.use_conv"), key="use-conv", on_click=state.assign, args=(STATE.net, "conv"))
    with layout.waiting():
        found = cached_residual.signals(settings)
    if preset:
        st.info(t(f"residual.preset_note.{preset}"), icon=":material/co_present:")
    sentence = sentence_of(found)
    st.markdown(sentence)
    layout.facts(facts_of(found))
    exhibit.side_by_side(signal_figures.strengths(found, sentence))
    exhibit.side_by_side(signal_figures.activations(found))
    exhibit.side_by_side(signal_figures.by_size(found))
    exhibit.show(signal_figures.updates(found))
    with st.expander(t("residual.code"), icon=":material/code:", on_change="rerun") as opened:
        if opened.open:
            from explorer.blocks.residual_code import signal_code

            st.code(signal_code(settings), language="python")


def _choose() -> tuple[SignalSettings, str]:
    presets = st.container()
    first, second, third = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    with first:
        inputs.segmented(STATE.activation)
    with second:
        starts = {code: t(f"residual.init.{code}") for code in STATE.init.codes}
        inputs.select(STATE.init, STATE.init.codes, starts.__getitem__)
    with third:
        net = inputs.segmented(STATE.net)
    first, second, third = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    with first:
        inputs.slider(STATE.depth)
    with second, st.container(horizontal=True, vertical_alignment="bottom"):
        inputs.toggle(STATE.normed)
        if inputs.toggle(STATE.skip):
            inputs.slider(STATE.strength)
    with third, st.container(horizontal=True, vertical_alignment="bottom"):
        inputs.select(STATE.units if net == "fc" else STATE.filters, named="{:d}".format)
        inputs.number(STATE.draw)
    with presets:
        preset = preset_buttons(SIGNAL_PRESETS, "signals")
    return signal_settings(), preset


def sentence_of(found: Signals) -> str:
    """What arrives forward and backward, measured and predicted."""
    if not found.deviation[-1] and not found.gradient[0]:
        return t("residual.signals_dead")
    values = {
        "deviation": number(found.deviation[-1]),
        "gradient": number(found.gradient[0]),
        "first": found.layers[0],
        "last": found.layers[-1],
    }
    if not found.predicted_deviation:
        return t("residual.signals_unpredicted", **values)
    values |= {
        "expected": number(found.predicted_deviation[-1]),
        "expected_gradient": number(found.predicted_gradient[0]),
    }
    said = t("residual.signals_say", **values)
    if found.settings.skip or not all((*found.growth, *found.predicted_growth)):
        return said
    (forward, back), (expected, expected_back) = found.growth, found.predicted_growth
    return f"{said}  \n" + t(
        "residual.signals_per_layer",
        forward=f"{forward:.3f}",
        expected=f"{expected:.3f}",
        backward=f"{back:.3f}",
        expected_backward=f"{expected_back:.3f}",
    )


def facts_of(found: Signals) -> list[tuple[str, str, str]]:
    """The four numbers of the strip."""
    predicted = found.predicted_deviation
    none = t("residual.fact.none")
    expected = t("residual.fact.expected", value=number(found.predicted_deviation[-1])) if predicted else none
    expected_back = t("residual.fact.expected", value=number(found.predicted_gradient[0])) if predicted else none
    what = "zero" if found.settings.activation in {"relu", "linear"} else "saturated"
    return [
        (t("residual.fact.forward"), number(found.deviation[-1]), expected),
        (t("residual.fact.backward"), number(found.gradient[0]), expected_back),
        (t("residual.fact.mean"), f"{found.mean[-1]:.3g}", t("residual.fact.mean_note")),
        (t("residual.fact.silent"), f"{100 * found.silent[-1]:.0f} %", t(f"residual.fact.{what}")),
    ]


def number(value: float) -> str:
    """Three significant digits; a power of ten where it is far from 1."""
    if value == 0:
        return "0"
    if 1e-3 <= value < 1e3:
        return f"{value:.3g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} · 10" + f"{int(exponent)}".translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
