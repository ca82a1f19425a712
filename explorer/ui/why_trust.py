"""The lower parts of the page "Why this class?": Grad-CAM at every stage, and how far to trust a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explorer.errors import ExplorerError
from explorer.figures import attributions as figures
from explorer.ui import cached_why, controls, lab, layout, looking
from explorer.ui.cached_why import RANDOM, Look
from explorer.ui.why import Method, is_small, name, strongest
from explorer.ui.words import plain, t

if TYPE_CHECKING:
    from explorer.attributions import Curves

_NARROWEST = 120  # pixels of a tile


def show_stages(one: Look, target: int) -> None:
    """Grad-CAM behind every stage that has a map: from edges anywhere to the object."""
    layout.section(t("why.stages"), t("why.stages_note", name=looking.class_name(one.subject, target)))
    try:
        with st.spinner(t("why.working", method=name("grad-cam"))):
            grids = cached_why.grids(one)
    except ExplorerError as problem:
        st.warning(plain(problem, 300), icon=":material/block:")
        return
    strip = st.grid(columns=min(8, max(4, len(grids))), min_column_width=_NARROWEST)
    cells = [strip.container() for _ in grids]
    for cell, (stage, (rows, columns)) in zip(cells, grids.items(), strict=True):
        with cell, st.spinner(t("why.working", method=name("grad-cam"))):
            try:
                found = cached_why.attribution(one, "grad-cam", target, (), stage)
            except ExplorerError as problem:
                st.warning(plain(problem, 300), icon=":material/block:")
                continue
            drawn = cached_why.drawn(one, found, (), "overlay")
            where, share = strongest(drawn)
            size = f"{rows}×{columns}"
            st.image(
                drawn.png, width="stretch", alt=t("why.stage_alt", stage=stage, grid=size, where=where, share=share)
            )
            st.caption(f"**{stage}** · {size}  \n{where} {share} %")
    st.caption(t("why.upsampled"))


def show_trust(one: Look, target: int, chosen: tuple[Method, ...]) -> None:
    """Insertion and deletion curves of the chosen methods and of a random order, and the areas below them."""
    layout.section(t("why.trust"), t("why.trust_note"))
    # Two switches, for two defaults: what takes a second here takes minutes there.
    small = is_small(one)
    if not controls.switch("curves" if small else "curves-large", small) or not chosen:
        return
    found: dict[str, Curves] = {}
    try:
        with st.status(t("why.curves_working"), expanded=False) as status:
            for slug, options in (*chosen, (RANDOM, ())):
                status.update(label=t("why.curves_of", method=name(slug)))
                found[slug] = cached_why.curves(one, slug, target, options)
            status.update(label=t("why.curves_done"), state="complete")
            st.caption(t("why.curves_how"))
    except ExplorerError as problem:
        st.warning(plain(problem, 300), icon=":material/block:")
        return
    _draw(one, target, found)


def _draw(one: Look, target: int, found: dict[str, Curves]) -> None:
    areas = {slug: (curve.insertion_area, curve.deletion_area) for slug, curve in found.items()}
    theme, across, upright = layout.theme(), t("why.curve.share"), t("why.curve.probability")
    for column, kind, at in zip(st.columns(2, gap="large"), ("insertion", "deletion"), (0, 1), strict=True):
        lines = [
            figures.Line(
                name(slug),
                curve.share.tolist(),
                (curve.insertion if kind == "insertion" else curve.deletion).tolist(),
                baseline=slug == RANDOM,
            )
            for slug, curve in found.items()
        ]
        title = t(f"why.{kind}", name=looking.class_name(one.subject, target))
        with column:
            alt = f"{title}. " + "; ".join(f"{name(slug)} {pair[at]:.2f}" for slug, pair in areas.items())
            option = figures.probability_curves(lines, theme=theme, across=across, upright=upright, title=title)
            lab.echart(option, f"why-{kind}", alt, 340)
    rows = [
        {
            t("why.column_method"): name(slug),
            t("why.column_insertion"): round(pair[0], 3),
            t("why.column_deletion"): round(pair[1], 3),
        }
        for slug, pair in areas.items()
    ]
    st.dataframe(rows, hide_index=True)
