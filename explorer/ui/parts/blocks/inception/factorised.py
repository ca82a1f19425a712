"""Large kernels in small steps at equal field: what it saves, what it cannot express, and how a grid is halved."""

from __future__ import annotations

import streamlit as st

from explorer.arithmetic import factorised, field_of_input, grid_reductions, rf_window, weights_of
from explorer.figures import palette
from explorer.figures.inception import field_grid, kernel_png
from explorer.figures.inception_curves import bars
from explorer.figures.tiles import Tile
from explorer.records import Pair
from explorer.ui.cached.blocks import inception as cached
from explorer.ui.parts.blocks.inception.state import STATE
from explorer.ui.parts.blocks.inception.words import formula, percent, thousands
from explorer.ui.shell import exhibit, layout
from explorer.ui.shell.exhibit import Exhibit
from explorer.ui.shell.words import t
from explorer.ui.widgets import inputs


def show() -> None:
    """The view."""
    layout.section(t("inception.steps"), t("inception.steps_note"))
    _equal_field()
    _rank_one()
    _grid()


# --- the same field ---------------------------------------------------------------------------------------------------


def _equal_field() -> None:
    left, middle, right = st.columns([3, 1, 1], gap="medium", vertical_alignment="bottom")
    with left:
        how = inputs.segmented(STATE.how)
    with middle:
        n = inputs.select(STATE.kernel)
    with right:
        channels = inputs.number(STATE.channels)
    whole, chain = ((n, n),), factorised(n, how)
    one, many = weights_of(whole), weights_of(chain)
    field = _field(chain)
    steps = " + ".join(f"{f_h}·{f_w}" for f_h, f_w in chain)
    said = t(
        "inception.field_say",
        n=n,
        one=one,
        steps=steps,
        many=many,
        field=f"{field[0]}×{field[1]}",
        saved=percent(1 - many / one, 0) if many <= one else f"−{percent(many / one - 1, 0)}",
        weights=thousands(many * channels**2),
        instead=thousands(one * channels**2),
        channels=channels,
    )
    st.markdown(said)
    if len(chain) == 1:
        st.caption(t("inception.no_stack"))
    drawn = []
    for key, kernels in (("whole", whole), ("chain", chain)):
        names = " → ".join(f"{f_h}×{f_w}" for f_h, f_w in kernels)
        title = t("inception.paths_title", kernels=names)
        fig = field_grid(kernels, theme=layout.theme(), title=title)
        rows = [{t("inception.kernel_column"): f"{h}×{w}", t("inception.weights_each"): h * w} for h, w in kernels]
        drawn.append(Exhibit(f"inception-field-{key}", fig, said, rows, note=title, code=(factorised, field_grid)))
    exhibit.side_by_side(drawn)


def _field(kernels: tuple[Pair, ...]) -> Pair:
    """Side of the receptive field of a chain."""
    field = field_of_input()
    for kernel in kernels:
        field = rf_window(field, kernel, (1, 1))
    return field.size


# --- what a pair cannot express ---------------------------------------------------------------------------------------


def _rank_one() -> None:
    layout.section(t("inception.rank_one"), t("inception.rank_one_note"))
    side = inputs.select(STATE.trained, named=lambda n: f"{n}×{n}")
    with layout.waiting():
        found = cached.separable(side)
    names = [str(k) for k in range(1, side + 1)]
    groups = [
        (t("inception.trained_kernels"), palette.BLUE, [100 * mean for mean in found.means]),
        (t("inception.random_kernels"), palette.SLATE, [100 * mean for mean in found.random_means]),
    ]
    title = t("inception.pairs_title", side=side)
    option = bars(names, groups, theme=layout.theme(), upright="%", title=title)
    said = t(
        "inception.pairs_say",
        count=thousands(found.kernels),
        side=side,
        mean=percent(found.means[0], 0),
        random=percent(found.random_means[0], 0),
        two=percent(found.means[1], 0),
    )
    rows = [
        {t("inception.pairs"): k, groups[0][0]: round(mine, 2), groups[1][0]: round(other, 2)}
        for k, mine, other in zip(names, groups[0][2], groups[1][2], strict=True)
    ]
    st.markdown(said)
    tiles = []
    for share, kernel, nearest in found.examples:
        limit = max(abs(value) for row in kernel for value in row)
        tiles.append(Tile(kernel_png(kernel, limit), t("inception.kernel_kept", share=percent(share, 0))))
        tiles.append(Tile(kernel_png(nearest, limit), t("inception.kernel_pair")))
    exhibit.show(Exhibit("inception-kernels", tuple(tiles), said, width=116), details=False)
    exhibit.show(Exhibit("inception-pairs", option, said, rows, formula=_PAIR, code=_code, height=280))


_PAIR = r"K = \sum_{k=1}^{n} \sigma_k\, u_k v_k^{\top}, \qquad \text{1 pair: } K \approx \sigma_1 u_1 v_1^{\top}"


def _code() -> exhibit.Code:
    from explorer.blocks.outer_products import best_pair, separable_share

    return separable_share, best_pair


# --- halving the grid -------------------------------------------------------------------------------------------------


def _grid() -> None:
    layout.section(t("inception.halving"), t("inception.halving_note"))
    left, right = st.columns(2)
    with left:
        side = inputs.number(STATE.grid)
    with right:
        n = inputs.number(STATE.deep)
    ways = grid_reductions(side, n)
    early, parallel = ways[1], ways[2]
    said = t(
        "inception.halving_say",
        early=formula(early.macs),
        parallel=formula(parallel.macs),
        narrow=thousands(early.narrowest),
        wide=thousands(parallel.narrowest),
    )
    names = [t(f"inception.way.{way.name}") for way in ways]
    title, upright = t("inception.halving_title"), t("inception.in_millions")
    groups = [(t("inception.fact_macs"), palette.BLUE, [way.macs.value / 1e6 for way in ways])]
    option = bars(names, groups, theme=layout.theme(), upright=upright, title=title)
    rows = [
        {
            t("inception.way_column"): name,
            t("inception.fact_out"): "×".join(map(str, way.shape)),
            t("inception.fact_macs"): str(way.macs),
            t("inception.narrowest"): way.narrowest,
        }
        for name, way in zip(names, ways, strict=True)
    ]
    st.markdown(said)
    exhibit.show(Exhibit("inception-halving", option, said, rows, code=(grid_reductions,), height=280))
