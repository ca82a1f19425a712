"""The dense block: how concatenation grows, what it costs, and what it leaves of early layers."""

from __future__ import annotations

import streamlit as st

from explorer import arithmetic
from explorer.blocks.reading import reuse
from explorer.figures import efficient as figures
from explorer.figures.efficient import Line, Look
from explorer.ui.cached.blocks import efficient as cached
from explorer.ui.parts.blocks.efficient import reading
from explorer.ui.parts.blocks.efficient.state import STATE
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.boundary import fragment
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs

_SIDE = 32
_DRAWN = 12


def show() -> None:
    """The block's desk, the trained weights, concatenation against addition."""
    fragment(_desk)
    layout.section(t("efficient.reading"), t("efficient.reading_note"))
    fragment(reading.show)


def _desk() -> None:
    columns = st.columns(4, vertical_alignment="bottom")
    with columns[0]:
        growth = inputs.slider(STATE.growth)
    with columns[1]:
        layers = inputs.slider(STATE.layers)
    with columns[2]:
        theta = inputs.select(STATE.theta)
    with columns[3]:
        bottleneck = inputs.toggle(STATE.bottleneck)
    k0 = 2 * growth
    _concat(k0, growth, layers, theta, bottleneck=bottleneck)
    left, right = st.columns(2, gap="medium")
    with left:
        _growth(growth, layers, theta, bottleneck=bottleneck)
    with right:
        _against_adding(k0, growth, layers)


def _concat(k0: int, growth: int, layers: int, theta: float, *, bottleneck: bool) -> None:
    """What each layer reads, by the layer that made it; and what the transition keeps."""
    costs = arithmetic.dense_block(k0, growth, layers, _SIDE, bottleneck=bottleneck)
    total = k0 + layers * growth
    kept, _ = arithmetic.transition(total, theta, _SIDE)
    rows_of, stacks = _sources(k0, growth, layers, kept)
    drawn = figures.bars(
        rows_of,
        stacks,
        theme=layout.theme(),
        across="n_C",
        title=t("efficient.concat_title"),
        labelled=layers <= _DRAWN,
    )
    sentence = t(
        "efficient.concat_say",
        k0=k0,
        growth=growth,
        layers=layers,
        total=total,
        theta=f"{theta:g}",
        kept=kept,
        weights=f"{sum(cost.weights for cost in costs):,}",
        macs=f"{sum(cost.macs for cost in costs) / 1e6:.1f}",
        side=_SIDE,
        connections=layers * (layers + 1) // 2,
    )
    st.markdown(sentence)
    table = [
        {
            t("efficient.column.layer"): number,
            t("efficient.column.reads"): cost.reads,
            t("efficient.column.adds"): growth,
            t("efficient.column.weights"): cost.weights,
            t("efficient.column.macs"): cost.macs,
        }
        for number, cost in enumerate(costs, start=1)
    ]
    code, height = (arithmetic.dense_block, arithmetic.transition), 130 + 22 * (layers + 2)
    exhibit.show(
        Exhibit(
            "efficient-concat", drawn, sentence, table, code=code, height=height, formula=r"n_C^{[l]} = k_0 + k\,(l-1)"
        )
    )


Stacks = list[tuple[str, int, list[float | None]]]


def _sources(k0: int, growth: int, layers: int, kept: int) -> tuple[list[str], Stacks]:
    """The names of the readers, and for every source how many of its channels each of them reads."""
    names = [t("efficient.layer", number=number) for number in range(1, layers + 1)]
    rows_of = [*names, t("efficient.transition_reads"), t("efficient.transition_keeps")]
    stacks: Stacks = [(t("efficient.block_input"), 7, [float(k0)] * (layers + 1) + [None])]
    for source in range(layers):
        read: list[float | None] = [None if reader <= source else float(growth) for reader in range(layers + 1)]
        stacks.append((names[source], source % _DRAWN, [*read, None]))
    stacks.append((t("efficient.transition_keeps"), 9, [*[None] * (layers + 1), float(kept)]))
    return rows_of, stacks


def _growth(growth: int, layers: int, theta: float, *, bottleneck: bool) -> None:
    rates = sorted({4, 8, 12, 16, 24, 32, 40, 48, 64, growth})
    found = [arithmetic.dense_network(k, layers, theta, bottleneck=bottleneck) for k in rates]
    here = found[rates.index(growth)]
    series = [
        Line(t("efficient.mega_weights"), 1, [(k, each.weights / 1e6) for k, each in zip(rates, found, strict=True)]),
        Line(t("efficient.giga"), 0, [(k, each.macs / 1e9) for k, each in zip(rates, found, strict=True)], "dash"),
        Line(t("efficient.here"), 3, [(growth, here.weights / 1e6), (growth, here.macs / 1e9)], "star"),
    ]
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across=t("efficient.growth"),
        upright="M / G",
        title=t("efficient.growth_title"),
        log=(True, True),
    )
    double = arithmetic.dense_network(2 * growth, layers, theta, bottleneck=bottleneck)
    depth = 3 * layers * (2 if bottleneck else 1) + 4
    sentence = t(
        "efficient.growth_say",
        depth=depth,
        growth=growth,
        weights=f"{here.weights / 1e6:.2f}",
        macs=f"{here.macs / 1e9:.2f}",
        times=f"{double.weights / here.weights:.2f}",
    )
    rows = [
        {
            t("efficient.growth"): k,
            t("efficient.column.ends"): each.reads,
            t("efficient.column.weights"): each.weights,
            t("efficient.column.macs"): each.macs,
        }
        for k, each in zip(rates, found, strict=True)
    ]
    code = (arithmetic.dense_network,)
    exhibit.show(Exhibit("efficient-growth", drawn, sentence, rows, code=code, height=300, note=sentence))


def _against_adding(k0: int, growth: int, layers: int) -> None:
    found = cached.reuse(k0, growth, layers)
    names = [str(number) for number in range(1, layers + 1)]
    looks: tuple[Look, Look] = ("line", "dash")
    series = [
        Line(name, colour, [(float(i), 100 * share) for i, share in enumerate(shares, start=1)], look)
        for look, (name, colour, shares) in zip(
            looks, ((t("efficient.concatenated"), 0, found.concat), (t("efficient.added"), 1, found.added)), strict=True
        )
    ]
    drawn = figures.lines(
        series,
        theme=layout.theme(),
        across=t("efficient.column.layer"),
        upright=t("efficient.readable_axis"),
        title=t("efficient.readable_title"),
        low=(1, 0),
    )
    sentence = t(
        "efficient.readable_say",
        dense=found.channels[0],
        width=found.channels[1],
        dense_weights=f"{found.weights[0]:,}",
        added_weights=f"{found.weights[1]:,}",
        first=f"{100 * found.added[0]:.0f}",
        last=f"{100 * found.added[-1]:.0f}",
    )
    rows = [
        {
            t("efficient.column.layer"): name,
            t("efficient.concatenated"): round(100 * a, 1),
            t("efficient.added"): round(100 * b, 1),
        }
        for name, a, b in zip(names, found.concat, found.added, strict=True)
    ]
    exhibit.show(Exhibit("efficient-reuse", drawn, sentence, rows, code=(reuse,), height=300, note=sentence))
