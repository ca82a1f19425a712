"""The signal-propagation lab: a network at its start, forward and backward, layer by layer, measured and predicted."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer.records.residual import Signals, SignalSettings
from explorer.ui.cached.blocks import residual as cached_residual
from explorer.ui.parts.blocks.residual import signal_figures, words
from explorer.ui.parts.blocks.residual.state import SIGNAL_PRESETS, STATE, preset_pills, signal_settings
from explorer.ui.shell import exhibit, layout, state
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The controls beside what was measured and is predicted, then more curves and heat maps."""
    presets = st.container()
    left, right = st.columns([2, 5], gap="large")
    with left:
        _choose()
    with presets:
        preset = preset_pills(SIGNAL_PRESETS, "signals")
    with right:
        settings = _possible(signal_settings())
        with layout.waiting():
            found = cached_residual.signals(settings)
        sentence = sentence_of(found)
        st.markdown(sentence)
        exhibit.side_by_side(signal_figures.strengths(found, sentence))
        if preset:
            st.info(t(f"residual.preset_note.{preset}"), icon=":material/co_present:")
    layout.facts(facts_of(found))
    exhibit.side_by_side(signal_figures.activations(found))
    exhibit.side_by_side(signal_figures.by_size(found))
    exhibit.show(signal_figures.updates(found))
    words.code(lambda: _code(settings))
    st.caption(t("residual.signals_note"))


def _possible(settings: SignalSettings) -> SignalSettings:
    """The settings, or the nearest that can be; then it is said why, and a button takes them over."""
    if settings.init != "dirac" or settings.net == "conv":
        return settings
    st.warning(t("residual.no_dirac", filters=STATE.filters.default), icon=":material/block:")
    st.button(t("residual.use_conv"), key="use-conv", on_click=state.assign, args=(STATE.net, "conv"))
    return replace(settings, net="conv", width=STATE.filters.default)


def _code(settings: SignalSettings) -> str:
    from explorer.blocks.residual_code import signal_code

    return signal_code(settings)


def _choose() -> None:
    inputs.slider(STATE.depth)
    functions = {code: t(f"residual.activation.{code}") for code in STATE.activation.codes}
    inputs.select(STATE.activation, STATE.activation.codes, functions.__getitem__)
    starts = {code: t(f"residual.init.{code}") for code in STATE.init.codes}
    inputs.select(STATE.init, STATE.init.codes, starts.__getitem__)
    inputs.toggle(STATE.normed)
    if inputs.toggle(STATE.skip):
        inputs.slider(STATE.strength)
    net = inputs.segmented(STATE.net)
    with st.container(horizontal=True):
        inputs.select(STATE.units if net == "fc" else STATE.filters, named="{:d}".format)
        inputs.number(STATE.draw)


def sentence_of(found: Signals) -> str:
    """What arrives forward and backward, measured and predicted."""
    if not found.deviation[-1] and not found.gradient[0]:
        return t("residual.signals_dead")
    deviation, gradient = words.number(found.deviation[-1]), words.number(found.gradient[0])
    first, last = found.layers[0], found.layers[-1]
    if not found.predicted_deviation:
        return t("residual.signals_unpredicted", deviation=deviation, gradient=gradient, first=first, last=last)
    said = t(
        "residual.signals_say",
        deviation=deviation,
        gradient=gradient,
        first=first,
        last=last,
        expected=words.number(found.predicted_deviation[-1]),
        expected_gradient=words.number(found.predicted_gradient[0]),
    )
    if found.settings.skip or not all((*found.growth, *found.predicted_growth)):
        return said
    (forward, back), (expected, expected_back) = found.growth, found.predicted_growth
    per_layer = t(
        "residual.signals_per_layer",
        forward=f"{forward:.3f}",
        expected=f"{expected:.3f}",
        backward=f"{back:.3f}",
        expected_backward=f"{expected_back:.3f}",
    )
    return f"{said}  \n{per_layer}"


def facts_of(found: Signals) -> list[tuple[str, str, str]]:
    """The four numbers of the strip."""
    predicted = found.predicted_deviation
    none = t("residual.fact.none")
    expected = t("residual.fact.expected", value=words.number(found.predicted_deviation[-1])) if predicted else none
    expected_back = t("residual.fact.expected", value=words.number(found.predicted_gradient[0])) if predicted else none
    what = "zero" if found.settings.activation in {"relu", "linear"} else "saturated"
    return [
        (t("residual.fact.forward"), words.number(found.deviation[-1]), expected),
        (t("residual.fact.backward"), words.number(found.gradient[0]), expected_back),
        (t("residual.fact.mean"), f"{found.mean[-1]:.3g}", t("residual.fact.mean_note")),
        (t("residual.fact.silent"), f"{100 * found.silent[-1]:.0f}%", t(f"residual.fact.{what}")),
    ]
