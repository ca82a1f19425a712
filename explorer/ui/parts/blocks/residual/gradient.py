"""The gradient chain with its "1 +": in symbols, then measured block by block, plain and residual, same weights."""

from __future__ import annotations

import streamlit as st

from explorer.records.residual import GradientChain
from explorer.ui.cached.blocks import residual as cached_residual
from explorer.ui.parts.blocks.residual import words
from explorer.ui.parts.blocks.residual.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_PLAIN = (
    r"\frac{\partial E}{\partial x_l} = \frac{\partial E}{\partial x_L} \prod_{i=l}^{L-1} "
    r"\frac{\partial F_i}{\partial x_i}"
)
_RESIDUAL = (
    r"\frac{\partial E}{\partial x_l} = \frac{\partial E}{\partial x_L} \prod_{i=l}^{L-1} "
    r"\left(\mathbf{1} + \frac{\partial F_i}{\partial x_i}\right) = \frac{\partial E}{\partial x_L} "
    r"\left(\mathbf{1} + \frac{\partial}{\partial x_l} \sum_{i=l}^{L-1} F_i(x_i)\right)"
)
_WRITTEN = 4  # factors that are written out at either end


def show() -> None:
    """Both formulas, the controls, the norms of the gradient and the factors, and the products with their numbers."""
    layout.section(t("residual.chain_title"), t("residual.chain_note"))
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown(f"**{t('residual.arm.plain')}**: $x_{{l+1}} = F_l(x_l)$")
        st.latex(_PLAIN)
    with right:
        st.markdown(f"**{t('residual.arm.residual')}**: $x_{{l+1}} = x_l + F_l(x_l)$")
        st.latex(_RESIDUAL)
    first, second, third = st.columns([3, 3, 2], gap="medium", vertical_alignment="bottom")
    with first:
        blocks = inputs.slider(STATE.blocks)
    with second:
        gain = inputs.slider(STATE.gain)
    with third:
        seed = inputs.number(STATE.chain)
    with layout.waiting():
        found = cached_residual.gradient_chain(blocks, gain, seed)
    st.latex(_product(found.plain_factors, found.plain[0]))
    st.latex(_product(found.residual_factors, found.residual[0], found.branch))
    sentence = _sentence(found)
    st.markdown(sentence)
    exhibit.side_by_side([_norms(found, sentence), _factors(found, sentence)])
    words.code(lambda: _code(blocks, gain, seed))


def _code(blocks: int, gain: float, seed: int) -> str:
    from explorer.blocks.residual_code import chain_code

    return chain_code(blocks, gain, seed)


def _sentence(found: GradientChain) -> str:
    return t(
        "residual.chain_say",
        blocks=found.blocks,
        plain=words.number(found.plain[0]),
        residual=words.number(found.residual[0]),
        predicted_plain=words.number(found.predicted_plain[0]),
        predicted_residual=words.number(found.predicted_residual[0]),
        branch=f"{sum(found.branch) / found.blocks:.2f}",
    )


def _product(factors: tuple[float, ...], whole: float, branch: tuple[float, ...] = ()) -> str:
    """The product of all factors, the block next to the output first; those in the middle are dots."""
    written = [f"{factor:.2f}" for factor in reversed(factors)]
    if len(written) > 2 * _WRITTEN:
        written = [*written[:_WRITTEN], r"\cdots", *written[-_WRITTEN:]]
    name = t("residual.arm.residual" if branch else "residual.arm.plain")
    note = rf"\qquad (\mathbf{{1}}\text{{ + }}{branch[-1]:.2f} \to {factors[-1]:.2f})" if branch else ""
    product = r" \cdot ".join(written)
    return rf"\text{{{name}}}:\ {product} = {_scientific(whole)}{note}"


def _scientific(value: float) -> str:
    if 1e-3 <= value < 1e5:
        return f"{value:.3g}" if value < 1e3 else f"{value:,.0f}".replace(",", "{,}")
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def _norms(found: GradientChain, sentence: str) -> Exhibit:
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    places = range(1, len(found.plain) + 1)
    axes = {"x": t("residual.chain_x"), "y": t("residual.chain_y")}
    plain, residual = t("residual.arm.plain"), t("residual.arm.residual")
    curves = [
        Line(plain, list(zip(places, found.plain, strict=True)), palette.PLAIN),
        Line(residual, list(zip(places, found.residual, strict=True)), palette.RESIDUAL),
        Line(
            t("residual.expected", name=plain),
            list(zip(places, found.predicted_plain, strict=True)),
            palette.AMBER,
            dashed=True,
        ),
        Line(
            t("residual.expected", name=residual),
            list(zip(places, found.predicted_residual, strict=True)),
            palette.SKY,
            dashed=True,
        ),
    ]
    option = lines(curves, theme=layout.theme(), words=axes, title=t("residual.chain_norms"), logarithmic=True)
    return Exhibit("residual-norms", option, sentence, height=360)


def _factors(found: GradientChain, sentence: str) -> Exhibit:
    from explorer.blocks.gradient_chain import gradient_chain, gradients
    from explorer.figures import palette
    from explorer.figures.signals import Line, lines

    places = range(1, found.blocks + 1)
    axes = {"x": t("residual.block_x"), "y": t("residual.factor_y")}
    named = (
        (t("residual.factor_plain"), found.plain_factors, palette.PLAIN, False),
        (t("residual.factor_residual"), found.residual_factors, palette.RESIDUAL, False),
        (t("residual.factor_branch"), found.branch, palette.PINK, False),
        (t("residual.factor_one"), (1.0,) * found.blocks, palette.SLATE, True),
    )
    curves = [Line(name, list(zip(places, values, strict=True)), colour, dash) for name, values, colour, dash in named]
    option = lines(curves, theme=layout.theme(), words=axes, title=t("residual.factors"))
    rows = [
        {axes["x"]: place, **{name: round(values[place - 1], 4) for name, values, _, _ in named[:3]}}
        | {
            t("residual.norm_plain"): float(f"{found.plain[place - 1]:.4g}"),
            t("residual.norm_residual"): float(f"{found.residual[place - 1]:.4g}"),
        }
        for place in places
    ]
    return Exhibit(
        "residual-factors", option, sentence, rows, formula=_RESIDUAL, code=(gradient_chain, gradients), height=360
    )
