"""Batch normalisation on a real batch, channel by channel; and a deep tanh network with and without it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explorer.blocks.depth import LAYERS, SATURATED, WIDTH
from explorer.blocks.snippets import saturation_code
from explorer.figures import nonlinear as figures, palette
from explorer.records.nonlinear import ChannelStatistics, NormalizedBatch
from explorer.ui.cached.blocks import nonlinearities as cached, nonlinearities_batches as cached_batches
from explorer.ui.parts.blocks.nonlinearities import modes
from explorer.ui.parts.blocks.nonlinearities.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Code, Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_SEED = 0


def show() -> None:
    """A batch and one of its channels; saturation through depth; training against evaluation."""
    layout.section(t("nonlinearities.normalise"), t("nonlinearities.normalise_note"))
    code = inputs.segmented(STATE.batch)
    with layout.waiting():
        batch = cached_batches.batch(code)
    _channels(batch)
    fragment(partial(_channel, batch, code))
    layout.let_it_paint("batchnorm", code)
    fragment(_saturation)
    fragment(modes.show)


# --- a batch ----------------------------------------------------------------------------------------------------------


def _channels(batch: NormalizedBatch) -> None:
    """All channels before and after: mean and standard deviation."""
    before = [(each.mean, each.variance**0.5) for each in batch.channels]
    after = [(0.0, (each.variance / (each.variance + batch.epsilon)) ** 0.5) for each in batch.channels]
    words = {"channel": t("nonlinearities.channel"), "value": t("nonlinearities.mean_std")}
    widest = max(batch.channels, key=lambda each: each.variance)
    narrow = min(batch.channels, key=lambda each: each.variance)
    said = t(
        "nonlinearities.batch_says",
        shape=" × ".join(map(str, batch.shape)),
        count=f"{batch.shape[0] * batch.shape[2] * batch.shape[3]:,}",
        wide=widest.channel,
        most=f"{widest.variance**0.5:.3g}",
        narrow=narrow.channel,
        least=f"{narrow.variance**0.5:.3g}",
    )
    running = [f"{mean:.4g}" for mean, _ in batch.running] or [""] * len(before)
    rows = [
        {
            t("nonlinearities.channel"): each.channel,
            "μ": round(each.mean, 4),
            "σ²": round(each.variance, 4),
            t("nonlinearities.running_mean"): kept,
        }
        for each, kept in zip(batch.channels, running, strict=True)
    ]
    drawn = [
        figures.boxes([(name, values, colour)], theme=layout.theme(), words=words, title=name)
        for name, values, colour in (
            (t("nonlinearities.before_norm"), before, palette.BEFORE),
            (t("nonlinearities.after_norm"), after, palette.AFTER),
        )
    ]
    exhibit.side_by_side(
        [
            Exhibit("batch-before", drawn[0], said, rows=rows, height=260),
            Exhibit("batch-after", drawn[1], said, rows=rows, code=_code, height=260),
        ]
    )
    st.markdown(said)


def _code() -> Code:
    from explorer.inspection import normalized_batch

    return (normalized_batch,)


def _channel(batch: NormalizedBatch, code: str) -> None:
    """One channel with its arithmetic: normalised, then gamma and beta, which may undo it."""
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        number = inputs.number(STATE.channel, high=len(batch.channels) - 1, owner=code)
    with right:
        affine = inputs.segmented(STATE.affine)
    one = batch.channels[number]
    sigma = (one.variance + batch.epsilon) ** 0.5
    gamma, beta = {"initial": (1.0, 0.0), "undo": (sigma, one.mean)}.get(affine, (0.0, 0.0))
    if affine == "own":
        with left:
            gamma = float(inputs.slider(STATE.gamma))
        with right:
            beta = float(inputs.slider(STATE.beta))
    steps = [
        (t("nonlinearities.curve_z"), 1.0, 0.0, palette.SLATE),
        (t("nonlinearities.curve_hat"), 1 / sigma, -one.mean / sigma, palette.BLUE),
        (t("nonlinearities.curve_y"), gamma / sigma, beta - gamma * one.mean / sigma, palette.ORANGE),
    ]
    words = {"value": t("nonlinearities.value"), "density": t("nonlinearities.density")}
    title = t("nonlinearities.one_channel", number=number)
    option = figures.channel(one, steps, theme=layout.theme(), words=words, title=title)
    normal = (one.first - one.mean) / sigma
    after = gamma * normal + beta
    said = t(
        f"nonlinearities.affine_{affine}",
        gamma=f"{gamma:.4g}",
        beta=f"{beta:.4g}",
        mean=f"{beta:.4g}",
        std=f"{abs(gamma) * one.variance**0.5 / sigma:.4g}",
    )
    exhibit.show(Exhibit("channel", option, said, rows=_rows(one, gamma, beta), formula=_FORMULA, height=320))
    st.latex(_working(one, batch.epsilon, normal, gamma, beta, after))
    st.markdown(said)


_FORMULA = r"\hat x=\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}},\qquad y=\gamma\,\hat x+\beta"


def _rows(one: ChannelStatistics, gamma: float, beta: float) -> list[dict[str, object]]:
    return [{"μ": one.mean, "σ²": one.variance, "γ": gamma, "β": beta}]


def _working(one: ChannelStatistics, epsilon: float, normal: float, gamma: float, beta: float, after: float) -> str:
    """One value with its numbers put in."""
    power = f"{epsilon:.0e}".replace("e-0", r"\cdot 10^{-") + "}"
    top = f"{one.first:.4g}-({one.mean:.4g})"
    hat = rf"\hat x=\frac{{{top}}}{{\sqrt{{{one.variance:.4g}+{power}}}}}={normal:.4g}"
    out = rf"y={gamma:.4g}\cdot({normal:.4g})+({beta:.4g})={after:.4g}"
    return rf"\begin{{gathered}}{hat}\\[4pt]{out}\end{{gathered}}"


# --- through depth ----------------------------------------------------------------------------------------------------


def _saturation() -> None:
    """Saturated tanh units, layer by layer, with and without normalisation."""
    layout.section(t("nonlinearities.tanh"), t("nonlinearities.tanh_note", width=WIDTH, limit=SATURATED))
    scale = float(inputs.select_slider(STATE.scale, t(STATE.scale.words)))
    with layout.waiting():
        bare, normed = (cached.saturation(scale, norm, _SEED) for norm in (False, True))
    lines = [
        (t("nonlinearities.without"), bare.saturated, palette.ORANGE),
        (t("nonlinearities.with"), normed.saturated, palette.BLUE),
    ]
    words = {"layer": t("nonlinearities.layer"), "share": t("nonlinearities.saturated")}
    option = figures.shares_by_layer(lines, theme=layout.theme(), words=words, title=t("nonlinearities.tanh_title"))
    said = t(
        "nonlinearities.tanh_says",
        scale=f"{scale:g}",
        last=LAYERS,
        bare=f"{100 * bare.saturated[-1]:.1f}",
        normed=f"{100 * normed.saturated[-1]:.1f}",
        std=f"{bare.std[-1]:.2g}",
        kept=f"{normed.std[-1]:.2g}",
    )
    rows = [
        {
            t("nonlinearities.layer"): index + 1,
            t("nonlinearities.without"): round(100 * bare.saturated[index], 2),
            t("nonlinearities.with"): round(100 * normed.saturated[index], 2),
        }
        for index in range(LAYERS)
    ]
    exhibit.show(Exhibit("saturation", option, said, rows=rows, note=said, code=_depth_code, height=320))
    with st.expander(t("nonlinearities.code"), icon=":material/code:"):
        st.code(saturation_code(scale, True, _SEED), language="python")


def _depth_code() -> Code:
    from explorer.blocks.depth import saturation

    return (saturation,)
